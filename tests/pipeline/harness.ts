// A worker as its users run it, the millrace command in a process of its own, with what tests of whole pipelines ask of it.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Admin, Consumer, Producer, type ProducerRecord } from '@millrace/kafka'
import { freePorts, ServiceProcess, type TemporaryFolder, temporaryFolder, until } from '@millrace/testkit'

const ROOT = new URL('../..', import.meta.url).pathname
export const MILLRACE = join(ROOT, 'packages/cli/bin/millrace')
const STRING = 'org.apache.kafka.connect.storage.StringConverter'
const COMMAND_MS = 60_000

type Props = Readonly<Record<string, string>>

/** `GET /connectors/{name}/status` */
export interface Status {
  readonly connector: { readonly state: string; readonly trace?: string }
  readonly tasks: readonly {
    readonly id: number
    readonly state: string
    readonly trace?: string
    readonly auto_restart?: { readonly attempts: number }
  }[]
}

/** A record read back from a topic. */
export interface Landed {
  readonly partition: number
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: Readonly<Record<string, string | null>>
}

/** What a command printed and how it ended. */
export interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs the command to its end. */
export function millrace(args: readonly string[], options: { cwd?: string; env?: Props } = {}): Outcome {
  const done = spawnSync(MILLRACE, args, {
    cwd: options.cwd,
    env: { ...process.env, MILLRACE_TRACE: undefined, ...options.env },
    encoding: 'utf8',
    timeout: COMMAND_MS,
    killSignal: 'SIGKILL',
  })
  return { code: done.status, out: done.stdout, err: done.stderr }
}

/** Writes a .properties file, and gives its path. */
export async function propertiesFile(folder: TemporaryFolder, name: string, props: Props): Promise<string> {
  const text = Object.entries(props).map(([key, value]) => `${key}=${value}\n`)
  await writeFile(folder.file(name), text.join(''))
  return folder.file(name)
}

/** The least that a worker needs, its files in `folder`; strings go through Kafka. */
export function workerProps(folder: TemporaryFolder, bootstrap: string, port: number): Record<string, string> {
  return {
    'bootstrap.servers': bootstrap,
    'key.converter': STRING,
    'value.converter': STRING,
    'offset.storage.file.filename': folder.file('offsets'),
    'offset.flush.interval.ms': '200',
    listeners: `http://127.0.0.1:${port}`,
  }
}

/** A running worker and a client of its broker. */
export class WorkerUnderTest implements AsyncDisposable {
  readonly #process: ServiceProcess
  readonly #url: string
  readonly #bootstrap: string
  readonly folder: TemporaryFolder
  #producer: Producer | undefined

  private constructor(process_: ServiceProcess, folder: TemporaryFolder, url: string, bootstrap: string) {
    this.#process = process_
    this.folder = folder
    this.#url = url
    this.#bootstrap = bootstrap
  }

  /** Resolves when its REST API answers. */
  static async start(bootstrap: string, props: Props = {}): Promise<WorkerUnderTest> {
    const folder = await temporaryFolder('millrace-pipeline-')
    const [port] = (await freePorts(1)) as [number]
    const file = await propertiesFile(folder, 'worker.properties', {
      ...workerProps(folder, bootstrap, port),
      ...props,
    })
    const process_ = new ServiceProcess({ command: [MILLRACE, 'standalone', file], logFile: folder.file('worker.log') })
    const worker = new WorkerUnderTest(process_, folder, `http://127.0.0.1:${port}`, bootstrap)
    process_.start()
    await worker.wait('the REST API answers', async () => (await worker.call('GET', '/')).status === 200)
    return worker
  }

  /** A name that no other test has on the same broker. */
  unique(name: string): string {
    return `${basename(this.folder.path)}-${name}`
  }

  async call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const response = await fetch(this.#url + path, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') === true
    return { status: response.status, body: isJson && text !== '' ? JSON.parse(text) : text }
  }

