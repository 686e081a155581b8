// A worker that is killed again and again while its JDBC sink writes a topic to a table: at the end the table must say what the
// topic says. As a program: `node tests/jdbc-killed/killed.ts [kills] [seed] [server] [make] [mode]`.

import { Admin, Producer } from '@millrace/kafka'
import type { SqlConnection } from '@millrace/kit-sql'
import {
  type BrokerService,
  type DatabaseServer,
  Random,
  startEmbeddedBroker,
  startMysql,
  startPostgres,
  temporaryFolder,
} from '@millrace/testkit'
import { connectionProps, look } from '../jdbc-differential/databases.ts'
import { ALL_STEPS, KilledWorker, pause, type Signs, type Step } from './killed-worker.ts'
import { readTopic } from './read-topic.ts'
import { MAKES, type Make, MODES, type Mode, PARTITIONS, Scenario } from './scenarios.ts'

/** Servers to write to. */
export const SERVERS = {
  'postgres-18': { kind: 'postgres', start: () => startPostgres({ version: 18 }) },
  'postgres-15': { kind: 'postgres', start: () => startPostgres({ version: 15 }) },
  'mariadb-10.11': { kind: 'mysql', start: () => startMysql({ flavor: 'mariadb-10.11' }) },
  'mariadb-11.4': { kind: 'mysql', start: () => startMysql({ flavor: 'mariadb-11.4' }) },
} as const satisfies Record<string, { kind: Signs['kind']; start: () => Promise<DatabaseServer> }>
export type ServerName = keyof typeof SERVERS

/** What came of a run. */
export interface Verdict {
  readonly seed: number
  readonly kills: number
  /** How many kills came when. */
  readonly steps: Readonly<Record<string, number>>
  /** Sinks of which each wrote a topic and a table of its own. */
  readonly sinks: number
  readonly records: number
  /** Rows at the end, and how many of them are there more than once: without a key, what is delivered again is written again. */
  readonly rows: number
  readonly repeated: number
  /** Records in dead letter queues: inserted before the kill, and refused when they came again. */
  readonly refused: number
  /** Rows that are not what the topic says, in words. */
  readonly faults: readonly string[]
}

/** Faults that are told; a run that lost a batch would tell thousands. */
const MOST_FAULTS = 20

/** What to kill, and how often. */
export interface Plan {
  readonly kills: number
  readonly seed: number
  readonly server: ServerName
  readonly makes?: readonly Make[]
  readonly modes?: readonly Mode[]
  /** Moments to choose from; by default all. */
  readonly steps?: readonly Step[]
  /** Kills of one sink, after which the next begins with a topic and a table of its own. */
  readonly killsASink?: number
}

/** Kills workers at moments that follow from the seed, lets each sink finish, and judges its table. */
export async function killed(plan: Plan, tell: (soFar: Verdict) => void = () => {}): Promise<Verdict> {
  const { kills, seed, server: name, makes = MAKES, modes = MODES, killsASink = 5, steps: among = ALL_STEPS } = plan
  const random = new Random(seed)
  const properties = { 'group.min.session.timeout.ms': '1000', 'group.initial.rebalance.delay.ms': '0' }
  await using broker = await startEmbeddedBroker({ properties })
  await using server = await SERVERS[name].start()
  const sum = { kills: 0, sinks: 0, records: 0, rows: 0, repeated: 0, refused: 0 }
  const steps: Record<string, number> = {}
  const faults: string[] = []
  const verdict = (): Verdict => ({ seed, ...sum, steps, faults })
  while (sum.kills < kills) {
    const make = makes[sum.sinks % makes.length] as Make
    const mode = modes[Math.floor(sum.sinks / makes.length) % modes.length] as Mode
    const round = new Round(new Scenario(make, mode), ++sum.sinks, broker, server, SERVERS[name].kind)
    const count = Math.min(killsASink, kills - sum.kills)
    const one = await round.run(count, among, random)
    for (const step of one.steps) steps[step] = (steps[step] ?? 0) + 1
    sum.kills += count
    sum.records += one.records
    sum.rows += one.rows
    sum.repeated += one.repeated
    sum.refused += one.refused
    faults.push(...one.faults.slice(0, MOST_FAULTS).map((fault) => `sink ${sum.sinks}, ${make} ${mode}: ${fault}`))
    tell(verdict())
  }
  return verdict()
}

/** One sink with its topic and its table, killed some times. */
class Round {
  readonly #scenario: Scenario
  readonly #name: string
  readonly #broker: BrokerService
  readonly #server: DatabaseServer
  readonly #kind: Signs['kind']
  #writes = true

  constructor(scenario: Scenario, number: number, broker: BrokerService, server: DatabaseServer, kind: Signs['kind']) {
    this.#scenario = scenario
    this.#name = `${scenario.make}_${scenario.mode}_${number}`
    this.#broker = broker
    this.#server = server
    this.#kind = kind
  }

