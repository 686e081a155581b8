// Plans the work of the JDBC sink.
import type { ConfigDef, ConfigValue, RawConfig, SinkTask, TaskClass } from '@millrace/api'
import { TableSinkConnector } from '../write/sink-connector.ts'
import { SINK_CONFIG } from './config.ts'
import { JdbcSinkTask } from './task.ts'

/** Writes records into tables of a relational database. */
export class JdbcSinkConnector extends TableSinkConnector {
  readonly config: ConfigDef = SINK_CONFIG

  taskClass(): TaskClass<SinkTask> {
    return JdbcSinkTask
  }

  protected complaintAbout(one: ConfigValue, props: RawConfig): string | undefined {
    const mode = (props['pk.mode'] ?? 'none').toLowerCase()
    if (one.name === 'pk.mode' && props['delete.enabled'] === 'true' && mode !== 'record_key') {
      return "Deletes are only supported for pk.mode record_key: set 'pk.mode' to record_key, or 'delete.enabled' to false"
    }
    if (one.name === 'pk.mode' && (props['insert.mode'] ?? '').toLowerCase() === 'upsert' && mode === 'none') {
      return "insert.mode upsert needs a key: set 'pk.mode' to record_key, record_value or kafka"
    }
    return undefined
  }
}
