// Plans the work of the verifiable sink.
import { type ConfigDef, type ConnectorProps, SinkConnector, type SinkTask, type TaskClass } from '@millrace/api'
import { VERSION } from '../version.ts'
import { SINK_CONFIG } from './config.ts'
import { VerifiableSinkTask } from './task.ts'

/** Tells of each record that it came. */
export class VerifiableSinkConnector extends SinkConnector {
  readonly config: ConfigDef = SINK_CONFIG
  readonly version = VERSION
  #props: ConnectorProps = {}

  start(props: ConnectorProps): void {
    SINK_CONFIG.parse(props)
    this.#props = props
  }

  taskClass(): TaskClass<SinkTask> {
    return VerifiableSinkTask
  }

  taskConfigs(maxTasks: number): ConnectorProps[] {
    return Array.from({ length: maxTasks }, (_, id) => ({ ...this.#props, id: String(id) }))
  }

  stop(): void {}

  override alterOffsets(): boolean {
    return true
  }
}
