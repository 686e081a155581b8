// The data plane: a pool of threads that are spawned when there is something to run, and what runs where.

import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectException } from '@millrace/api'
import type { ListedModule } from '../plugins/sources.ts'
import type { CreateDataPlane, DataPlane, DataPlaneHost } from './data-plane.ts'
import type { MetricSample, RemoteError, StartTask, TaskId, ThreadEvent, ThreadRequests } from './messages.ts'
import { PoolThread } from './pool-thread.ts'
import { describeError } from './remote-error.ts'

/** Key by which a connector asks for a thread of its own (`dedicated`), and the heap limit of that thread in MB. */
const ISOLATION = 'task.isolation'
const ISOLATION_HEAP = 'task.isolation.heap.mb'
const CLOSE_GRACE_MS = 5_000
/** A connector has this long to stop (the reference's fixed time). */
const CONNECTOR_STOP_MS = 5_000
/** How much later than asked an answer may come before the thread counts as stuck. */
const ANSWER_MS = 2_000
/** How long a look at the metrics waits for a thread that is busy. */
const METRICS_MS = 2_000

/** Makes the pool. No thread is spawned yet. */
export const createThreadPool: CreateDataPlane = (host, options) =>
  new ThreadPool(host, options.threads > 0 ? options.threads : availableParallelism())

class ThreadPool implements DataPlane {
  readonly #host: DataPlaneHost
  readonly #size: number
  readonly #shared: PoolThread[] = []
  readonly #dedicated = new Set<PoolThread>()
  readonly #connectors = new Map<string, PoolThread>()
  readonly #tasks = new Map<string, PoolThread>()
  #closed = false

  constructor(host: DataPlaneHost, size: number) {
    this.#host = host
    this.#size = size
  }

  validateConnector = (p: Parameters<ThreadRequests['validateConnector']>[0]) =>
    this.#any().call('validateConnector', p)
  pluginConfig = (p: Parameters<ThreadRequests['pluginConfig']>[0]) => this.#any().call('pluginConfig', p)
  alterSourceOffsets = (p: Parameters<ThreadRequests['alterSourceOffsets']>[0]) =>
    this.#any().call('alterSourceOffsets', p)
  alterSinkOffsets = (p: Parameters<ThreadRequests['alterSinkOffsets']>[0]) => this.#any().call('alterSinkOffsets', p)

  startConnector = async (p: Parameters<ThreadRequests['startConnector']>[0]): Promise<void> => {
    const thread = this.#any()
    thread.connectors.add(p.connector)
    this.#connectors.set(p.connector, thread)
    await thread.call('startConnector', p)
  }
  stopConnector = async (p: { readonly connector: string }): Promise<void> => {
    const thread = this.#connectors.get(p.connector)
    this.#connectors.delete(p.connector)
    thread?.connectors.delete(p.connector)
    if (thread === undefined || thread.dead) return
    await thread.callWithin('stopConnector', { ...p, timeoutMs: CONNECTOR_STOP_MS }, CONNECTOR_STOP_MS + ANSWER_MS)
  }
  setConnectorState = (p: Parameters<ThreadRequests['setConnectorState']>[0]) =>
    this.#of(p.connector).call('setConnectorState', p)
  taskConfigs = (p: Parameters<ThreadRequests['taskConfigs']>[0]) => this.#of(p.connector).call('taskConfigs', p)

