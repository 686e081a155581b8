// Plans the work of Debezium's JDBC sink: tasks that all do the same, each for its own partitions.
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
import { DEBEZIUM_SINK_CONFIG } from './config.ts'
import { DebeziumJdbcSinkTask } from './task.ts'

/** Applies Debezium's change events, and flat rows, to tables of a relational database. */
export class DebeziumJdbcSinkConnector extends SinkConnector {
  readonly config: ConfigDef = DEBEZIUM_SINK_CONFIG
  readonly version = VERSION
  #props: ConnectorProps = {}

  start(props: ConnectorProps): void {
    DEBEZIUM_SINK_CONFIG.parse(props)
    this.#props = props
  }

  taskClass(): TaskClass<SinkTask> {
    return DebeziumJdbcSinkTask
  }

  taskConfigs(maxTasks: number): ConnectorProps[] {
    return Array.from({ length: maxTasks }, () => this.#props)
  }

  stop(): void {}

  override validate(props: RawConfig): ConfigValue[] {
    return DEBEZIUM_SINK_CONFIG.validate(props).map((one) => {
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
  const mode = props['primary.key.mode'] ?? 'none'
  if (one.name === 'insert.mode' && one.value === 'upsert' && mode === 'none') {
    return "The 'insert.mode' upsert needs a key: set 'primary.key.mode'"
  }
  if (one.name === 'delete.enabled' && one.value === true && mode === 'none') {
    return "When 'delete.enabled' is true, 'primary.key.mode' must be set: deletes find their rows by the key"
  }
  return undefined
}
