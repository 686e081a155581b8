// Plans the work of Debezium's JDBC sink.
import type { ConfigDef, ConfigValue, RawConfig, SinkTask, TaskClass } from '@millrace/api'
import { TableSinkConnector } from '../write/sink-connector.ts'
import { DEBEZIUM_SINK_CONFIG } from './config.ts'
import { DebeziumJdbcSinkTask } from './task.ts'

/** Applies Debezium's change events, and flat rows, to tables of a relational database. */
export class DebeziumJdbcSinkConnector extends TableSinkConnector {
  readonly config: ConfigDef = DEBEZIUM_SINK_CONFIG

  taskClass(): TaskClass<SinkTask> {
    return DebeziumJdbcSinkTask
  }

  protected complaintAbout(one: ConfigValue, props: RawConfig): string | undefined {
    const mode = props['primary.key.mode'] ?? 'none'
    if (one.name === 'insert.mode' && one.value === 'upsert' && mode === 'none') {
      return "The 'insert.mode' upsert needs a key: set 'primary.key.mode'"
    }
    if (one.name === 'delete.enabled' && one.value === true && mode === 'none') {
      return "When 'delete.enabled' is true, 'primary.key.mode' must be set: deletes find their rows by the key"
    }
    return undefined
  }
}
