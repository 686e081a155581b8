// What this connector makes of the statements, in the form of the recorded answers of Debezium.
import { once } from 'node:events'
import type { ConnectorProps, Converter, HeaderConverter, SourceRecord, SourceTask } from '@millrace/api'
import { plugins } from '@millrace/connector-postgres'
import { plugins as converters } from '@millrace/converters'
import { MemoryOffsets, memoryLogger, type Postgres, sourceTaskContext } from '@millrace/testkit'

/** One record as Kafka has it, with JSON read. */
export interface Line {
  readonly topic: string
  readonly key: unknown
  readonly value: unknown
  readonly headers: readonly string[]
}

/** A task that runs by itself, as a runtime runs one. */
export interface Running extends AsyncDisposable {
  readonly records: SourceRecord[]
  readonly offsets: MemoryOffsets
  readonly log: ReturnType<typeof memoryLogger>
  /** Resolves when a record fits, rejects when the task fails first. */
  until(fits: (record: SourceRecord) => boolean): Promise<void>
}

/** Configuration that connects to a server. */
export function propsOf(postgres: Pick<Postgres, 'url'>, more: ConnectorProps = {}): ConnectorProps {
  const { hostname, port, username, password, pathname } = new URL(postgres.url)
  return {
    'database.hostname': hostname,
    'database.port': port,
    'database.user': username,
    'database.password': password,
    'database.dbname': pathname.slice(1),
    'plugin.name': 'pgoutput',
    'topic.prefix': 'ref',
    ...more,
  }
}

/** Starts the connector's task; its records are committed as they come. */
export async function startTask(props: ConnectorProps, offsets = new MemoryOffsets()): Promise<Running> {
  const log = memoryLogger()
  const type = (await plugins[0]?.load()) as unknown as new () => {
    start(props: ConnectorProps): void
    taskClass(): new () => SourceTask
    taskConfigs(max: number): ConnectorProps[]
  }
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
  const loop = (async () => {
    while (!context.signal.aborted) {
      const batch = (await task.poll()) ?? []
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

/** Records as Kafka would have them. */
export async function linesOf(records: readonly SourceRecord[]): Promise<Line[]> {
  const make = async <T>(name: string): Promise<T> => {
    const type: unknown = await converters.find((one) => one.className.endsWith(`.${name}`))?.load()
    return new (type as new () => T)()
  }
  const keys = await make<Converter>('JsonConverter')
  keys.configure({}, true)
  const values = await make<Converter>('JsonConverter')
  values.configure({}, false)
  const headers = await make<HeaderConverter>('SimpleHeaderConverter')
  const read = (bytes: unknown) => (bytes === null ? null : JSON.parse(Buffer.from(bytes as Uint8Array).toString()))
  return records.map((one) => ({
    topic: one.topic,
    key: read(keys.fromConnectData(one.topic, null, one.keySchema, one.key)),
    value: read(values.fromConnectData(one.topic, null, one.valueSchema, one.value)),
    headers: [...one.headers].flatMap((header) => [
      header.key,
      Buffer.from(
        headers.fromConnectHeader(one.topic, header.key, header.schema, header.value) as Uint8Array,
      ).toString(),
    ]),
  }))
}