  startTask = async (p: StartTask): Promise<void> => {
    const thread = this.#threadFor(p)
    const key = keyOf(p.id)
    const slot = thread.takeIn(key, p.id)
    this.#tasks.set(key, thread)
    await thread.call('startTask', { ...p, slot })
  }
  stopTask = async (p: {
    readonly id: TaskId
    readonly timeoutMs: number
  }): Promise<'stopped' | 'abandoned' | 'unknown'> => {
    const key = keyOf(p.id)
    const thread = this.#tasks.get(key)
    this.#tasks.delete(key)
    thread?.letGo(key)
    if (thread === undefined || thread.dead) return 'unknown'
    let end: 'stopped' | 'abandoned' | 'unknown'
    try {
      end = await thread.callWithin('stopTask', p, p.timeoutMs + ANSWER_MS)
    } catch (error) {
      if (!thread.dead) throw error
      return 'abandoned'
    }
    if (this.#dedicated.delete(thread)) await thread.close(CLOSE_GRACE_MS)
    return end
  }
  setTaskLimit = async (p: Parameters<ThreadRequests['setTaskLimit']>[0]): Promise<void> => {
    await this.#tasks.get(keyOf(p.id))?.call('setTaskLimit', p)
  }
  setTaskState = async (p: Parameters<ThreadRequests['setTaskState']>[0]): Promise<void> => {
    await this.#tasks.get(keyOf(p.id))?.call('setTaskState', p)
  }

  expect(tasks: number): void {
    // With fewer tasks than threads it is open which worker of the group gets them.
    while (tasks >= this.#size && this.#shared.length < this.#size) this.#shared.push(this.#spawn({}))
  }
  async metrics(): Promise<MetricSample[]> {
    const samples = await Promise.all(this.#living().map(metricsOf))
    return samples.flat()
  }
  checkProgress(): void {
    for (const thread of this.#living()) thread.checkProgress()
  }
  async setLogLevel(logger: string, level: string): Promise<void> {
    // A busy thread follows when it can.
    for (const thread of this.#living()) thread.call('setLogLevel', { logger, level }).catch(() => {})
  }
  addPlugins(modules: readonly ListedModule[]): void {
    // Requests are taken in order: whatever comes after this one finds the plugins.
    for (const thread of this.#living()) thread.call('addPlugins', { modules }).catch(() => {})
  }
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#living().map((thread) => thread.close(CLOSE_GRACE_MS)))
  }

  /** The thread for short work: the least loaded one that answers. */
  #any(): PoolThread {
    return this.#place((thread) => !thread.stalled)
  }
  /** The least loaded shared thread if it `suits`; else a new one, while there may be more. */
  #place(suits: (thread: PoolThread) => boolean): PoolThread {
    const alive = this.#shared.filter((thread) => !thread.dead)
    const [best] = alive.sort((a, b) => Number(a.stalled) - Number(b.stalled) || a.load - b.load)
    if (best !== undefined && (suits(best) || alive.length >= this.#size)) return best
    const thread = this.#spawn({})
    this.#shared.push(thread)
    return thread
  }
  #threadFor(p: StartTask): PoolThread {
    // Tasks are what threads are for: each gets one of its own while there may be more.
    if (p.connectorProps[ISOLATION] !== 'dedicated')
      return this.#place((thread) => !thread.stalled && thread.tasks.size === 0)
    const heapMb = Number(p.connectorProps[ISOLATION_HEAP])
    const thread = this.#spawn(heapMb > 0 ? { heapMb } : {})
    this.#dedicated.add(thread)
    return thread
  }
  #of(connector: string): PoolThread {
    const thread = this.#connectors.get(connector)
    if (thread === undefined || thread.dead)
      throw new ConnectException(`Connector ${connector} runs on no thread of this worker`)
    return thread
  }
  #living(): PoolThread[] {
    return [...this.#shared, ...this.#dedicated].filter((thread) => !thread.dead)
  }

  #spawn(options: { readonly heapMb?: number }): PoolThread {
    if (this.#closed) throw new ConnectException('The worker is shutting down')
    const thread: PoolThread = new PoolThread(
      this.#host,
      options,
      (event) => this.#host.onEvent(event),
      (why) => this.#buried(thread, why),
    )
    return thread
  }
  /** A thread died: what ran on it has failed. */
  #buried(thread: PoolThread, why: Error): void {
    const at = this.#shared.indexOf(thread)
    if (at >= 0) this.#shared.splice(at, 1)
    this.#dedicated.delete(thread)
    for (const event of obituaries(
      thread,
      describeError(why, (text) => text),
    ))
      this.#host.onEvent(event)
  }
}

async function metricsOf(thread: PoolThread): Promise<MetricSample[]> {
  const timer = new AbortController()
  const late = sleep(METRICS_MS, [], { signal: timer.signal }).catch(() => [])
  const samples = await Promise.race([thread.call('metrics', undefined).catch(() => []), late])
  timer.abort()
  return samples
}

function* obituaries(thread: PoolThread, error: RemoteError): Generator<ThreadEvent> {
  for (const id of thread.tasks.values()) yield { event: 'taskState', id, state: 'FAILED', error, version: '' }
  for (const connector of thread.connectors)
    yield { event: 'connectorState', connector, state: 'FAILED', error, version: '' }
}

function keyOf(id: TaskId): string {
  return `${id.connector}-${id.task}`
}