  /** Creates a connector. @throws Error with the worker's answer when it refuses */
  async create(name: string, config: Props): Promise<void> {
    const { status, body } = await this.call('POST', '/connectors', { name, config })
    if (status !== 201) throw new Error(`Creating ${name}: ${status} ${JSON.stringify(body)}`)
  }

  async status(name: string): Promise<Status> {
    return (await this.call('GET', `/connectors/${name}/status`)).body as Status
  }

  /** Waits until every task, at least one, is in `state`. */
  tasksIn(name: string, state: string): Promise<Status> {
    return this.wait(`the tasks of ${name} are ${state}`, async () => {
      const status = await this.status(name)
      return status.tasks.length > 0 && status.tasks.every((task) => task.state === state) && status
    })
  }

  /** Waits for a fact; a failure shows the end of the worker's output. */
  async wait<T>(what: string, fact: () => T | Promise<T>, timeoutMs = 40_000) {
    try {
      return await until(what, fact, { timeoutMs, everyMs: 30 })
    } catch (cause) {
      throw new Error(`${what}: in vain. The worker said:\n${this.#process.lastOutput(3_000)}`, { cause })
    }
  }

  /** Everything that the worker has printed, one parsed line each: to a pipe it speaks JSON only. */
  logged(): { level: string; message: string; [field: string]: unknown }[] {
    const lines = readFileSync(this.folder.file('worker.log'), 'utf8').split('\n')
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line))
  }

  /** Puts records into Kafka, as another program would; resolves when they are acknowledged. */
  async send(...records: ProducerRecord[]): Promise<void> {
    this.#producer ??= Producer.create({ 'bootstrap.servers': this.#bootstrap, 'linger.ms': '0' })
    await Promise.all(records.map((record) => this.#producer!.send(record)))
  }

  /** Waits until `count` records are in a topic, and gives all that are there. */
  landed(topic: string, count: number, partitions = 1): Promise<Landed[]> {
    return this.wait(`${count} records are in ${topic}`, async () => {
      const all = await readAll(this.#bootstrap, topic, partitions)
      return all.length >= count && all
    })
  }

  /** Waits until a file holds exactly this text. */
  async fileIs(file: string, text: string): Promise<void> {
    const now = () => {
      try {
        return readFileSync(file, 'utf8')
      } catch {
        return '(no file)'
      }
    }
    await this.wait(`${file} holds the text`, () => now() === text).catch((cause) => {
      throw new Error(`${file} holds ${JSON.stringify(now().slice(0, 500))}`, { cause })
    })
  }

  async makeTopic(topic: string, numPartitions = 1): Promise<void> {
    await using admin = this.admin()
    const [outcome] = await admin.createTopics([{ name: topic, numPartitions, replicationFactor: 1 }])
    if (outcome?.error) throw outcome.error
  }

  admin(): Admin {
    return Admin.create({ 'bootstrap.servers': this.#bootstrap })
  }

  /** SIGTERM; resolves when the process has ended. */
  async end(): Promise<void> {
    await this.#process.end('SIGTERM')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#producer?.close({ timeoutMs: 1_000 })
    await this.#process.end('SIGTERM', 5_000)
    await this.folder[Symbol.asyncDispose]()
  }
}

async function readAll(bootstrap: string, topic: string, partitions: number): Promise<Landed[]> {
  const consumer = Consumer.create({ 'bootstrap.servers': bootstrap })
  try {
    const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
    consumer.assign(all)
    const ends = await consumer.endOffsets(all)
    consumer.seekToBeginning(all)
    const landed: Landed[] = []
    while (!all.every((one, at) => (consumer.position(one) ?? 0) >= ends[at]!.offset)) {
      for (const { reader, partition, count } of (await consumer.poll(100)).chunks) {
        for (let left = count; left > 0; left--) {
          reader.next()
          landed.push({
            partition,
            offset: reader.offset,
            key: reader.keyEnd < 0 ? null : reader.key.text(),
            value: reader.valueEnd < 0 ? null : reader.value.text(),
            headers: Object.fromEntries(reader.headers().map((one) => [one.key, one.value && String(one.value)])),
          })
        }
      }
    }
    return landed
  } finally {
    await consumer.close()
  }
}
