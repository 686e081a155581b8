// The worker that is killed, and the moments at which it is: from its start over the snapshot to the commit of offsets.
import { readFileSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePorts, type Mysql, type Random, ServiceProcess } from '@millrace/testkit'
import { classOf, kafkaHistory, propsOf } from './props.ts'

const MILLRACE = new URL('../../packages/cli/bin/millrace', import.meta.url).pathname
/** A machine that does much else starts a worker in half a minute. */
const PATIENCE_MS = 240_000

/** Moments to kill at; after each one a pause of up to so many milliseconds follows. */
const STEPS = {
  start: 900,
  snapshot: 120,
  'hand-over': 60,
  streaming: 900,
  'offset commit': 6,
} as const
export type Step = keyof typeof STEPS

/** A worker in a process of its own, with one connector. */
export class KilledWorker {
  readonly #process: ServiceProcess
  readonly #port: number
  readonly #log: string
  readonly #offsets: string
  /** Where the log of the process that runs now begins. */
  #from = 0

  private constructor(folder: string, port: number) {
    this.#log = join(folder, 'worker.log')
    this.#offsets = join(folder, 'offsets')
    this.#port = port
    const files = ['worker.properties', 'source.properties'].map((name) => join(folder, name))
    this.#process = new ServiceProcess({ command: [MILLRACE, 'standalone', ...files], logFile: this.#log })
  }

  /** Writes its configuration into `folder`. */
  static async create(folder: string, bootstrap: string, server: Mysql, table: string): Promise<KilledWorker> {
    const [port] = (await freePorts(1)) as [number]
    await writeFile(
      join(folder, 'worker.properties'),
      properties({
        'bootstrap.servers': bootstrap,
        'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
        'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
        'key.converter.schemas.enable': 'false',
        'value.converter.schemas.enable': 'false',
        'offset.storage.file.filename': join(folder, 'offsets'),
        // Often, so that kills fall before, into and after commits.
        'offset.flush.interval.ms': '200',
        listeners: `http://127.0.0.1:${port}`,
      }),
    )
    await writeFile(
      join(folder, 'source.properties'),
      properties({
        name: 'source',
        'connector.class': classOf(server.flavor),
        ...propsOf(server, {
          ...kafkaHistory(bootstrap),
          'schema.history.internal.kafka.topic': `history-${table}`,
          'table.include.list': `inventory.${table}`,
        }),
      }),
    )
    return new KilledWorker(folder, port)
  }

  start(): void {
    this.#from = this.#read(this.#log).length
    this.#process.start()
  }
  async kill(): Promise<void> {
    await this.#process.end('SIGKILL')
  }

  /**
   * Waits until the worker does this, or is past it: what a worker before it has finished does not come again.
   * @returns what it was found at
   * @throws Error when its task fails, or nothing comes
   */
  async reaches(step: Step, random: Random): Promise<Step> {
    const found = await this.#reached(step)
    await pause(random.below(STEPS[found]))
    return found
  }

  async #reached(step: Step): Promise<Step> {
    const streams = () => this.#said('Streaming from')
    switch (step) {
      case 'start':
        return step
      case 'snapshot':
        await this.#until('a snapshot', () => this.#said('Reading inventory.') || streams())
        return this.#said('Reading inventory.') ? step : 'streaming'
      case 'hand-over':
        await this.#until('the end of a snapshot', () => this.#said('Snapshot done') || streams())
        return this.#said('Snapshot done') ? step : 'streaming'
      case 'streaming':
        await this.#until('a stream', streams)
        return step
      case 'offset commit': {
        await this.#until('a stream', streams)
        const before = this.#stored()
        await this.#until('a commit of offsets', () => this.#stored() !== before, 1)
        return step
      }
    }
  }

  /** Waits for `fact`. @throws Error when the task fails first, or the worker ends */
  async #until(what: string, fact: () => boolean, everyMs = 5): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    for (let asked = Date.now(); !fact(); ) {
      if (Date.now() > deadline) throw new Error(`Waited ${PATIENCE_MS} ms in vain: ${what}`)
      if (!this.#process.isRunning) throw new Error(`The worker ended by itself before ${what}`)
      if (Date.now() - asked > 1_000) {
        asked = Date.now()
        const trace = await this.failure()
        if (trace !== null) throw new Error(`The task failed before ${what}: ${trace}`)
      }
      await pause(everyMs)
    }
  }

  /** The file of the binlog in the stored offset: what comes before it is needed no longer. */
  storedFile(): string | undefined {
    return /binlog\.\d+/.exec(this.#read(this.#offsets))?.[0]
  }

  /** The trace of the task, null when it has not failed or the worker does not answer. */
  async failure(): Promise<string | null> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.#port}/connectors/source/status`, {
        signal: AbortSignal.timeout(2_000),
      })
      const { connector, tasks = [] } = (await answer.json()) as { connector?: State; tasks?: State[] }
      const failed = [connector, ...tasks].find((one) => one?.state === 'FAILED')
      return failed === undefined ? null : (failed.trace ?? 'no trace')
    } catch {
      return null
    }
  }

  /** For a run that failed: the state of the task, what is stored, and the end of the log. */
  async autopsy(): Promise<string> {
    return [
      `task: ${(await this.failure()) ?? 'not failed'}`,
      `offsets: ${this.#read(this.#offsets)}`,
      `log: ${this.#process.lastOutput(8_000)}`,
    ].join('\n')
  }

  #said(text: string): boolean {
    return this.#read(this.#log).slice(this.#from).includes(text)
  }
  #stored(): number {
    return statSync(this.#offsets, { throwIfNoEntry: false })?.mtimeMs ?? 0
  }
  #read(file: string): string {
    try {
      return readFileSync(file, 'latin1')
    } catch {
      return ''
    }
  }
}

interface State {
  readonly state: string
  readonly trace?: string
}

function properties(all: Readonly<Record<string, string>>): string {
  return Object.entries(all)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
