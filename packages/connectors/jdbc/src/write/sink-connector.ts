// What the sinks' planners have in common: tasks that all do the same, each for its own partitions.
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

/** A sink whose tasks all get its own properties. */
export abstract class TableSinkConnector extends SinkConnector {
  readonly version = VERSION
  abstract override readonly config: ConfigDef
  #props: ConnectorProps = {}

  abstract override taskClass(): TaskClass<SinkTask>

  /** What is wrong with a value beside the others; undefined when nothing is. */
  protected abstract complaintAbout(one: ConfigValue, props: RawConfig): string | undefined

  start(props: ConnectorProps): void {
    this.config.parse(props)
    this.#props = props
  }

  taskConfigs(maxTasks: number): ConnectorProps[] {
    return Array.from({ length: maxTasks }, () => this.#props)
  }

  stop(): void {}

  override validate(props: RawConfig): ConfigValue[] {
    return this.config.validate(props).map((one) => {
      const complaint = one.name === 'connection.url' ? aboutUrl(one) : this.complaintAbout(one, props)
      return complaint === undefined || one.errors.length > 0 ? one : { ...one, errors: [complaint] }
    })
  }

  /** Offsets are Kafka's alone: any change is complete once Kafka has it. */
  override alterOffsets(): boolean {
    return true
  }
}

function aboutUrl(one: ConfigValue): string | undefined {
  const complaint = urlComplaint(String(one.value))
  return complaint === undefined ? undefined : `Invalid value for configuration connection.url: ${complaint}`
}
