// Headers of dead letters that tell where a record came from and what went wrong: names and texts of the reference (KIP-298).
import { errorClassName, errorMessage, stackTrace } from '@millrace/api'
import type { TaskId } from '../../plane/messages.ts'
import type { Failure } from './stages.ts'

/** What all such headers begin with. */
export const CONTEXT_PREFIX = '__connect.errors.'

/** A header of Kafka. */
export interface KafkaHeader {
  readonly key: string
  readonly value: Uint8Array | null
}

/** Texts as headers, in UTF-8, in their order. */
export function contextHeaders(texts: readonly (readonly [string, string | null])[]): KafkaHeader[] {
  return texts.map(([name, text]) => ({
    key: CONTEXT_PREFIX + name,
    value: text === null ? null : Buffer.from(text),
  }))
}

/** Who failed with what, in the order of the reference. Secrets in messages are masked. */
export function failureContext(
  failure: Failure,
  id: TaskId,
  mask: (text: string) => string,
): readonly (readonly [string, string | null])[] {
  const message = errorMessage(failure.error)
  return [
    ['connector.name', id.connector],
    ['task.id', String(id.task)],
    ['stage', failure.stage],
    ['class.name', failure.className],
    ['exception.class.name', errorClassName(failure.error)],
    ['exception.message', message === '' ? null : mask(message)],
    ['exception.stacktrace', mask(stackTrace(failure.error))],
  ]
}
