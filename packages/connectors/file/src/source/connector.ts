// Plans the work of the file source: one task, for there is one stream of lines.
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
import { FILENAME_FIELD, POSITION_FIELD, SOURCE_CONFIG } from './config.ts'
import { FileStreamSourceTask } from './task.ts'

/** Reads lines from a file, as it grows, or from standard input. */
export class FileStreamSourceConnector extends SourceConnector {
  readonly config: ConfigDef = SOURCE_CONFIG
  readonly version = VERSION
  #props: ConnectorProps = {}

  start(props: ConnectorProps): void {
    const { file } = SOURCE_CONFIG.parse(props)
    this.#props = props
    this.context?.log.info(`Starting file source connector reading from ${file || 'standard input'}`)
  }

  taskClass(): TaskClass<SourceTask> {
    return FileStreamSourceTask
  }

  /** Always one task: lines of one stream cannot be divided. */
  taskConfigs(): ConnectorProps[] {
    return [this.#props]
  }

  stop(): void {}

  /** Supported with a file that is only appended to; standard input has no offsets to resume from. */
  override exactlyOnceSupport(props: ConnectorProps): 'supported' | 'unsupported' {
    return SOURCE_CONFIG.parse(props).file ? 'supported' : 'unsupported'
  }

  /** Checks the shape of the offsets only; whether the position lies in the file shows when the task starts. A reset is always taken. */
  override alterOffsets(props: ConnectorProps, offsets: readonly PartitionOffset[]): boolean {
    if (!SOURCE_CONFIG.parse(props).file) {
      throw new ConnectException(
        "Offsets cannot be modified if the 'file' configuration is unspecified. This is because stdin is used for input and offsets are not tracked.",
      )
    }
    for (const one of offsets) checkOffset(one)
    return true
  }
}

function checkOffset({ partition, offset }: PartitionOffset): void {
  // Whatever the partition is, a reset of it must stay possible: it may be garbage that someone wants to remove.
  if (offset === null) return
  if (!Object.hasOwn(offset, POSITION_FIELD)) {
    throw new ConnectException(`Offset objects should either be null or contain the key '${POSITION_FIELD}'`)
  }
  const position = offset[POSITION_FIELD]
  if (typeof position !== 'bigint' && !Number.isSafeInteger(position)) {
    throw new ConnectException(
      `The value for the '${POSITION_FIELD}' key in the offset is expected to be a Long value, but was ${JSON.stringify(position)}`,
    )
  }
  if ((position as number | bigint) < 0) {
    throw new ConnectException(
      `The value for the '${POSITION_FIELD}' key in the offset should be a non-negative value, but was ${position}`,
    )
  }
  if (partition === null) throw new ConnectException('Partition objects cannot be null')
  if (!Object.hasOwn(partition, FILENAME_FIELD)) {
    throw new ConnectException(`Partition objects should contain the key '${FILENAME_FIELD}'`)
  }
}
