// What the control plane may ask of the data plane as a whole, and what it gives it. The thread pool implements it: which
// thread does the work, and what happens when one dies, is its business.

import type { ListedModule } from '../plugins/sources.ts'
import type { ControlRequests, MetricSample, ThreadEvent, ThreadRequests } from './messages.ts'

/** One request of the boundary as a call. */
export type PlaneCall<K extends keyof ThreadRequests> = (
  params: Parameters<ThreadRequests[K]>[0],
) => Promise<ReturnType<ThreadRequests[K]>>

/**
 * The data plane. Threads are spawned when first needed. A call about a connector or task goes to the thread that runs
 * it; a call about one that no thread runs is answered as the thread would (`unknown`, or nothing to do).
 * A thread that dies fails what ran on it: the pool reports that as `connectorState` and `taskState` events with FAILED,
 * and rejects the calls that were open there.
 */
export interface DataPlane {
  readonly validateConnector: PlaneCall<'validateConnector'>
  readonly pluginConfig: PlaneCall<'pluginConfig'>
  readonly startConnector: PlaneCall<'startConnector'>
  /** Within the time that connectors have for it. */
  readonly stopConnector: (p: { readonly connector: string }) => Promise<void>
  readonly setConnectorState: PlaneCall<'setConnectorState'>
  readonly taskConfigs: PlaneCall<'taskConfigs'>
  readonly alterSourceOffsets: PlaneCall<'alterSourceOffsets'>
  readonly alterSinkOffsets: PlaneCall<'alterSinkOffsets'>
  readonly startTask: PlaneCall<'startTask'>
  readonly stopTask: PlaneCall<'stopTask'>
  readonly setTaskState: PlaneCall<'setTaskState'>
  readonly setTaskLimit: PlaneCall<'setTaskLimit'>
  /** So many tasks are about to be started: threads that they would need are spawned, so that they load while other things are done. */
  expect(tasks: number): void
  /** Samples of all threads; what ran on a dead thread is left out. Spawns no thread. */
  metrics(): Promise<MetricSample[]>
  /**
   * Has all threads look how their tasks get on; what changed comes as events, and a thread that does not answer is told of.
   * Spawns no thread.
   */
  checkProgress(): void
  /** Applies to all threads, also to those spawned later. Spawns no thread. */
  setLogLevel(logger: string, level: string): Promise<void>
  /** Makes plugins known to all threads before they see any later request. Spawns no thread. */
  addPlugins(modules: readonly ListedModule[]): void
  /** Closes all threads; idempotent. Tasks should have been stopped before. */
  close(): Promise<void>
}

/** What the control plane gives the data plane. */
export interface DataPlaneHost {
  /** Settings for a thread that is about to be spawned. Asked at each spawn. */
  init(): Promise<Parameters<ThreadRequests['init']>[0]>
  /** Answers requests of threads. A rejection crosses the boundary as a RemoteError. */
  readonly requests: {
    readonly [K in keyof ControlRequests]: (
      params: Parameters<ControlRequests[K]>[0],
    ) => Promise<ReturnType<ControlRequests[K]>>
  }
  /** Takes events in order. Must not throw. */
  onEvent(event: ThreadEvent): void
}

/** Makes the data plane: `threads` 0 is one per core. */
export type CreateDataPlane = (host: DataPlaneHost, options: { readonly threads: number }) => DataPlane
