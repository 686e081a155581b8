// A worker in a process of its own, through which numbered records flow both ways: what every fault test disturbs and then checks.
import { statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { check, type Verdict } from '@millrace/connector-verifiable/checker'
import { freePorts, ServiceProcess, type TemporaryFolder, until } from '@millrace/testkit'
import { whatIsMissing } from './missing.ts'

const ROOT = new URL('../..', import.meta.url).pathname
const MILLRACE = join(ROOT, 'packages/cli/bin/millrace')
const TASKS = 2
const THROUGHPUT = 2_000
const START_MS = 180_000
const DRAIN_MS = 180_000
const STOP_MS = 30_000

const CLASSIC_GROUP = { 'consumer.override.session.timeout.ms': 6_000, 'consumer.override.heartbeat.interval.ms': 500 }

interface ConnectorStatus {
  readonly connector: { readonly state: string }
  readonly tasks: readonly { readonly state: string; readonly trace?: string }[]
}

type Settings = Readonly<Record<string, string | number>>

/** What a test changes of a flow's configurations. */
export interface FlowOptions {
  readonly worker?: Settings
  readonly source?: Settings
  readonly sink?: Settings
  /** A cluster of workers instead of one that runs alone; further ones {@link Flow.join} it. */
  readonly distributed?: boolean
}

/** A verifiable source and a verifiable sink on one worker. */
export class Flow implements AsyncDisposable {
  readonly #process: ServiceProcess
  readonly #others: ServiceProcess[] = []
  readonly #folder: TemporaryFolder
  readonly #settings: Settings
  #url: string
  /** Of all workers, also of those that are no longer asked. */
  readonly #urls: string[]
  readonly #sent: string
  readonly #received: string

  /** Names of both connectors and of the topic: no other flow on the same broker has them. */
  readonly #names: { readonly source: string; readonly sink: string }

  private constructor(
    process_: ServiceProcess,
    url: string,
    folder: TemporaryFolder,
    settings: Settings,
    journals: { readonly sent: string; readonly received: string },
  ) {
    this.#process = process_
    this.#url = url
    this.#urls = [url]
    this.#sent = journals.sent
    this.#received = journals.received
    this.#names = namesOf(folder)
    this.#folder = folder
    this.#settings = settings
  }

  /** Writes the configurations and starts the worker; resolves when records flow. */
  static async start(folder: TemporaryFolder, bootstrap: string, options: FlowOptions = {}): Promise<Flow> {
    const [port] = (await freePorts(1)) as [number]
    const names = namesOf(folder)
    const worker = {
      'bootstrap.servers': bootstrap,
      'key.converter': 'org.apache.kafka.connect.converters.IntegerConverter',
      'value.converter': 'org.apache.kafka.connect.converters.LongConverter',
      ...(options.distributed ? clusterSettings(folder) : { 'offset.storage.file.filename': folder.file('offsets') }),
      // Often, so that kills fall before, into and after commits.
      'offset.flush.interval.ms': '300',
      listeners: `http://127.0.0.1:${port}`,
      ...options.worker,
    }
    const source = {
      'connector.class': 'VerifiableSource',
      'tasks.max': TASKS,
      topic: names.source,
      throughput: THROUGHPUT,
      partitions: 3,
      file: folder.file('sent.jsonl'),
      'topic.creation.default.partitions': 3,
      'topic.creation.default.replication.factor': 1,
      ...options.source,
    }
    // The group of a killed worker's sink must not hold its partitions for long.
    const sink = {
      'connector.class': 'VerifiableSink',
      'tasks.max': 2,
      topics: names.source,
      file: folder.file('received.jsonl'),
      // Where the coordinator divides the group, its own settings say how long.
      ...(options.sink?.['consumer.override.group.protocol'] === 'consumer' ? {} : CLASSIC_GROUP),
      'consumer.override.metadata.max.age.ms': 2_000,
      ...options.sink,
    }
    await writeFile(folder.file('worker.properties'), properties(worker))
    await writeFile(folder.file('source.properties'), properties({ name: names.source, ...source }))
    await writeFile(folder.file('sink.properties'), properties({ name: names.sink, ...sink }))
    const files = ['worker', 'source', 'sink'].map((name) => folder.file(`${name}.properties`))
    const command = options.distributed
      ? [MILLRACE, 'distributed', files[0] as string]
      : [MILLRACE, 'standalone', ...files]
    const process_ = new ServiceProcess({ command, logFile: folder.file('worker.log') })
    const journals = { sent: String(source.file), received: String(sink.file) }
    const flow = new Flow(process_, `http://127.0.0.1:${port}`, folder, worker, journals)
    if (options.distributed) await flow.#create(source, sink)
    else await flow.restart()
    return flow
  }

  /** What `GET /connectors/{name}/offsets` says of the source or the sink. */
  async offsets(of: 'source' | 'sink'): Promise<string> {
    return (await this.ask(of, 'GET', '/offsets')).text()
  }
  /** A request about the source or the sink: `path` behind the connector's. */
  ask(of: 'source' | 'sink', method: string, path: string, body?: unknown): Promise<Response> {
    const headers = { 'content-type': 'application/json' }
    const content = body === undefined ? {} : { headers, body: JSON.stringify(body) }
    return fetch(`${this.#url}/connectors/${this.#names[of]}${path}`, { method, ...content })
  }
  /** Process id of the worker. */
  get pid(): number | undefined {
    return this.#process.pid
  }
  /** The end of what the worker has said. */
  lastOutput(chars?: number): string {
    return this.#process.lastOutput(chars)
  }

  /** SIGTERM; resolves with the exit code when the worker is gone, null when it had to be killed. */
  stop(): Promise<number | null> {
    return this.#process.end('SIGTERM', STOP_MS)
  }
  /** SIGKILL; resolves when the worker is gone. */
  async kill(): Promise<void> {
    await this.#process.end('SIGKILL')
  }

  /** Stops the worker's process where it stands, until {@link thaw}. */
  freeze(): void {
    this.#process.signal('SIGSTOP')
  }
  thaw(): void {
    this.#process.signal('SIGCONT')
  }
  /** Starts one more worker of the cluster; from now on it is the one that is asked. Resolves when it answers for all. */
  async join(name: string): Promise<void> {
    const [port] = (await freePorts(1)) as [number]
    const settings = { ...this.#settings, 'group.instance.id': name, listeners: `http://127.0.0.1:${port}` }
    const file = this.#folder.file(`${name}.properties`)
    await writeFile(file, properties(settings))
    const process_ = new ServiceProcess({
      command: [MILLRACE, 'distributed', file],
      logFile: this.#folder.file(`${name}.log`),
    })
    this.#others.push(process_)
    process_.start()
    this.#url = `http://127.0.0.1:${port}`
    this.#urls.push(this.#url)
    await this.#running()
  }

  /** Starts the worker again; resolves when both connectors and all their tasks run. */
  async restart(): Promise<void> {
    this.#process.start()
    await this.#running()
  }

  /** Resolves when something new was sent and something new received, however long that takes within limits. */
  async flows(): Promise<void> {
    const sent = size(this.#sent)
    const received = size(this.#received)
    await this.#waitFor('records flow both ways', () => size(this.#sent) > sent && size(this.#received) > received)
  }

  /**
   * Stops the source, waits until the sink has everything that was acknowledged, and gives the checker's verdict. If something
   * is missing, what became of it is the last of the problems.
   */
  async finish(): Promise<Verdict> {
    await this.#running()
    await fetch(`${this.#url}/connectors/${this.#names.source}/stop`, { method: 'PUT' })
    await this.#waitFor('the source stops', async () => (await this.#status(this.#names.source)).tasks.length === 0)
    return this.#waitFor('the sink has all', async () => {
      const verdict = await this.verdict(true)
      return verdict.lostCount === 0 && verdict
    }).catch(() => this.#lost())
  }

  async #lost(): Promise<Verdict> {
    const missing = await whatIsMissing({
      bootstrap: String(this.#settings['bootstrap.servers']),
      topic: this.#names.source,
      sink: this.#names.sink,
      sent: this.#sent,
      received: this.#received,
      urls: this.#urls,
    })
    const verdict = await this.verdict(true)
    if (verdict.lostCount === 0) return verdict
    return { ...verdict, problems: [...verdict.problems, missing] }
  }

  /** What the checker says now. `gapless` once the source has stopped in good order: then nothing is under way. */
  verdict(gapless = false): Promise<Verdict> {
    const exactlyOnce = this.#settings['exactly.once.source.support'] === 'enabled'
    return check({ source: [this.#sent], sink: [this.#received], gapless, exactlyOnce })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.kill(), ...this.#others.map((one) => one.end('SIGKILL'))])
  }

  async #create(source: Settings, sink: Settings): Promise<void> {
    this.#process.start()
    await this.#put(this.#names.source, source)
    // A sink that came first would have the broker make the topic, with one partition.
    await this.#waitFor(
      'the topic is there',
      async () => {
        const response = await fetch(`${this.#url}/connectors/${this.#names.source}/topics`)
        return (await response.text()).includes(`"${this.#names.source}"]`)
      },
      START_MS,
    )
    await this.#put(this.#names.sink, sink)
    await this.#running()
  }
  async #put(name: string, config: Settings): Promise<void> {
    await this.#waitFor(
      `${name} is created`,
      async () => {
        const body = JSON.stringify(Object.fromEntries(Object.entries(config).map(([key, value]) => [key, `${value}`])))
        const headers = { 'content-type': 'application/json' }
        const url = `${this.#url}/connectors/${name}/config`
        const response = await fetch(url, { method: 'PUT', headers, body }).catch(() => null)
        if (response?.status === 400) throw new Error(await response.text())
        return response?.ok === true
      },
      START_MS,
    )
  }

  #running(): Promise<true> {
    return this.#waitFor(
      'both connectors run',
      async () => {
        const all = await Promise.all(Object.values(this.#names).map((name) => this.#status(name)))
        const failed = all.flatMap((one) => one.tasks).find((task) => task.state === 'FAILED')
        if (failed !== undefined) throw new Error(`A task has failed: ${failed.trace}`)
        return all.every((one) => one.tasks.length === TASKS && one.tasks.every((task) => task.state === 'RUNNING'))
      },
      START_MS,
    ) as Promise<true>
  }

  async #status(connector: string): Promise<ConnectorStatus> {
    const response = await fetch(`${this.#url}/connectors/${connector}/status`)
    if (!response.ok) throw new Error(`${connector}: ${response.status}`)
    return (await response.json()) as ConnectorStatus
  }

  async #waitFor<T>(what: string, fact: () => T | Promise<T>, timeoutMs = DRAIN_MS) {
    try {
      return await until(what, fact, { timeoutMs, everyMs: 50 })
    } catch (cause) {
      throw new Error(`${what}: in vain. The end of the worker's output:\n${this.#process.lastOutput(4_000)}`, {
        cause,
      })
    }
  }
}

