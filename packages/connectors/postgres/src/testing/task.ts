// A task that runs by itself in a test, as a runtime runs one: records are committed as they come.
import { once } from 'node:events'
import type { ConnectorProps, SourceRecord } from '@millrace/api'
import { MemoryOffsets, memoryLogger, type Postgres, sourceTaskContext } from '@millrace/testkit'
import pg from 'pg'
import { PostgresConnector } from '../connector.ts'

/** A task under way. Disposing it stops it in good order. */
export interface Running extends AsyncDisposable {
  readonly records: SourceRecord[]
  readonly offsets: MemoryOffsets
  readonly log: ReturnType<typeof memoryLogger>
  /** Resolves when a record fits, rejects when the task fails first. */
  until(fits: (record: SourceRecord) => boolean): Promise<void>
  /** Resolves with the error when the task fails. */
  failure(): Promise<unknown>
}

/** Configuration that connects to a server. */
export function propsOf({ url }: Pick<Postgres, 'url'>, more: ConnectorProps = {}): ConnectorProps {
  const { hostname, port, username, password, pathname } = new URL(url)
  return {
    'database.hostname': hostname,
    'database.port': port,
    'database.user': username,
    'database.password': password,
    'database.dbname': pathname.slice(1),
    'plugin.name': 'pgoutput',
    'topic.prefix': 'ref',
    'slot.retry.delay.ms': '100',
    'slot.max.retries': '100',
    ...more,
  }
}

/** Starts the connector's task. @throws what its start throws */
export async function startTask(props: ConnectorProps, offsets = new MemoryOffsets()): Promise<Running> {
  const log = memoryLogger()
  const connector = new PostgresConnector()
  connector.start(props)
  const [config] = connector.taskConfigs() as [ConnectorProps]
  const task = new (connector.taskClass())()
  const { context, abort } = sourceTaskContext({ configs: config, offsets, log })
  task.initialize(context)
  try {
    await task.start(config)
  } catch (error) {
    await task.stop()
    throw error
  }
  const records: SourceRecord[] = []
  const changed = new EventTarget()
  let failure: unknown = null
  const loop = (async () => {
    while (!context.signal.aborted) {
      const batch = (await task.poll()) ?? []
      records.push(...batch)
      offsets.commit(batch)
      await task.commit?.()
      if (batch.length > 0) changed.dispatchEvent(new Event('news'))
    }
  })().catch((error: unknown) => {
    failure = error
    changed.dispatchEvent(new Event('news'))
  })
  return {
    records,
    offsets,
    log,
    async until(fits) {
      for (let from = 0; ; ) {
        for (; from < records.length; from++) if (fits(records[from] as SourceRecord)) return
        if (failure !== null) throw failure
        await once(changed, 'news')
      }
    },
    async failure() {
      while (failure === null) await once(changed, 'news')
      return failure
    },
    async [Symbol.asyncDispose]() {
      abort()
      await loop
      await task.stop()
    },
  }
}

/** Runs statements one after the other on a connection of their own; the rows of the last. */
export async function sql({ url }: Pick<Postgres, 'url'>, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    let rows: Record<string, unknown>[] = []
    for (const one of statements) rows = (await client.query(one)).rows ?? []
    return rows
  } finally {
    await client.end().catch(() => {})
  }
}

/** The row after a change, or null. */
export function afterOf(record: SourceRecord): Record<string, unknown> | null {
  return (record.value as { after?: Record<string, unknown> | null } | null)?.after ?? null
}
/** Where a record says it was in a snapshot: `false` in the stream. */
export function snapshotOf(record: SourceRecord): string | undefined {
  return (record.value as { source?: { snapshot?: string } } | null)?.source?.snapshot
}
