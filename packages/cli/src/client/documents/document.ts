// One connector as a file describes it, whatever form the file has.
import { ExitCode } from '../../exit-codes.ts'
import { ClientError } from '../client-error.ts'
import type { Config, State } from '../connect-api.ts'

/** What a connector should be like. */
export interface ConnectorDocument {
  readonly name: string
  /** With its `name`. */
  readonly config: Config
  /** The state to create it in. */
  readonly initialState?: State
  /** The state it should have, now and after every apply. */
  readonly state?: State
  /** File and number of the document in it, for messages. */
  readonly source: string
}

const STATES = new Set(['RUNNING', 'PAUSED', 'STOPPED'])
const WRAPPER_KEYS = new Set(['name', 'config', 'initial_state', 'state', 'tasks', 'type'])

/**
 * Reads a document in any of its forms: `{name, config, initial_state?, state?}` as the REST API takes and gives it, a flat
 * configuration with its `name`, the answer of `GET /connectors?expand=info`, a list of these, or a Strimzi KafkaConnector.
 * @throws ClientError naming the source and what is wrong
 */
export function documentsOf(value: unknown, source: string): ConnectorDocument[] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.flatMap((one, at) => documentsOf(one, `${source}[${at}]`))
  if (!isObject(value)) throw wrong(source, 'it is no object')
  if (value.kind === 'KafkaConnector') return [fromStrimzi(value, source)]
  if (isObject(value.config)) return [wrapped(value, value.config, source)]
  if (isExpanded(value)) {
    return Object.entries(value).flatMap(([name, one]) =>
      documentsOf((one as { info: unknown }).info, `${source}.${name}`),
    )
  }
  return [flat(value, source)]
}

function wrapped(value: Record<string, unknown>, raw: Record<string, unknown>, source: string): ConnectorDocument {
  const extra = Object.keys(value).find((key) => !WRAPPER_KEYS.has(key))
  if (extra !== undefined)
    throw wrong(source, `'${extra}' beside 'config' is not known; there may be name, initial_state and state`)
  const config = textMap(raw, source)
  const name = value.name ?? config.name
  const initialState = stateOf(value.initial_state, 'initial_state', source)
  const state = stateOf(value.state, 'state', source)
  return finished(name, config, source, {
    ...(initialState !== undefined && { initialState }),
    ...(state !== undefined && { state }),
  })
}

function flat(value: Record<string, unknown>, source: string): ConnectorDocument {
  const config = textMap(value, source)
  return finished(config.name, config, source, {})
}

/** https://strimzi.io/docs: spec.class, spec.tasksMax, spec.config, spec.state and the older spec.pause. */
function fromStrimzi(value: Record<string, unknown>, source: string): ConnectorDocument {
  const { metadata, spec } = value
  if (!isObject(metadata) || !isObject(spec)) throw wrong(source, 'a KafkaConnector has metadata and spec')
  const { class: className, tasksMax, config } = spec
  if (typeof className !== 'string') throw wrong(source, 'its spec has no class')
  const settings = {
    'connector.class': className,
    ...(tasksMax !== undefined && { 'tasks.max': String(tasksMax) }),
    ...(isObject(config) && textMap(config, source)),
  }
  const paused = isTrue(spec.pause) ? 'PAUSED' : undefined
  const state = stateOf(spec.state ?? paused, 'spec.state', source)
  return finished(metadata.name, settings, source, { ...(state !== undefined && { state }) })
}

function finished(
  name: unknown,
  config: Config,
  source: string,
  states: Pick<ConnectorDocument, 'initialState' | 'state'>,
): ConnectorDocument {
  if (typeof name !== 'string' || name.trim() === '') throw wrong(source, "it has no 'name'")
  if (config.name != null && config.name !== name) {
    throw wrong(source, `it has two names, '${name}' and, in its config, '${config.name}'`)
  }
  if (config['connector.class'] == null) throw wrong(source, "it has no 'connector.class'")
  return { name: name.trim(), config: { ...config, name: name.trim() }, source, ...states }
}

function stateOf(value: unknown, key: string, source: string): State | undefined {
  if (value === undefined || value === null) return undefined
  const state = String(value).toUpperCase()
  if (STATES.has(state)) return state as State
  throw wrong(source, `its ${key} is '${String(value)}'; it may be running, paused or stopped`)
}

/** Null says that a key is not there. Numbers come as they were written. */
function textMap(value: Record<string, unknown>, source: string): Record<string, string> {
  const map: Record<string, string> = {}
  for (const [key, one] of Object.entries(value)) {
    if (one === null || one === undefined) continue
    const text = scalarText(one)
    if (text === undefined)
      throw wrong(source, `the value of '${key}' is a list or an object; a worker takes texts only`)
    map[key] = text
  }
  return map
}

function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  // A number kept as it was written.
  return isObject(value) && typeof value.rawJSON === 'string' && Object.getPrototypeOf(value) === null
    ? value.rawJSON
    : undefined
}

function isExpanded(value: Record<string, unknown>): boolean {
  const all = Object.values(value)
  return all.length > 0 && all.every((one) => isObject(one) && isObject(one.info))
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(source: string, what: string): ClientError {
  return new ClientError(ExitCode.START, `${source} describes no connector: ${what}.`)
}
