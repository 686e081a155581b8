// Plans the work of the verifiable source: as many tasks as there may be, each with sequence numbers of its own.
import {
  type ConfigDef,
  ConnectException,
  type ConnectorProps,
  type PartitionOffset,
  SourceConnector,
  type SourceTask,
  type TaskClass,
} from '@millrace/api'
import { VERSION } from '../version.ts'
import { SOURCE_CONFIG } from './config.ts'
import { VerifiableSourceTask } from './task.ts'

/** Makes numbered records, and tells of each that it was sent and that it was acknowledged. */
export class VerifiableSourceConnector extends SourceConnector {
  readonly config: ConfigDef = SOURCE_CONFIG
  readonly version = VERSION
  #props: ConnectorProps = {}

  start(props: ConnectorProps): void {
    SOURCE_CONFIG.parse(props)
    this.#props = props
  }

  taskClass(): TaskClass<SourceTask> {
    return VerifiableSourceTask
  }

  taskConfigs(maxTasks: number): ConnectorProps[] {
    return Array.from({ length: maxTasks }, (_, id) => ({ ...this.#props, id: String(id) }))
  }

  stop(): void {}

  override exactlyOnceSupport(): 'supported' {
    return 'supported'
  }

  override alterOffsets(_props: ConnectorProps, offsets: readonly PartitionOffset[]): boolean {
    for (const { offset } of offsets) {
      if (offset === null || Number.isSafeInteger(Number(offset.seqno ?? NaN))) continue
      throw new ConnectException("Offset objects should either be null or contain the key 'seqno' with an integer")
    }
    return true
  }
}
