// The worker whose sink is killed, and the moments at which it is: from its start over a transaction to the commit of offsets.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Admin } from '@millrace/kafka'
import type { SqlConnection } from '@millrace/kit-sql'
import { freePorts, type Random, ServiceProcess } from '@millrace/testkit'

const MILLRACE = new URL('../../packages/cli/bin/millrace', import.meta.url).pathname
const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'
/** A machine that does much else starts a worker in half a minute. */
const PATIENCE_MS = 240_000

/** Moments to kill at; after each one a pause of up to so many milliseconds follows. */
export const STEPS = {
  start: 900,
  /** A transaction of the sink has changed rows and is not committed. */
  transaction: 3,
  /** The table has changed: what was written is committed there, and not yet in Kafka. */
  'database commit': 4,
  /** The group's offsets have moved. */
  'offset commit': 6,
  writing: 900,
} as const
export type Step = keyof typeof STEPS
export const ALL_STEPS = Object.keys(STEPS) as Step[]

/** What tells how far the sink is. */
export interface Signs {
  readonly kind: 'postgres' | 'mysql'
  readonly eyes: SqlConnection
  readonly admin: Admin
  /** Name of the table, of the topic and of the connector. */
  readonly table: string
}

/** How many transactions have changed rows, or are doing so. */
const OPEN_TRANSACTIONS = {
  postgres: `SELECT COUNT(*) FROM pg_stat_activity WHERE application_name LIKE 'millrace%' AND backend_xid IS NOT NULL`,
  // Not `innodb_trx`, which stays as it is while it is read more often than ten times a second.
  mysql: `SELECT COUNT(*) FROM information_schema.processlist WHERE info REGEXP '^(INSERT INTO|UPDATE|DELETE FROM) '`,
}

/** A worker in a process of its own, with one sink. */
export class KilledWorker {
  readonly #process: ServiceProcess
  readonly #port: number
  readonly #signs: Signs

  private constructor(folder: string, port: number, signs: Signs) {
    this.#port = port
    this.#signs = signs
    const files = ['worker.properties', 'sink.properties'].map((name) => join(folder, name))
    this.#process = new ServiceProcess({
      command: [MILLRACE, 'standalone', ...files],
      logFile: join(folder, 'worker.log'),
    })
  }

  /** Writes its configuration into `folder`. */
  static async create(
    folder: string,
    bootstrap: string,
    sink: Readonly<Record<string, string>>,
    signs: Signs,
  ): Promise<KilledWorker> {
    const [port] = (await freePorts(1)) as [number]
    await writeFile(
      join(folder, 'worker.properties'),
      properties({
        'bootstrap.servers': bootstrap,
        'key.converter': JSON_CONVERTER,
        'value.converter': JSON_CONVERTER,
        'offset.storage.file.filename': join(folder, 'offsets'),
        // Often, so that kills fall before, into and after commits.
        'offset.flush.interval.ms': '200',
        listeners: `http://127.0.0.1:${port}`,
      }),
    )
    await writeFile(
      join(folder, 'sink.properties'),
      properties({
        name: signs.table,
        'tasks.max': '2',
        'consumer.override.session.timeout.ms': '3000',
        'consumer.override.heartbeat.interval.ms': '300',
        ...sink,
      }),
    )
    return new KilledWorker(folder, port, signs)
  }

  start(): void {
    this.#process.start()
  }
  async kill(): Promise<void> {
    await this.#process.end('SIGKILL')
  }

  /** Waits until the worker does this, and for a random moment more. @throws Error when its task fails, or nothing comes */
  async reaches(step: Step, random: Random): Promise<void> {
    if (step === 'transaction') await this.#until('a transaction', async () => (await this.#open()) > 0)
    if (step === 'database commit' || step === 'writing') {
      const before = await this.#content()
      await this.#until('a change of the table', async () => (await this.#content()) !== before)
    }
    if (step === 'offset commit') {
      const before = await this.committed()
      await this.#until('a commit of offsets', async () => (await this.committed()) !== before)
    }
    await pause(random.below(STEPS[step]))
  }

  /** Waits until the group's offsets say that all of `sent` records were written. @throws Error when the task fails first */
  async finishes(sent: number): Promise<void> {
    await this.#until(`the end of ${sent} records`, async () => (await this.committed()) >= sent, 100)
  }

  /** Sum of the group's offsets. */
  async committed(): Promise<number> {
    const offsets = await this.#signs.admin.groupOffsets(`connect-${this.#signs.table}`)
    return offsets.reduce((sum, one) => sum + (one.topic === this.#signs.table ? one.offset : 0), 0)
  }

  /** For a run that failed: the state of the tasks and the end of the log. */
  async autopsy(): Promise<string> {
    const committed = await this.committed().catch(String)
    return [
      `task: ${(await this.#failure()) ?? 'not failed'}`,
      `committed: ${committed}`,
      `log: ${this.#process.lastOutput(8_000)}`,
    ].join('\n')
  }

  async #open(): Promise<number> {
    return Number(await this.#one(OPEN_TRANSACTIONS[this.#signs.kind]))
  }

  /** Changes with every commit. A table that is not there yet is one of its states. */
  async #content(): Promise<string> {
    const { table } = this.#signs
    const sql = `SELECT CONCAT(COUNT(*), ' ', COALESCE(SUM(version), 0)) FROM ${table}`
    return this.#one(sql).catch((error: Error) => {
      if (/exist/.test(error.message)) return 'no table'
      throw error
    })
  }

  async #one(sql: string): Promise<string> {
    return String((await this.#signs.eyes.query(sql)).rows[0]?.[0])
  }

  /** Waits for `fact`. @throws Error when a task fails first, or the worker ends */
  async #until(what: string, fact: () => Promise<boolean>, everyMs = 1): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    for (let asked = Date.now(); !(await fact()); ) {
      if (Date.now() > deadline) throw new Error(`Waited ${PATIENCE_MS} ms in vain: ${what}`)
      if (!this.#process.isRunning) throw new Error(`The worker ended by itself before ${what}`)
      if (Date.now() - asked > 1_000) {
        asked = Date.now()
        const trace = await this.#failure()
        if (trace !== null) throw new Error(`The task failed before ${what}: ${trace}`)
      }
      await pause(everyMs)
    }
  }

  /** The trace of the task, null when none has failed or the worker does not answer. */
  async #failure(): Promise<string | null> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.#port}/connectors/${this.#signs.table}/status`, {
        signal: AbortSignal.timeout(2_000),
      })
      const { connector, tasks = [] } = (await answer.json()) as { connector?: State; tasks?: State[] }
      const failed = [connector, ...tasks].find((one) => one?.state === 'FAILED')
      return failed === undefined ? null : (failed.trace ?? 'no trace')
    } catch {
      return null
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
