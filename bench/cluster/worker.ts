// A distributed worker of either make, started as its users start it, and what its REST API says of its connectors.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { distributedProps, freePorts } from '@millrace/testkit'

/** Who is measured. */
export interface Make {
  readonly name: string
  /** Program and arguments; the worker's configuration file is appended. */
  readonly command: readonly string[]
  /** How many connectors it is given. */
  readonly sizes: readonly number[]
}

/** Where workers live. */
export interface Placement {
  readonly folder: string
  readonly bootstrap: string
}

const LOOK_MS = 50
const TIMEOUT_MS = 180_000

/** A worker that may be running; can be started again. */
export class BenchWorker {
  readonly url: string
  readonly workerId: string
  readonly #command: readonly string[]
  readonly #log: string
  #child: ChildProcess | undefined

  private constructor(make: Make, file: string, port: number) {
    this.url = `http://127.0.0.1:${port}`
    this.workerId = `127.0.0.1:${port}`
    this.#command = [...make.command, file]
    this.#log = `${file}.log`
  }

  /** Not started yet. `groupId` names its topics, too. */
  static async create(make: Make, { folder, bootstrap }: Placement, groupId: string): Promise<BenchWorker> {
    const [port] = (await freePorts(1)) as [number]
    const file = join(folder, `${make.name}-${port}.properties`)
    const properties = {
      ...distributedProps(bootstrap, groupId, port),
      'rest.advertised.host.name': '127.0.0.1',
      'offset.flush.interval.ms': '10000',
    } as Record<string, string>
    // Each make's own: it is part of how fast work moves.
    delete properties['heartbeat.interval.ms']
    const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`)
    writeFileSync(file, lines.join(''))
    return new BenchWorker(make, file, port)
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** Starts the process; resolves at once. */
  launch(): void {
    const log = openSync(this.#log, 'a')
    const [program, ...args] = this.#command
    this.#child = spawn(program!, args, { stdio: ['ignore', log, log] })
  }

  /** Resolves when it answers. */
  async answers(): Promise<void> {
    await this.#until('an answer', async () => (await fetch(this.url)).ok)
  }

  /** Resolves when all connectors and tasks run, on workers of `where` alone if given. */
  async allRun(connectors: number, where?: readonly BenchWorker[]): Promise<void> {
    const allowed = where && new Set(where.map((one) => one.workerId))
    await this.#until(`${connectors} running connectors`, async () => {
      const running = (await this.#states()).filter((parts) => {
        const fits = parts.every((one) => one.state === 'RUNNING' && (allowed?.has(one.worker_id) ?? true))
        return fits && parts.length > 1
      })
      return running.length === connectors
    })
  }

  /** How many tasks each worker runs, by worker id. */
  async shares(): Promise<Map<string, number>> {
    const shares = new Map<string, number>()
    for (const [, ...tasks] of await this.#states()) {
      for (const task of tasks) {
        if (task.state === 'RUNNING') shares.set(task.worker_id, (shares.get(task.worker_id) ?? 0) + 1)
      }
    }
    return shares
  }

  /** Milliseconds that the creation took, and the status of the answer. */
  async createConnector(
    name: string,
    config: Readonly<Record<string, string>>,
  ): Promise<{ readonly ms: number; readonly status: number }> {
    const began = performance.now()
    const { status } = await fetch(`${this.url}/connectors`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, config }),
    })
    return { ms: performance.now() - began, status }
  }

  /** Sends the signal and waits until the process is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }

  async #states(): Promise<{ state: string; worker_id: string }[][]> {
    const answer = await fetch(`${this.url}/connectors?expand=status`)
    if (!answer.ok) return []
    const all = (await answer.json()) as Record<string, { status: Status }>
    return Object.values(all).map(({ status }) => [status.connector, ...status.tasks])
  }

  async #until(what: string, fact: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + TIMEOUT_MS
    while (performance.now() < deadline) {
      if (this.#child?.exitCode != null) throw new Error(`The worker ended; see ${this.#log}`)
      if (await fact().catch(() => false)) return
      await sleep(LOOK_MS)
    }
    throw new Error(`No ${what} within ${TIMEOUT_MS} ms; see ${this.#log}`)
  }
}

interface Status {
  readonly connector: { readonly state: string; readonly worker_id: string }
  readonly tasks: readonly { readonly state: string; readonly worker_id: string }[]
}
