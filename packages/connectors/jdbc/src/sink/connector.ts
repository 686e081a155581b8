// Plans the work of the JDBC sink: tasks that all do the same, each for its own partitions.
import {
  type ConfigDef,
  type ConfigValue,
  type ConnectorProps,
  type RawConfig,
  SinkConnector,
  type SinkTask,
  type TaskClass,
} from '@millrace/api'
import { urlComplaint } from '../keys.ts'
import { VERSION } from '../version.ts'
import { SINK_CONFIG } from './config.ts'
import { JdbcSinkTask } from './task.ts'

/** Writes records into tables of a relational database. */
export class JdbcSinkConnector extends SinkConnector {
  readonly config: ConfigDef = SINK_CONFIG
  readonly version = VERSION
  #props: ConnectorProps = {}

  start(props: ConnectorProps): void {
    SINK_CONFIG.parse(props)
    this.#props = props
  }

  taskClass(): TaskClass<SinkTask> {
    return JdbcSinkTask
  }

  taskConfigs(maxTasks: number): ConnectorProps[] {
    return Array.from({ length: maxTasks }, () => this.#props)
  }

  stop(): void {}

  override validate(props: RawConfig): ConfigValue[] {
    return SINK_CONFIG.validate(props).map((one) => {
      const complaint = complaintAbout(one, props)
      return complaint === undefined || one.errors.length > 0 ? one : { ...one, errors: [complaint] }
    })
  }

  /** Offsets are Kafka's alone: any change is complete once Kafka has it. */
  override alterOffsets(): boolean {
    return true
  }
}

function complaintAbout(one: ConfigValue, props: RawConfig): string | undefined {
  if (one.name === 'connection.url') {
    const complaint = urlComplaint(String(one.value))
    return complaint === undefined ? undefined : `Invalid value for configuration connection.url: ${complaint}`
  }
  const mode = (props['pk.mode'] ?? 'none').toLowerCase()
  if (one.name === 'pk.mode' && props['delete.enabled'] === 'true' && mode !== 'record_key') {
    return "Deletes are only supported for pk.mode record_key: set 'pk.mode' to record_key, or 'delete.enabled' to false"
  }
  if (one.name === 'pk.mode' && (props['insert.mode'] ?? '').toLowerCase() === 'upsert' && mode === 'none') {
    return "insert.mode upsert needs a key: set 'pk.mode' to record_key, record_value or kafka"
  }
  return undefined
}
