// The worker that is killed, and the moments at which it is: from its start over the snapshot to the move of the slot.
import { readFileSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConnectorProps } from '@millrace/api'
import { freePorts, type Postgres, type Random, ServiceProcess } from '@millrace/testkit'
import type pg from 'pg'
import { propsOf } from './ours.ts'

const MILLRACE = new URL('../../packages/cli/bin/millrace', import.meta.url).pathname
/** A machine that does much else starts a worker in half a minute. */
const PATIENCE_MS = 240_000

/** Moments to kill at; after each one a pause of up to so many milliseconds follows. */
export const STEPS = {
  start: 900,
  'slot made': 15,
  snapshot: 120,
  'hand-over': 60,
  streaming: 900,
  'offset commit': 6,
  'slot moved': 6,
} as const
export type Step = keyof typeof STEPS

/** What a worker captures. */
export interface Captured {
  readonly table: string
  readonly slot: string
}

/** A worker in a process of its own, with one connector. */
export class KilledWorker {
  readonly #process: ServiceProcess
  readonly #port: number
  readonly #log: string
  readonly #offsets: string
  readonly #slot: string
  readonly #client: pg.Client
  /** Where the log of the process that runs now begins. */
  #from = 0

  private constructor(folder: string, port: number, slot: string, client: pg.Client) {
    this.#log = join(folder, 'worker.log')
    this.#offsets = join(folder, 'offsets')
    this.#port = port
    this.#slot = slot
    this.#client = client
    const files = ['worker.properties', 'source.properties'].map((name) => join(folder, name))
    this.#process = new ServiceProcess({ command: [MILLRACE, 'standalone', ...files], logFile: this.#log })
  }

  /** Writes its configuration into `folder`. */
  static async create(
    folder: string,
    bootstrap: string,
    postgres: Postgres,
    { table, slot }: Captured,
    client: pg.Client,
    more: ConnectorProps = {},
  ): Promise<KilledWorker> {
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
        // Often, so that kills fall before, into and after commits and the moves of the slot.
        'offset.flush.interval.ms': '200',
        listeners: `http://127.0.0.1:${port}`,
      }),
    )
    await writeFile(
      join(folder, 'source.properties'),
      properties({
        name: 'source',
        'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
        ...propsOf(postgres, {
          'slot.name': slot,
          'table.include.list': `public.${table}`,
          'status.update.interval.ms': '200',
          'slot.retry.delay.ms': '200',
          'slot.max.retries': '100',
          ...more,
        }),
      }),
    )
    return new KilledWorker(folder, port, slot, client)
  }

  start(): void {
    this.#from = this.#size()
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
    const streams = () => this.streams()
    switch (step) {
      case 'start':
        return step
      case 'slot made':
        await this.#until('a slot', async () => (await this.#confirmed()) !== undefined)
        return step
      case 'snapshot':
        await this.#until('a snapshot', () => this.#said('Snapshot of ') || streams())
        return this.#said('Snapshot of ') ? step : 'streaming'
      case 'hand-over':
        await this.#until('the end of a snapshot', () => this.#said('The snapshot is complete') || streams())
        return this.#said('The snapshot is complete') ? step : 'streaming'
      case 'streaming':
        await this.#until('a stream', streams)
        return step
      case 'offset commit': {
        await this.#until('a stream', streams)
        const before = this.#stored()
        await this.#until('a commit of offsets', () => this.#stored() !== before, 1)
        return step
      }
      case 'slot moved': {
        await this.#until('a stream', streams)
        const before = await this.#confirmed()
        await this.#until('a move of the slot', async () => (await this.#confirmed()) !== before, 1)
        return step
      }
    }
  }

  /** Whether the process that runs now has begun to stream. */
  streams(): boolean {
    return this.#said('Streaming from')
  }

  /** Waits for `fact`. @throws Error when the task fails first, or the worker ends */
  async #until(what: string, fact: () => boolean | Promise<boolean>, everyMs = 5): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    for (let asked = Date.now(); !(await fact()); ) {
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

  /** The most memory that the process has had at once, MB; where the system does not say, 0. */
  peakMb(): number {
    const status = this.#read(`/proc/${this.#process.pid}/status`)
    return Math.round(Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1] ?? 0) / 1024)
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

  /** For a run that failed: the state of the task and the slot, what is stored, and the end of the log. */
  async autopsy(): Promise<string> {
    const slots = await this.#client
      .query(`SELECT to_jsonb(s) AS slot, pg_current_wal_lsn() AS log FROM pg_replication_slots s`)
      .then(({ rows }) => JSON.stringify(rows))
      .catch(String)
    return [
      `task: ${(await this.failure()) ?? 'not failed'}`,
      `slots: ${slots}`,
      `offsets: ${this.#read(this.#offsets)}`,
      `log: ${this.#process.lastOutput(8_000)}`,
    ].join('\n')
  }

  #said(text: string): boolean {
    return this.#read(this.#log).slice(this.#from).includes(text)
  }
  #size(): number {
    return this.#read(this.#log).length
  }
  #stored(): number {
    return statSync(this.#offsets, { throwIfNoEntry: false })?.mtimeMs ?? 0
  }
  async #confirmed(): Promise<string | null | undefined> {
    const { rows } = await this.#client.query(
      `SELECT confirmed_flush_lsn AS lsn FROM pg_replication_slots WHERE slot_name = '${this.#slot}'`,
    )
    return rows[0]?.lsn
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