function namesOf(folder: TemporaryFolder) {
  const id = basename(folder.path)
  return { source: `${id}-numbers`, sink: `${id}-check` }
}

/** One worker that keeps its place in the group over a restart, so that nobody waits for its session to end. */
function clusterSettings(folder: TemporaryFolder): Settings {
  const group = basename(folder.path)
  return {
    'group.id': group,
    'group.instance.id': 'first',
    'session.timeout.ms': 6_000,
    'scheduled.rebalance.max.delay.ms': 0,
    'offset.storage.partitions': 3,
    'status.storage.partitions': 1,
    ...Object.fromEntries(
      ['config', 'offset', 'status'].flatMap((kind) => [
        [`${kind}.storage.topic`, `${group}-${kind}`],
        [`${kind}.storage.replication.factor`, 1],
      ]),
    ),
  }
}

function properties(map: Readonly<Record<string, string | number>>): string {
  return Object.entries(map)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}

function size(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

/** A pause of random length, so that faults fall at random moments. The seed is printed: a failure can be tried again. */
export function randomMoments(seed = Number(process.env.MILLRACE_FAULT_SEED ?? Date.now() % 100_000)) {
  let state = seed
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  return {
    seed,
    next,
    pause: (mostMs: number) => new Promise((resolve) => setTimeout(resolve, next() * mostMs)),
  }
}
