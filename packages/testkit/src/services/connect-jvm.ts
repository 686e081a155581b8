// The JVM's Kafka Connect for tests: distributed or standalone workers from the jars at hand, each with a folder of its own.
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { type TemporaryFolder, temporaryFolder } from '../folder.ts'
import { until } from '../until.ts'
import { findKafkaLib } from './kafka.ts'
import { freePorts } from './ports.ts'
import { ServiceProcess } from './process.ts'

const HOST = '127.0.0.1'
const START_ATTEMPTS = 3
const READY_MS = 120_000
const STRING = 'org.apache.kafka.connect.storage.StringConverter'

/** Options of {@link startConnectJvm}. */
export interface ConnectJvmOptions {
  /** The brokers that the worker uses. */
  readonly bootstrap: string
  /** Default `distributed`. */
  readonly mode?: 'distributed' | 'standalone'
  /**
   * Group of a distributed worker, random by default. The names of its topics follow from it: workers of one group share all.
   */
  readonly groupId?: string
  /** Worker configuration above the defaults for tests. */
  readonly properties?: Readonly<Record<string, string>>
  /** Connector files of a standalone worker. */
  readonly connectorFiles?: readonly string[]
  /** System properties of the JVM, such as `java.security.auth.login.config`. */
  readonly systemProperties?: Readonly<Record<string, string>>
  /** Largest heap in MB; default 512. */
  readonly heapMb?: number
  /** How long a start may take, ms; default two minutes. */
  readonly readyMs?: number
}

/** A worker of the JVM's Kafka Connect. */
export interface ConnectJvm extends AsyncDisposable {
  /** Where its REST API is, without a slash at the end. */
  readonly url: string
  /** As statuses name it: `host:port`. */
  readonly workerId: string
  readonly groupId: string
  /** The group's topics; those of a standalone worker are not there. */
  readonly topics: { readonly config: string; readonly offset: string; readonly status: string }
  /** Worker configuration, log, and offsets of a standalone worker. */
  readonly folder: string
  readonly logFile: string
  readonly pid: number | undefined
  readonly isRunning: boolean
  /** Starts it again on the same port and configuration; resolves when it is ready. */
  restart(): Promise<void>
  /** SIGTERM, and waits: it leaves its group in good order. Can be restarted. */
  end(): Promise<void>
  /** SIGKILL; resolves when the process is gone. Can be restarted. */
  kill(): Promise<void>
  /** SIGSTOP: connections stay, nothing answers. */
  pause(): void
  /** SIGCONT. */
  resume(): void
  /** The log so far. */
  log(): string
  /** Ends it at once and removes its folder. */
  stop(): Promise<void>
}

