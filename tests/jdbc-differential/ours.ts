// The sink of this project, given the cases as a runtime gives them.
import { type Converter, type HeaderConverter, type SinkConnector, SinkRecord, type SinkTask } from '@millrace/api'
import { plugins } from '@millrace/connector-jdbc'
import { plugins as converters } from '@millrace/converters'
import { type DatabaseServer, sinkTaskContext } from '@millrace/testkit'
import { CASES, type Case, type Message } from './cases.ts'
import { connectionProps, look } from './databases.ts'
import { type Kind, type Outcome, readTables, tablesOf } from './tables.ts'

const CLASS = 'io.debezium.connector.jdbc.JdbcSinkConnector'

/** Runs all cases against a database, and tells what came of each, and the messages of those that failed. */
export async function runCases(server: DatabaseServer, kind: Kind) {
  const failures: Record<string, string> = {}
  const read = await reader()
  for (const one of CASES) {
    try {
      await runCase(one, connectionProps(server, kind), read)
    } catch (error) {
      failures[one.name] = (error as Error).message
    }
  }
  const eyes = await look(server, kind)
  const tables = await readTables(eyes, kind)
  await eyes.close()
  const outcomes: Record<string, Outcome> = {}
  for (const { name } of CASES) outcomes[name] = { failed: name in failures, tables: tablesOf(name, tables) }
  return { outcomes, failures }
}

type Read = (message: Message, offset: number) => Promise<SinkRecord>

async function runCase({ config, records }: Case, connection: Record<string, string>, read: Read): Promise<void> {
  const Connector = (await plugins
    .find(({ className }) => className === CLASS)
    ?.load()) as unknown as new () => SinkConnector
  const connector = new Connector()
  const props = { ...connection, 'flush.max.retries': '0', ...config }
  const values = await connector.validate({ topics: 'any', ...props })
  const [problem] = values.flatMap(({ errors }) => errors)
  if (problem !== undefined) throw new Error(problem)
  const task = new (connector.taskClass() as new () => SinkTask)()
  task.initialize(sinkTaskContext().context)
  try {
    await task.start(props)
    await task.put(await Promise.all(records.map(read)))
  } finally {
    await task.stop()
  }
}

async function reader(): Promise<Read> {
  const make = async <T>(name: string): Promise<T> => {
    const type: unknown = await converters.find((one) => one.className.endsWith(`.${name}`))?.load()
    return new (type as new () => T)()
  }
  const keys = await make<Converter>('JsonConverter')
  keys.configure({}, true)
  const values = await make<Converter>('JsonConverter')
  values.configure({}, false)
  const headers = await make<HeaderConverter>('SimpleHeaderConverter')
  const bytes = (text: string | null) => (text === null ? null : Buffer.from(text))
  return async (message, offset) => {
    const key = await keys.toConnectData(message.topic, null, bytes(message.key))
    const value = await values.toConnectData(message.topic, null, bytes(message.value))
    const record = new SinkRecord(message.topic, 0, key.schema, key.value, value.schema, value.value, offset)
    for (const [name, text] of Object.entries(message.headers ?? {})) {
      const header = await headers.toConnectHeader(message.topic, name, Buffer.from(text))
      record.headers.add(name, header.value, header.schema)
    }
    return record
  }
}
