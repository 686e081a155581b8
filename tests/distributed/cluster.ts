// Workers of one group in processes of their own, ours and the JVM's: started, stopped and killed in one way, asked over REST.
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type ConnectJvm,
  distributedProps,
  freePorts,
  ServiceProcess,
  startConnectJvmGroup,
  type TemporaryFolder,
  until,
} from '@millrace/testkit'

const ROOT = new URL('../..', import.meta.url).pathname
const START_MS = 60_000
const SETTLE_MS = 90_000
const STOP_MS = 30_000
/** Longer than a request waits for a rebalance: what takes longer hangs. */
const ANSWER_MS = 100_000

/** Short, as the least that a broker allows: a killed worker is missed after this many milliseconds. */
export const SESSION_TIMEOUT_MS = 6_000

/** Which make a worker is. */
export type Kind = 'millrace' | 'jvm'

/** Connector configurations by name. */
export type Connectors = Readonly<Record<string, Readonly<Record<string, string>>>>

/** One worker of the cluster: it keeps its address and configuration however often it is started. */
export interface Member {
  readonly kind: Kind
  readonly url: string
  readonly workerId: string
  readonly isRunning: boolean
  readonly logFile: string
  /** Starts it; resolves when it has joined. */
  start(): Promise<void>
  /** SIGTERM; resolves when it is gone. */
  stop(): Promise<void>
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly body: unknown
}

interface Status {
  readonly connector: { readonly state: string; readonly worker_id: string }
  readonly tasks: readonly {
    readonly id: number
    readonly state: string
    readonly worker_id: string
    readonly trace?: string
  }[]
}

/** Who is in the cluster, and what every worker's configuration says. */
export interface ClusterOptions {
  readonly millrace?: number
  readonly jvm?: number
  readonly properties?: Readonly<Record<string, string>>
}

/** A cluster of workers over one group and its topics. */
export class Cluster implements AsyncDisposable {
  readonly members: readonly Member[]
  readonly groupId: string
  readonly #jvms: readonly ConnectJvm[]

  private constructor(groupId: string, jvms: readonly ConnectJvm[], ours: readonly Member[]) {
    this.groupId = groupId
    this.#jvms = jvms
    this.members = [...jvms.map(jvmMember), ...ours]
  }

  /** JVM workers run when this resolves, ours do not yet: who is first in a group leads it. */
  static async create(folder: TemporaryFolder, bootstrap: string, options: ClusterOptions): Promise<Cluster> {
    const groupId = `cluster-${randomBytes(6).toString('hex')}`
    const properties = {
      'session.timeout.ms': String(SESSION_TIMEOUT_MS),
      'heartbeat.interval.ms': '500',
      'offset.flush.interval.ms': '300',
      ...options.properties,
    }
    const ports = await freePorts(options.millrace ?? 0)
    const ours = await Promise.all(
      ports.map(async (port, i) => {
        const file = folder.file(`worker-${i}.properties`)
        const all = { ...distributedProps(bootstrap, groupId, port), ...properties }
        await writeFile(
          file,
          Object.entries(all)
            .map(([key, value]) => `${key}=${value}\n`)
            .join(''),
        )
        return new MillraceMember(port, file, folder.file(`worker-${i}.log`))
      }),
    )
    const jvms = options.jvm ? await startConnectJvmGroup(options.jvm, { bootstrap, groupId, properties }) : []
    return new Cluster(groupId, jvms, ours)
  }

  of(kind: Kind): readonly Member[] {
    return this.members.filter((one) => one.kind === kind)
  }
  get up(): readonly Member[] {
    return this.members.filter((one) => one.isRunning)
  }

  /** Creates connectors, or changes them, through one member; asks again as long as the group rebalances. */
  async configure(member: Member, connectors: Connectors): Promise<void> {
    for (const [name, config] of Object.entries(connectors)) {
      await until(
        `${name} is configured`,
        async () => {
          const { status, body } = await ask(member, 'PUT', `/connectors/${name}/config`, config)
          if (status === 409) return false
          if (status >= 300) throw new Error(`${status}: ${JSON.stringify(body)}`)
          return true
        },
        { everyMs: 100 },
      )
    }
  }

