// Source partition and offset of a task: those of Datagen, so that either takes up where the other stopped.
import { ConnectException, type OffsetMap, type PartitionOffset } from '@millrace/api'

/** The key of a source partition: the number of the task. */
export const TASK_ID = 'task.id'
/** How many times the task was started. */
export const GENERATION = 'task.generation'
/** How many records the task has made: the number of the next one. */
export const ITERATION = 'current.iteration'
export const SEED = 'random.seed'

/** Number of the next record and of this start, from a committed offset. @throws ConnectException when it is not a number */
export function resumePoint(offset: OffsetMap | null): { iteration: number; generation: number } {
  return { iteration: numberOf(offset, ITERATION), generation: numberOf(offset, GENERATION) }
}

/** Checks offsets that a user wants to set; resets are always taken. @throws ConnectException */
export function checkOffsets(offsets: readonly PartitionOffset[]): void {
  for (const { partition, offset } of offsets) {
    if (offset === null) continue
    if (!Number.isSafeInteger(Number(partition?.[TASK_ID] ?? NaN))) {
      throw new ConnectException(`Partition objects should contain the key '${TASK_ID}' with the number of a task`)
    }
    if (!Object.hasOwn(offset, ITERATION)) {
      throw new ConnectException(`Offset objects should either be null or contain the key '${ITERATION}'`)
    }
    resumePoint(offset)
  }
}

function numberOf(offset: OffsetMap | null, key: string): number {
  const value = offset?.[key] ?? 0
  const number = typeof value === 'bigint' ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number
  throw new ConnectException(
    `The value for the '${key}' key in the offset should be a non-negative integer, but was ${value}`,
    {
      action: 'Alter or reset the offsets of the connector.',
    },
  )
}
