// The calls of a Connect REST API that the commands make, with the shapes of their answers.
import { isNotFound } from './client-error.ts'
import type { HttpClient } from './http.ts'

export type Config = Readonly<Record<string, string | null>>
export type State = 'RUNNING' | 'PAUSED' | 'STOPPED'

export interface ConnectorInfo {
  readonly name: string
  readonly config: Config
  readonly tasks: readonly { readonly connector: string; readonly task: number }[]
  readonly type: string
}

export interface StateEntry {
  readonly state: string
  readonly worker_id: string
  readonly trace?: string
  readonly version?: string
}

export interface ConnectorStatus {
  readonly name: string
  readonly connector: StateEntry
  readonly tasks: readonly (StateEntry & { readonly id: number })[]
  readonly type: string
}

/** A connector with its status; one created a moment ago may have none. */
export interface Expanded {
  readonly info: ConnectorInfo
  readonly status?: ConnectorStatus
}

export interface OffsetEntry {
  readonly partition: Readonly<Record<string, unknown>>
  readonly offset: Readonly<Record<string, unknown>> | null
}

export interface Plugin {
  readonly class: string
  readonly type: string
  readonly version?: string
}

export interface KeyDefinition {
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly default_value: string | null
  readonly importance: string
  readonly documentation: string
  readonly group: string | null
}

export interface Validation {
  readonly name: string
  readonly error_count: number
  readonly configs: readonly { readonly value: { readonly name: string; readonly errors: readonly string[] } }[]
}

/** The REST API of one cluster. All calls reject as {@link HttpClient.call} does. */
export class ConnectApi {
  readonly http: HttpClient

  constructor(http: HttpClient) {
    this.http = http
  }

  worker(): Promise<{ readonly version: string; readonly commit: string; readonly kafka_cluster_id: string | null }> {
    return this.http.call('GET', '/')
  }
  names(): Promise<string[]> {
    return this.http.call('GET', '/connectors')
  }
  /** All connectors, by name in order. */
  async all(): Promise<Map<string, Expanded>> {
    const found = await this.http.call<Record<string, Partial<Expanded>>>(
      'GET',
      '/connectors?expand=info&expand=status',
    )
    const whole = Object.entries(found).filter((entry): entry is [string, Expanded] => entry[1].info !== undefined)
    return new Map(whole.sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  info(name: string): Promise<ConnectorInfo> {
    return this.http.call('GET', pathOf(name))
  }
  status(name: string): Promise<ConnectorStatus> {
    return this.http.call('GET', pathOf(name, '/status'))
  }
  /** Undefined for a connector that is not there. */
  async find(name: string): Promise<ConnectorInfo | undefined> {
    return orUndefined(this.info(name))
  }
  async findStatus(name: string): Promise<ConnectorStatus | undefined> {
    return orUndefined(this.status(name))
  }
  create(name: string, config: Config, state?: State): Promise<ConnectorInfo> {
    const body = { name, config, ...(state !== undefined && state !== 'RUNNING' && { initial_state: state }) }
    return this.http.call('POST', '/connectors', body)
  }
  putConfig(name: string, config: Config): Promise<ConnectorInfo> {
    return this.http.call('PUT', pathOf(name, '/config'), config)
  }
  delete(name: string): Promise<void> {
    return this.http.call('DELETE', pathOf(name))
  }
  setState(name: string, state: State): Promise<void> {
    const verb = { RUNNING: 'resume', PAUSED: 'pause', STOPPED: 'stop' }[state]
    return this.http.call('PUT', pathOf(name, `/${verb}`))
  }
  restart(name: string, includeTasks: boolean, onlyFailed: boolean): Promise<ConnectorStatus | undefined> {
    return this.http.call('POST', pathOf(name, `/restart?includeTasks=${includeTasks}&onlyFailed=${onlyFailed}`))
  }
  restartTask(name: string, task: number): Promise<void> {
    return this.http.call('POST', pathOf(name, `/tasks/${task}/restart`))
  }
  tasks(name: string): Promise<readonly { readonly id: { readonly task: number }; readonly config: Config }[]> {
    return this.http.call('GET', pathOf(name, '/tasks'))
  }
  async topics(name: string): Promise<readonly string[]> {
    const found = await this.http.call<Record<string, { readonly topics: string[] }>>('GET', pathOf(name, '/topics'))
    return [...(found[name]?.topics ?? [])].sort()
  }
  async offsets(name: string): Promise<readonly OffsetEntry[]> {
    const { offsets } = await this.http.call<{ readonly offsets: OffsetEntry[] }>('GET', pathOf(name, '/offsets'))
    return offsets
  }
  async alterOffsets(name: string, offsets: readonly OffsetEntry[]): Promise<string> {
    return (await this.http.call<{ readonly message: string }>('PATCH', pathOf(name, '/offsets'), { offsets })).message
  }
  async resetOffsets(name: string): Promise<string> {
    return (await this.http.call<{ readonly message: string }>('DELETE', pathOf(name, '/offsets'))).message
  }
  plugins(connectorsOnly: boolean): Promise<readonly Plugin[]> {
    return this.http.call('GET', `/connector-plugins?connectorsOnly=${connectorsOnly}`)
  }
  pluginConfig(className: string): Promise<readonly KeyDefinition[]> {
    return this.http.call('GET', `/connector-plugins/${encodeURIComponent(className)}/config`)
  }
  validate(className: string, config: Config): Promise<Validation> {
    return this.http.call('PUT', `/connector-plugins/${encodeURIComponent(className)}/config/validate`, config)
  }
  loggers(): Promise<Record<string, { readonly level: string; readonly last_modified: number | null }>> {
    return this.http.call('GET', '/admin/loggers')
  }
}

function pathOf(name: string, rest = ''): string {
  return `/connectors/${encodeURIComponent(name)}${rest}`
}

async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