  /**
   * Waits until every connector and each of its `tasks` runs on a worker that is up, whichever worker is asked. Nothing is
   * restarted by hand; a failed task is an error at once.
   */
  async settled(tasks: Readonly<Record<string, number>>, by: readonly Member[] = this.up): Promise<void> {
    let seen: unknown
    let failed: string | undefined
    const fact = async () => {
      const up = new Set(this.up.map((one) => one.workerId))
      for (const member of by) {
        for (const [name, count] of Object.entries(tasks)) {
          const { status, body } = await ask(member, 'GET', `/connectors/${name}/status`)
          seen = { asked: member.url, name, status, body }
          if (status !== 200) return false
          const parts = [(body as Status).connector, ...(body as Status).tasks]
          failed = parts.map((part) => (part.state === 'FAILED' ? JSON.stringify(part) : undefined)).find(Boolean)
          if (failed !== undefined) return true
          if (parts.length !== count + 1) return false
          if (parts.some((part) => part.state !== 'RUNNING' || !up.has(part.worker_id))) return false
        }
      }
      return true
    }
    try {
      await until('everything runs on workers that are up', fact, { timeoutMs: SETTLE_MS, everyMs: 100 })
    } catch (cause) {
      throw new Error(`It does not settle. Last seen: ${JSON.stringify(seen)}\n${this.lastOutput()}`, { cause })
    }
    if (failed !== undefined) throw new Error(`Failed, and nothing restarts it: ${failed}\n${this.lastOutput()}`)
  }

  /** The end of what each worker of ours has said. */
  lastOutput(): string {
    return this.of('millrace')
      .map((one) => `${one.workerId}:\n${(one as MillraceMember).lastOutput()}`)
      .join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.of('millrace').map((one) => one.kill()))
    await Promise.all(this.#jvms.map((one) => one.stop()))
  }
}

/** One request; `status` 0 when nobody answered. */
export async function ask(member: Member, method: string, path: string, body?: unknown): Promise<Answer> {
  try {
    const response = await fetch(`${member.url}${path}`, {
      method,
      signal: AbortSignal.timeout(ANSWER_MS),
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text) }
  } catch (error) {
    const { cause } = error as Error
    return { status: 0, body: cause === undefined ? String(error) : `${error}: ${cause}` }
  }
}

class MillraceMember implements Member {
  readonly kind = 'millrace'
  readonly url: string
  readonly workerId: string
  readonly logFile: string
  readonly #process: ServiceProcess

  constructor(port: number, file: string, logFile: string) {
    this.url = `http://127.0.0.1:${port}`
    this.workerId = `127.0.0.1:${port}`
    this.logFile = logFile
    this.#process = new ServiceProcess({
      command: [join(ROOT, 'packages/cli/bin/millrace'), 'distributed', file],
      logFile,
    })
  }

  get isRunning(): boolean {
    return this.#process.isRunning
  }
  async start(): Promise<void> {
    this.#process.start()
    try {
      await until(`${this.url} is healthy`, async () => !this.isRunning || (await fetch(`${this.url}/health`)).ok, {
        timeoutMs: START_MS,
      })
    } catch (cause) {
      throw new Error(`A worker did not start:\n${this.lastOutput()}`, { cause })
    }
    if (!this.isRunning) throw new Error(`A worker ended at its start:\n${this.lastOutput()}`)
  }
  async stop(): Promise<void> {
    if (!this.isRunning) return
    const code = await this.#process.end('SIGTERM', STOP_MS)
    if (code !== 0) throw new Error(`A worker that was asked to stop ended with ${code}:\n${this.lastOutput()}`)
  }
  async kill(): Promise<void> {
    await this.#process.end('SIGKILL')
  }
  lastOutput(): string {
    return this.#process.lastOutput(3_000)
  }
}

function jvmMember(worker: ConnectJvm): Member {
  return {
    kind: 'jvm',
    url: worker.url,
    workerId: worker.workerId,
    logFile: worker.logFile,
    get isRunning() {
      return worker.isRunning
    },
    start: () => worker.restart(),
    stop: () => worker.end(),
    kill: () => worker.kill(),
  }
}
