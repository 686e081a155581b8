// Apache Kafka for tests: a running one, or one of the test's own from the jars at hand.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { errorMessage } from '@millrace/api'
import { type TemporaryFolder, temporaryFolder } from '../folder.ts'
import { type BrokerOptions, type BrokerService, brokerAnswers } from './broker-service.ts'
import { freePorts } from './ports.ts'
import { ServiceProcess } from './process.ts'

const run = promisify(execFile)

const HOST = '127.0.0.1'
const START_ATTEMPTS = 3
const VERSION = '4.3.1'

/** Options of {@link startKafka}. */
export interface KafkaOptions extends BrokerOptions {
  /** Start one even when KAFKA_BOOTSTRAP names a running one: for tests that kill it, or need it empty. */
  readonly own?: boolean
  /** Listeners beside the plain one, by name. */
  readonly listeners?: Readonly<Record<string, KafkaListener>>
  /** SCRAM credentials to begin with, as `SCRAM-SHA-256=[name=alice,password=secret]`. */
  readonly scram?: readonly string[]
}

/** A further listener. */
export interface KafkaListener {
  readonly port: number
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
}

/**
 * The folder with the jars: MILLRACE_KAFKA_LIB, else what scripts/install-kafka.ts has put into .cache/.
 * @throws Error saying how to get them
 */
export async function findKafkaLib(): Promise<string> {
  return locateKafkaLib()
}

function locateKafkaLib(): string {
  const named = process.env.MILLRACE_KAFKA_LIB
  if (named !== undefined) {
    if (holdsKafka(named)) return named
    throw new Error(`MILLRACE_KAFKA_LIB is ${named}, which holds no kafka_2.13-*.jar`)
  }
  for (const start of [process.cwd(), import.meta.dirname]) {
    for (let at = resolve(start); ; at = dirname(at)) {
      const lib = join(at, '.cache', `kafka-${VERSION}`, 'lib')
      if (holdsKafka(lib)) return lib
      if (at === dirname(at)) break
    }
  }
  throw new Error(
    `The jars of Apache Kafka ${VERSION} are not here: run node scripts/install-kafka.ts, or set MILLRACE_KAFKA_LIB to their folder`,
  )
}

function holdsKafka(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => /^kafka_2\.13-.*\.jar$/.test(name))
}

/** Why there can be no Apache Kafka here, or undefined when there can. */
export function whyNoKafka(): string | undefined {
  if (process.env.KAFKA_BOOTSTRAP !== undefined) return undefined
  try {
    locateKafkaLib()
    return undefined
  } catch (error) {
    return errorMessage(error)
  }
}

/**
 * Apache Kafka, ready to answer: the one that KAFKA_BOOTSTRAP names, unless `own` is asked for, else one started from the jars,
 * a single node that is broker and controller, with small internal topics and no waiting before a first rebalance.
 * @throws Error when there are no jars, or it does not start
 */
export async function startKafka(options: KafkaOptions = {}): Promise<BrokerService> {
  const running = process.env.KAFKA_BOOTSTRAP
  if (running !== undefined && !options.own) return found(running)
  const lib = await findKafkaLib()
  for (let attempt = 1; ; attempt++) {
    const kafka = await OwnKafka.create(lib, options)
    try {
      await kafka.restart()
      return kafka
    } catch (error) {
      const portTaken = /Address already in use/.test(String(error))
      await kafka.stop()
      if (!portTaken || attempt === START_ATTEMPTS) throw error
    }
  }
}