/** Why there can be no JVM worker here, or undefined when there can. */
export async function whyNoConnectJvm(): Promise<string | undefined> {
  try {
    await connectLib()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/**
 * A JVM worker that answers and, if distributed, has joined its group.
 * @throws Error when there are no jars, or with the end of its log when it does not start
 */
export async function startConnectJvm(options: ConnectJvmOptions): Promise<ConnectJvm> {
  const lib = await connectLib()
  for (let attempt = 1; ; attempt++) {
    const worker = await JvmWorker.create(lib, options)
    try {
      await worker.restart()
      return worker
    } catch (error) {
      const portTaken = /Address already in use|Failed to bind/.test(worker.log())
      await worker.stop()
      if (!portTaken || attempt === START_ATTEMPTS) throw error
    }
  }
}

/**
 * Several distributed workers in one group, started at the same time; all have joined, though their first rebalance may
 * still be under way.
 */
export async function startConnectJvmGroup(count: number, options: ConnectJvmOptions): Promise<ConnectJvm[]> {
  const groupId = options.groupId ?? randomGroup()
  const starts = Array.from({ length: count }, () => startConnectJvm({ ...options, groupId }))
  const outcomes = await Promise.allSettled(starts)
  const workers = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = outcomes.find((one) => one.status === 'rejected')
  if (failed === undefined) return workers
  await Promise.all(workers.map((worker) => worker.stop()))
  throw failed.reason
}

/** Configuration of a distributed worker for tests, of whatever make: group, topics, small figures, one listener. */
export function distributedProps(bootstrap: string, groupId: string, port: number): Record<string, string> {
  const topics = topicsOf(groupId)
  return {
    ...commonProps(bootstrap, port),
    'group.id': groupId,
    'config.storage.topic': topics.config,
    'offset.storage.topic': topics.offset,
    'status.storage.topic': topics.status,
    'config.storage.replication.factor': '1',
    'offset.storage.replication.factor': '1',
    'status.storage.replication.factor': '1',
    'offset.storage.partitions': '5',
    'status.storage.partitions': '5',
    'scheduled.rebalance.max.delay.ms': '0',
    'session.timeout.ms': '10000',
    'heartbeat.interval.ms': '1000',
  }
}

class JvmWorker implements ConnectJvm {
  readonly url: string
  readonly workerId: string
  readonly groupId: string
  readonly logFile: string
  readonly #folder: TemporaryFolder
  readonly #process: ServiceProcess
  readonly #readyMs: number

  private constructor(
    folder: TemporaryFolder,
    port: number,
    groupId: string,
    command: readonly string[],
    readyMs: number,
  ) {
    this.#folder = folder
    this.#readyMs = readyMs
    this.url = `http://${HOST}:${port}`
    this.workerId = `${HOST}:${port}`
    this.groupId = groupId
    this.logFile = folder.file('connect.log')
    this.#process = new ServiceProcess({ command, logFile: this.logFile, cwd: folder.path })
  }

  static async create(lib: string, options: ConnectJvmOptions): Promise<JvmWorker> {
    const folder = await temporaryFolder('millrace-connect-jvm-')
    const [port] = (await freePorts(1)) as [number]
    const groupId = options.groupId ?? randomGroup()
    const standalone = options.mode === 'standalone'
    const basic = standalone
      ? { ...commonProps(options.bootstrap, port), 'offset.storage.file.filename': folder.file('offsets') }
      : distributedProps(options.bootstrap, groupId, port)
    const file = folder.file('worker.properties')
    const lines = Object.entries({ ...basic, ...options.properties }).map(([key, value]) => `${key}=${value}\n`)
    await writeFile(file, lines.join(''))
    await writeFile(folder.file('log4j2.properties'), LOGGING)
    const system = { 'log4j2.configurationFile': folder.file('log4j2.properties'), ...options.systemProperties }
    const command = [
      'java',
      '-Xms64M',
      `-Xmx${options.heapMb ?? 512}M`,
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-Djava.awt.headless=true',
      ...Object.entries(system).map(([key, value]) => `-D${key}=${value}`),
      '-cp',
      `${lib}/*`,
      `org.apache.kafka.connect.cli.Connect${standalone ? 'Standalone' : 'Distributed'}`,
      file,
      ...(standalone ? (options.connectorFiles ?? []) : []),
    ]
    return new JvmWorker(folder, port, groupId, command, options.readyMs ?? READY_MS)
  }

  get topics() {
    return topicsOf(this.groupId)
  }
  get folder(): string {
    return this.#folder.path
  }
  get pid(): number | undefined {
    return this.#process.pid
  }
  get isRunning(): boolean {
    return this.#process.isRunning
  }

  async restart(): Promise<void> {
    this.#process.start()
    try {
      await until(
        `a JVM worker is healthy at ${this.url}`,
        async () => {
          if (!this.#process.isRunning) return 'ended'
          return (await fetch(`${this.url}/health`)).ok
        },
        { timeoutMs: this.#readyMs, everyMs: 50 },
      )
    } catch (cause) {
      throw new Error(`The JVM worker did not start. The end of its log:\n${this.#process.lastOutput()}`, { cause })
    }
    if (!this.#process.isRunning) {
      throw new Error(`The JVM worker ended at start. The end of its log:\n${this.#process.lastOutput()}`)
    }
  }
  async end(): Promise<void> {
    await this.#process.end('SIGTERM', 30_000)
  }
  async kill(): Promise<void> {
    await this.#process.end('SIGKILL')
  }
  pause(): void {
    this.#process.signal('SIGSTOP')
  }
  resume(): void {
    this.#process.signal('SIGCONT')
  }
  log(): string {
    return readFileSync(this.logFile, 'utf8')
  }
  async stop(): Promise<void> {
    await this.kill()
    await this.#folder[Symbol.asyncDispose]()
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

async function connectLib(): Promise<string> {
  const lib = await findKafkaLib()
  if (readdirSync(lib).some((name) => /^connect-runtime-.*\.jar$/.test(name))) return lib
  throw new Error(`${lib} has no connect-runtime-*.jar: run node scripts/install-kafka.ts`)
}

function randomGroup(): string {
  return `connect-${randomBytes(6).toString('hex')}`
}

function topicsOf(groupId: string) {
  return { config: `${groupId}-configs`, offset: `${groupId}-offsets`, status: `${groupId}-status` }
}

function commonProps(bootstrap: string, port: number): Record<string, string> {
  return {
    'bootstrap.servers': bootstrap,
    'key.converter': STRING,
    'value.converter': STRING,
    'offset.flush.interval.ms': '500',
    listeners: `http://${HOST}:${port}`,
    'rest.advertised.host.name': HOST,
    // No scan of the class path: a second less.
    'plugin.discovery': 'service_load',
  }
}

/** The pattern of the distribution's own file, with the connector in front of the message. */
const LOGGING = `rootLogger.level = INFO
rootLogger.appenderRef.stdout.ref = stdout
appender.stdout.type = Console
appender.stdout.name = stdout
appender.stdout.layout.type = PatternLayout
appender.stdout.layout.pattern = [%d] %p %X{connector.context}%m (%c:%L)%n
`