  async run(kills: number, among: readonly Step[], random: Random) {
    await using folder = await temporaryFolder()
    const { bootstrap } = this.#broker
    await using admin = Admin.create({ 'bootstrap.servers': bootstrap })
    await admin.createTopics([{ name: this.#name, numPartitions: PARTITIONS, replicationFactor: 1 }])
    const eyes = await look(this.#server, this.#kind === 'mysql' ? 'mariadb' : 'postgres')
    await this.#prefill(eyes)
    const worker = await KilledWorker.create(folder.path, bootstrap, this.#sink(), {
      kind: this.#kind,
      eyes,
      admin,
      table: this.#name,
    })
    const steps: Step[] = []
    let doing = 'starting'
    const writing = this.#write(new Random(random.below(2 ** 32)))
    // What fails first is told; the writer may fail because of it.
    writing.catch(() => {})
    worker.start()
    try {
      for (let kill = 0; kill < kills; kill++) {
        const step = random.pick(among)
        doing = `kill ${kill + 1}, at '${step}'`
        await worker.reaches(step, random)
        await worker.kill()
        steps.push(step)
        worker.start()
      }
      doing = 'waiting for the last record'
      await worker.reaches('database commit', random)
      this.#writes = false
      await writing
      await worker.finishes(this.#scenario.sent)
      return { steps, records: this.#scenario.sent, ...(await this.#judge(eyes)) }
    } catch (error) {
      const what = `${this.#name}, after [${steps.join(', ')}], ${doing}: ${(error as Error).stack}`
      throw new Error(`${what}\n${await worker.autopsy()}`)
    } finally {
      this.#writes = false
      await worker.kill()
      await eyes.close()
    }
  }

  #sink(): Record<string, string> {
    const { 'connection.username': user, ...rest } = connectionProps(
      this.#server,
      this.#kind === 'mysql' ? 'mariadb' : 'postgres',
    )
    const userKey = this.#scenario.make === 'confluent' ? 'connection.user' : 'connection.username'
    return { ...rest, [userKey]: user as string, ...this.#scenario.props(this.#name) }
  }

  async #prefill(eyes: SqlConnection): Promise<void> {
    const { prefilled } = this.#scenario
    if (prefilled.length === 0) return
    await eyes.execute(`CREATE TABLE ${this.#name} (id INT PRIMARY KEY, version INT NOT NULL, filler TEXT)`)
    await eyes.execute(`INSERT INTO ${this.#name} VALUES ${prefilled.map((id) => `(${id}, 0, 'first')`).join()}`)
  }

  /** Sends records until told to stop, a few to some hundreds at once. */
  async #write(random: Random): Promise<void> {
    const producer = Producer.create({ 'bootstrap.servers': this.#broker.bootstrap, 'linger.ms': '2' })
    try {
      while (this.#writes) {
        const sends: Promise<unknown>[] = []
        for (let left = 1 + random.below(random.below(4) === 0 ? 400 : 60); left > 0; left--) {
          for (const one of this.#scenario.next(random)) sends.push(producer.send({ topic: this.#name, ...one }))
        }
        await Promise.all(sends)
        await pause(30)
      }
    } finally {
      await producer.close({ timeoutMs: 5_000 })
    }
  }

  async #judge(eyes: SqlConnection) {
    const { rows } = await eyes.query(`SELECT id, version FROM ${this.#name}`)
    const found = new Map<number, number[]>()
    for (const row of rows) {
      const [id, version] = row.map(Number) as [number, number]
      const list = found.get(id)
      if (list === undefined) found.set(id, [version])
      else list.push(version)
    }
    const faults = this.#scenario.faults(found)
    const refused =
      this.#scenario.mode === 'insert' ? await readTopic(this.#broker.bootstrap, `${this.#name}-refused`) : []
    for (const { key, headers } of refused) {
      const reason = headers['__connect.errors.exception.message'] ?? ''
      if (!/duplicate/i.test(reason)) faults.push(`${key} was refused, and not for being there already: ${reason}`)
    }
    return { faults, rows: rows.length, repeated: rows.length - found.size, refused: refused.length }
  }
}

if (import.meta.main) {
  const [kills = '20', seed = '1', server = 'postgres-18', make, mode] = process.argv.slice(2)
  const plan: Plan = {
    kills: Number(kills),
    seed: Number(seed),
    server: server as ServerName,
    ...(make !== undefined && { makes: [make as Make] }),
    ...(mode !== undefined && { modes: [mode as Mode] }),
  }
  const verdict = await killed(plan, (soFar) => console.log(JSON.stringify(soFar)))
  console.log(verdict)
  process.exitCode = verdict.faults.length === 0 ? 0 : 1
}
