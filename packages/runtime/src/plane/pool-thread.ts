// One thread of the pool as the control plane sees it: its worker, its port, and what runs on it.
import { Worker } from 'node:worker_threads'
import { ConnectException, errorMessage } from '@millrace/api'
import { suspects } from '../data/progress/verdict.ts'
import type { DataPlaneHost } from './data-plane.ts'
import type { ControlRequests, TaskId, ThreadEvent, ThreadRequests } from './messages.ts'
import { describeError } from './remote-error.ts'
import { RpcPeer } from './rpc.ts'
import { Silence } from './silence.ts'

/** Compiled packages have .js files, checkouts .ts files: the thread's entry is of the same kind as this file. */
const ENTRY = new URL(`./thread-main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/**
 * Young generation of a data thread in MB. Records live for a batch, and hardly any is promoted. Measured with three jobs of
 * 3 M records one after another: 48 MB is up to 10% faster where JSON is parsed and no faster elsewhere, and takes 35 MB more.
 */
const YOUNG_GENERATION_MB = 16

/** An answer that takes longer says that the thread is busy or stuck: work goes to others, if there are any. */
const STALLED_MS = 1_000

/** Tasks of a thread that can make notes; those beyond are not named when the thread does not answer. */
const CELLS = 1024

/** Limits of a thread of a connector's own. */
export interface ThreadOptions {
  /** Heap limit in MB; undefined for Node's own. */
  readonly heapMb?: number
}

/** A running (or starting) thread. */
export class PoolThread {
  readonly #worker: Worker
  readonly #peer: RpcPeer<ThreadRequests, ControlRequests>
  readonly #ready: Promise<void>
  /** Open requests, the oldest first. */
  readonly #asked = new Set<{ readonly at: number }>()
  #dead = false
  #cause: unknown
  readonly connectors = new Set<string>()
  readonly tasks = new Map<string, TaskId>()
  /** Notes of the tasks, readable although the thread does not answer. */
  readonly #cells = new Int32Array(new SharedArrayBuffer(4 * CELLS))
  readonly #slots = new Map<string, number>()
  readonly #silence: Silence

  /** @param onDeath called once when the thread ends by itself, with the reason */
  constructor(
    host: DataPlaneHost,
    options: ThreadOptions,
    onEvent: (event: ThreadEvent) => void,
    onDeath: (why: Error) => void,
  ) {
    this.#silence = new Silence(onEvent)
    this.#worker = new Worker(ENTRY, {
      workerData: { cells: this.#cells },
      resourceLimits: {
        maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
        ...(options.heapMb !== undefined && { maxOldGenerationSizeMb: options.heapMb }),
      },
    })
    this.#peer = new RpcPeer<ThreadRequests, ControlRequests>(this.#worker, {
      handlers: host.requests,
      describeError: (error) => describeError(error, (text) => text),
      onEvent,
    })
    this.#worker.once('error', (error) => {
      this.#cause ??= error
    })
    this.#worker.once('exit', (code) => {
      if (this.#dead) return
      this.#dead = true
      const reason = this.#cause === undefined ? `exit code ${code}` : errorMessage(this.#cause)
      const why = new ConnectException(`The thread that ran this ended: ${reason}`, { cause: this.#cause })
      this.#peer.close(why)
      onDeath(why)
    })
    this.#ready = host.init().then((params) => this.#peer.call('init', params))
    // Callers wait for it and see the failure; without any, it is not an unhandled one.
    this.#ready.catch(() => {})
  }

  get dead(): boolean {
    return this.#dead
  }
  /** True when it has left a request unanswered for long: it is busy, or stuck. */
  get stalled(): boolean {
    const [oldest] = this.#asked
    return oldest !== undefined && performance.now() - oldest.at > STALLED_MS
  }
  /** How much runs here: tasks weigh, planners hardly do. */
  get load(): number {
    return this.tasks.size + this.connectors.size / 8
  }
  /** Takes a task in. @returns where it makes its notes; 0 when there is no room for them */
  takeIn(key: string, id: TaskId): number {
    this.tasks.set(key, id)
    const used = new Set(this.#slots.values())
    for (let slot = 1; slot < CELLS; slot++) {
      if (used.has(slot)) continue
      this.#slots.set(key, slot)
      return slot
    }
    return 0
  }
  letGo(key: string): void {
    this.tasks.delete(key)
    this.#slots.delete(key)
  }
  /** Has the thread look how its tasks get on, unless it has not answered the last such question. */
  checkProgress(): void {
    if (this.tasks.size === 0) return
    this.#silence.ask(
      () => this.call('checkProgress', undefined),
      () => ({
        tasks: [...this.tasks.values()],
        suspects: suspects(this.#cells, [...this.#slots.values()]).flatMap(({ slot, step }) => {
          const key = [...this.#slots].find(([, one]) => one === slot)?.[0]
          const id = key === undefined ? undefined : this.tasks.get(key)
          return id === undefined ? [] : [{ id, at: step }]
        }),
      }),
    )
  }
  /** Asks the thread once it is ready. */
  async call<K extends keyof ThreadRequests & string>(
    name: K,
    params: Parameters<ThreadRequests[K]>[0],
  ): Promise<ReturnType<ThreadRequests[K]>> {
    await this.#ready
    const asked = { at: performance.now() }
    this.#asked.add(asked)
    try {
      return (await this.#peer.call(name, params as never)) as ReturnType<ThreadRequests[K]>
    } finally {
      this.#asked.delete(asked)
    }
  }
  /**
   * As {@link call}, for requests that every living thread answers in time: one that does not within `ms` is stuck in the
   * code of a plugin that never gives way, and is ended.
   */
  async callWithin<K extends keyof ThreadRequests & string>(
    name: K,
    params: Parameters<ThreadRequests[K]>[0],
    ms: number,
  ): Promise<ReturnType<ThreadRequests[K]>> {
    const timer = setTimeout(() => this.#kill(new ConnectException(`it did not answer ${name} within ${ms} ms`)), ms)
    try {
      return await this.call(name, params)
    } finally {
      clearTimeout(timer)
    }
  }
  #kill(why: ConnectException): void {
    this.#cause ??= why
    void this.#worker.terminate()
  }
  /** Ends the thread: asks it to close, and ends it when it does not within `graceMs`. */
  async close(graceMs: number): Promise<void> {
    if (this.#dead) return
    this.#dead = true
    const exited = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()))
    const timer = setTimeout(() => void this.#worker.terminate(), graceMs)
    this.call('close', undefined).catch(() => {
      void this.#worker.terminate()
    })
    await exited
    clearTimeout(timer)
    this.#peer.close(new ConnectException('The worker is shutting down'))
  }
}
