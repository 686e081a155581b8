// Plans the work of the file sink: any number of tasks, all appending to the same file.
import { type ConfigDef, type ConnectorProps, SinkConnector, type SinkTask, type TaskClass } from '@millrace/api'
import { VERSION } from '../version.ts'
import { SINK_CONFIG } from './config.ts'
import { FileStreamSinkTask } from './task.ts'

/** Appends the values of records, one a line, to a file or to standard output. */
export class FileStreamSinkConnector extends SinkConnector {
  readonly config: ConfigDef = SINK_CONFIG
  readonly version = VERSION
  #props: ConnectorProps = {}

  start(props: ConnectorProps): void {
    const { file } = SINK_CONFIG.parse(props)
    this.#props = props
    this.context?.log.info(`Starting file sink connector writing to ${file || 'standard output'}`)
  }

  taskClass(): TaskClass<SinkTask> {
    return FileStreamSinkTask
  }

  taskConfigs(maxTasks: number): ConnectorProps[] {
    return Array.from({ length: maxTasks }, () => this.#props)
  }

  stop(): void {}

  /** Offsets are Kafka's alone: any change is complete once Kafka has it. */
  override alterOffsets(): boolean {
    return true
  }
}
