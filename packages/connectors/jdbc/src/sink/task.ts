// Writes records into tables: one transaction a batch.
import type { ConnectorProps, SinkRecord } from '@millrace/api'
import { dialectOf, parseJdbcUrl, type SqlConnection } from '@millrace/kit-sql'
import { connectionProperties } from '../properties.ts'
import type { Task } from '../write/apply.ts'
import { Session } from '../write/session.ts'
import { TableSinkTask } from '../write/sink-task.ts'
import { Structure } from '../write/structure.ts'
import { SINK_CONFIG } from './config.ts'
import { Planner } from './planner.ts'
import { type RecordCheck, recordCheck } from './validate.ts'

/** The task of {@link JdbcSinkConnector}. */
export class JdbcSinkTask extends TableSinkTask {
  static readonly className = 'io.confluent.connect.jdbc.sink.JdbcSinkTask'
  #planner!: Planner
  #check!: RecordCheck

  start(props: ConnectorProps): void {
    const config = SINK_CONFIG.parse(props)
    const name = props.name ?? 'jdbc-sink'
    const { log } = this.context
    const url = parseJdbcUrl(config['connection.url'])
    const dialect = dialectOf(url, config['dialect.name'])
    log.info(`Writing with the SQL dialect ${dialect.name}`)
    const session = new Session({
      dialect,
      connect: {
        url: { ...url, properties: new Map([...url.properties, ...connectionProperties(props)]) },
        user: config['connection.user'],
        password: config['connection.password']?.value ?? null,
        applicationName: `millrace ${name}`,
        log,
      },
      urlText: config['connection.url'],
      attempts: config['connection.attempts'],
      backoffMs: config['connection.backoff.ms'],
      log,
    })
    const structure = new Structure({
      dialect,
      quote: config['quote.sql.identifiers'].toUpperCase() === 'ALWAYS',
      log,
      mayCreate: config['auto.create'],
      mayEvolve: config['auto.evolve'],
      types: config['table.types'].map((type) => type.toUpperCase()),
      createKey: 'auto.create',
      evolveKey: 'auto.evolve',
    })
    this.#planner = new Planner(dialect, config, structure)
    this.#check = recordCheck(name, config)
    this.begin(session, {
      batchSize: config['batch.size'],
      maxRetries: config['max.retries'],
      retryDelayMs: config['retry.backoff.ms'],
    })
  }

  protected forget(): void {
    this.#planner.forget()
  }

  protected prepare(connection: SqlConnection, record: SinkRecord): Task | Promise<Task> {
    this.#check(record)
    const found = this.#planner.find(record)
    if (found !== undefined) return { record, plan: found, action: actionOf(record) }
    return this.#planner.plan(connection, record).then((plan) => ({ record, plan, action: actionOf(record) }))
  }
}

function actionOf(record: SinkRecord): 'write' | 'delete' {
  return record.value === null || record.value === undefined ? 'delete' : 'write'
}
