// Applies change events, or flat rows, to tables: one transaction a batch.
import type { ConnectorProps, MaybePromise, SinkRecord } from '@millrace/api'
import { dialectOf, parseJdbcUrl, type SqlConnection } from '@millrace/kit-sql'
import { connectionProperties } from '../properties.ts'
import type { Task } from '../write/apply.ts'
import { describe, RecordError } from '../write/deliver.ts'
import type { TablePlan } from '../write/plan.ts'
import { Session } from '../write/session.ts'
import { TableSinkTask } from '../write/sink-task.ts'
import { Structure } from '../write/structure.ts'
import { DEBEZIUM_SINK_CONFIG, type DebeziumSinkConfig } from './config.ts'
import { DebeziumPlanner } from './planner.ts'

/** The task of Debezium's `JdbcSinkConnector`. */
export class DebeziumJdbcSinkTask extends TableSinkTask {
  static readonly className = 'io.debezium.connector.jdbc.JdbcSinkConnectorTask'
  #planner!: DebeziumPlanner
  #config!: DebeziumSinkConfig

  start(props: ConnectorProps): void {
    const config = DEBEZIUM_SINK_CONFIG.parse(props)
    const { log } = this.context
    const url = parseJdbcUrl(config['connection.url'])
    const dialect = dialectOf(url, config['dialect.name'])
    const hibernate = Object.keys(props).filter((key) => key.startsWith('hibernate.'))
    if (hibernate.length > 0) log.warn(`There is no Hibernate here: ${hibernate.join(', ')} have no effect`)
    this.#config = config
    const session = new Session({
      dialect,
      connect: {
        url: { ...url, properties: new Map([...url.properties, ...connectionProperties(props)]) },
        user: config['connection.username'],
        password: config['connection.password']?.value ?? null,
        applicationName: `millrace ${props.name ?? 'jdbc-sink'}`,
        log,
      },
      urlText: config['connection.url'],
      attempts: 1,
      backoffMs: 0,
      log,
    })
    const evolves = config['schema.evolution'] === 'basic'
    const structure = new Structure({
      dialect,
      quote: true,
      log,
      mayCreate: evolves,
      mayEvolve: evolves,
      types: ['TABLE', 'PARTITIONED TABLE', 'VIEW'],
      createKey: 'schema.evolution',
      evolveKey: 'schema.evolution',
    })
    this.#planner = new DebeziumPlanner(dialect, config, structure)
    this.begin(session, {
      batchSize: config['batch.size'],
      maxRetries: config['flush.max.retries'],
      retryDelayMs: config['flush.retry.delay.ms'],
    })
  }

  protected forget(): void {
    this.#planner.forget()
  }

  protected prepare(connection: SqlConnection, record: SinkRecord): MaybePromise<Task | null> {
    const { log } = this.context
    const isValue = record.value !== null && record.value !== undefined
    if (isValue && record.valueSchema === null) {
      throw new RecordError(
        `${describe(record)} has a value without a schema, from which no columns can be told. Use a converter that gives schemas: ` +
          'Avro, Protobuf, JSON Schema, or JsonConverter with schemas.enable=true.',
      )
    }
    const shape = this.#planner.shape(record.valueSchema)
    if (shape.ignored) {
      log.warn(`${describe(record)} is a schema change event and is left out: subscribe to topics of tables only`)
      return null
    }
    const action = shape.action(record)
    if (action === 'delete' && !this.#deletes(record)) return null
    if (action === 'truncate' && !this.#config['truncate.enabled']) return null
    const name = this.#planner.tableName(record, shape)
    if (name === null) {
      log.warn(
        `${describe(record)} names no table: it has no source, which collection.name.format asks for. It is left out`,
      )
      return null
    }
    if (action === 'truncate') return { record, plan: this.#planner.truncation(name, record), action }
    const found = this.#planner.find(name, record)
    const task = (plan: TablePlan): Task => {
      if (action === 'delete' && plan.remove === null)
        throw new RecordError(`${describe(record)} deletes a row, which needs primary.key.mode`)
      return { record, plan, action }
    }
    return found === undefined ? this.#planner.plan(connection, name, record, shape).then(task) : task(found)
  }

  #deletes(record: SinkRecord): boolean {
    if (!this.#config['delete.enabled']) return false
    const isTombstone = record.valueSchema === null
    return !isTombstone || !['record_value', 'record_header'].includes(this.#config['primary.key.mode'])
  }
}