/** Runs a Java program of the jars, such as `org.apache.kafka.tools.TopicCommand`, and gives its output. */
export async function runKafkaTool(className: string, ...args: readonly string[]): Promise<string> {
  const lib = await findKafkaLib()
  const { stdout } = await run(
    'java',
    ['-Xmx256M', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', `${lib}/*`, className, ...args],
    { maxBuffer: 64 << 20 },
  )
  return stdout
}

function found(bootstrap: string): BrokerService {
  const refuse = () => {
    throw new Error('This Apache Kafka was found running, by KAFKA_BOOTSTRAP: ask for one of your own to disturb it')
  }
  const nothing = async () => {}
  return {
    name: 'kafka',
    bootstrap,
    address: bootstrap,
    folder: null,
    isOwn: false,
    kill: async () => refuse(),
    restart: async () => refuse(),
    pause: refuse,
    resume: refuse,
    stop: nothing,
    [Symbol.asyncDispose]: nothing,
  }
}

class OwnKafka implements BrokerService {
  readonly name = 'kafka'
  readonly isOwn = true
  readonly bootstrap: string
  readonly address: string
  readonly #folder: TemporaryFolder
  readonly #process: ServiceProcess
  readonly #port: number

  private constructor(folder: TemporaryFolder, port: number, bootstrap: string, command: readonly string[]) {
    this.#folder = folder
    this.#port = port
    this.bootstrap = bootstrap
    this.address = `${HOST}:${port}`
    this.#process = new ServiceProcess({ command, logFile: folder.file('kafka.log') })
  }

  /** Writes configuration and formats storage. */
  static async create(lib: string, options: KafkaOptions): Promise<OwnKafka> {
    const folder = await temporaryFolder('millrace-kafka-')
    const [port, controller] = (await freePorts(2)) as [number, number]
    const bootstrap = options.advertised ?? `${HOST}:${port}`
    const file = folder.file('broker.properties')
    const basic = withListeners(defaults(folder, port, controller, bootstrap), options.listeners ?? {})
    const properties = { ...basic, ...options.properties }
    await writeFile(
      file,
      Object.entries(properties)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(''),
    )
    await writeFile(folder.file('log4j2.properties'), LOGGING)
    const java = ['java', `-Dlog4j2.configurationFile=${folder.file('log4j2.properties')}`, '-cp', `${lib}/*`]
    const scram = (options.scram ?? []).flatMap((one) => ['--add-scram', one])
    const [program, ...args] = [...java, 'kafka.tools.StorageTool', 'format', '-t', clusterId(), '-c', file, ...scram]
    await run(program!, args)
    return new OwnKafka(folder, port, bootstrap, [
      ...java.slice(0, 1),
      '-Xms256M',
      '-Xmx1G',
      ...java.slice(1),
      'kafka.Kafka',
      file,
    ])
  }

  get folder(): string {
    return this.#folder.path
  }

  async restart(): Promise<void> {
    this.#process.start()
    await brokerAnswers('Apache Kafka', this.#process, HOST, this.#port)
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
  async stop(): Promise<void> {
    // Its data goes away with it: there is nothing to close in good order.
    await this.kill()
    await this.#folder[Symbol.asyncDispose]()
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

function defaults(folder: TemporaryFolder, port: number, controller: number, advertised: string) {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@${HOST}:${controller}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://${HOST}:${port},CONTROLLER://${HOST}:${controller}`,
    'advertised.listeners': `PLAINTEXT://${advertised}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': folder.file('data'),
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '5',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '5',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '1',
    'group.initial.rebalance.delay.ms': '0',
    // A killed broker may register again only when its former session has ended: by default after 9 s.
    'broker.session.timeout.ms': '2500',
    'broker.heartbeat.interval.ms': '500',
    'auto.create.topics.enable': 'true',
  }
}

/** Adds listeners to the three keys that name them. */
function withListeners<T extends Readonly<Record<string, string>>>(
  properties: T,
  listeners: Readonly<Record<string, KafkaListener>>,
): Readonly<Record<string, string>> {
  const all = Object.entries(listeners)
  const append = (key: keyof T, entries: readonly string[]) => [properties[key], ...entries].join(',')
  const addresses = all.map(([name, { port }]) => `${name}://${HOST}:${port}`)
  return {
    ...properties,
    listeners: append('listeners', addresses),
    'advertised.listeners': append('advertised.listeners', addresses),
    'listener.security.protocol.map': append(
      'listener.security.protocol.map',
      all.map(([name, { protocol }]) => `${name}:${protocol}`),
    ),
  }
}

const LOGGING = `rootLogger.level = WARN
rootLogger.appenderRef.stdout.ref = stdout
appender.stdout.type = Console
appender.stdout.name = stdout
appender.stdout.layout.type = PatternLayout
appender.stdout.layout.pattern = %d %p %c: %m%n
`

/** A random cluster id as Kafka writes them: sixteen bytes in URL-safe base 64, not beginning with a dash. */
function clusterId(): string {
  const id = randomBytes(16).toString('base64url')
  return id.startsWith('-') ? clusterId() : id
}
