// A connector's one task that runs by itself, as a runtime runs one.
import { once } from 'node:events'
import { type ConnectorProps, RetriableException, type SourceRecord, type SourceTask } from '@millrace/api'
import { MemoryOffsets, memoryLogger, sourceTaskContext } from '@millrace/testkit'

/** A connector class that has one task. */
export type ConnectorType = new () => {
  start(props: ConnectorProps): void
  taskClass(): new () => SourceTask
  taskConfigs(max: number): ConnectorProps[]
}

/** A task that runs by itself, as a runtime runs one. */
export interface Running extends AsyncDisposable {
  readonly records: SourceRecord[]
  readonly offsets: MemoryOffsets
  readonly log: ReturnType<typeof memoryLogger>
  /** Resolves when a record fits, rejects when the task fails first. */
  until(fits: (record: SourceRecord) => boolean): Promise<void>
}

/** Starts the connector's task; its records are committed as they come. Errors that ask to be tried again are. */
export async function startTask(
  type: ConnectorType,
  props: ConnectorProps,
  offsets: MemoryOffsets = new MemoryOffsets(),
): Promise<Running> {
  const log = memoryLogger()
  const connector = new type()
  connector.start(props)
  const [config] = connector.taskConfigs(1) as [ConnectorProps]
  const task = new (connector.taskClass())()
  const { context, abort } = sourceTaskContext({ configs: config, offsets, log })
  task.initialize(context)
  await task.start(config)
  const records: SourceRecord[] = []
  const changed = new EventTarget()
  let failure: unknown = null
  const poll = async (): Promise<SourceRecord[]> => {
    try {
      return (await task.poll()) ?? []
    } catch (error) {
      if (error instanceof RetriableException) return []
      throw error
    }
  }
  const loop = (async () => {
    while (!context.signal.aborted) {
      const batch = await poll()
      records.push(...batch)
      offsets.commit(batch)
      await task.commit?.()
      if (batch.length > 0) changed.dispatchEvent(new Event('records'))
    }
  })().catch((error: unknown) => {
    failure = error
    changed.dispatchEvent(new Event('records'))
  })
  return {
    records,
    offsets,
    log,
    async until(fits) {
      for (let from = 0; ; ) {
        for (; from < records.length; from++) if (fits(records[from] as SourceRecord)) return
        if (failure !== null) throw failure
        await once(changed, 'records')
      }
    },
    async [Symbol.asyncDispose]() {
      abort()
      await loop
      await task.stop()
    },
  }
}
