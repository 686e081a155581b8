// What a script gave back, as a record: every mistake is told, none becomes a record that lost something.
import {
  type ConnectRecord,
  DataException,
  Headers,
  javaClassOf,
  type RecordChanges,
  SinkRecord,
  SourceRecord,
  suggest,
} from '@millrace/api'
import { requireFit } from './fit.ts'

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string' && value !== ''
const isSchema: Check = (value) => value === null || (typeof value === 'object' && 'type' in value && 'fields' in value)
const isWhole: Check = (value) => value === null || (Number.isSafeInteger(value) && (value as number) >= 0)
const anything: Check = () => true

/** What may be changed, and what it must be. */
const CHANGES: Readonly<Record<keyof RecordChanges, readonly [Check, string]>> = {
  topic: [isText, 'a text that is not empty'],
  kafkaPartition: [isWhole, 'a number from 0 or null'],
  keySchema: [isSchema, 'a built schema or null'],
  key: [anything, ''],
  valueSchema: [isSchema, 'a built schema or null'],
  value: [anything, ''],
  timestamp: [isWhole, 'milliseconds since the epoch or null'],
  headers: [(value) => value instanceof Headers, 'Headers, as record.headers.duplicate() gives them'],
}
const PARTS: ReadonlyMap<string, readonly [Check, string]> = new Map(Object.entries(CHANGES))

/** The record that `result` stands for: `given` itself, one derived of it, or changes to it. @throws DataException */
export function resultOf(given: ConnectRecord, result: unknown): ConnectRecord {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) throw unusable(result)
  if ('then' in result && typeof result.then === 'function') {
    throw new DataException(
      'the script returned a promise: it must be synchronous, so take out async and await. To wait once, before the first record, export an object with open().',
    )
  }
  const changed = result.constructor === given.constructor ? (result as ConnectRecord) : changedBy(given, result)
  requireSameOrigin(given, changed)
  if (changed.value !== given.value || changed.valueSchema !== given.valueSchema) {
    requireFit(changed.valueSchema, changed.value, 'value')
  }
  if (changed.key !== given.key || changed.keySchema !== given.keySchema) {
    requireFit(changed.keySchema, changed.key, 'key')
  }
  return changed
}

function unusable(result: unknown): DataException {
  const what = result === undefined ? 'nothing' : Array.isArray(result) ? 'an array' : `a ${typeof result}`
  return new DataException(
    `the script returned ${what}: it must return the record, an object with what is to be different ({ value, topic, ... }), or null to drop the record`,
  )
}

function changedBy(given: ConnectRecord, changes: object): ConnectRecord {
  for (const name of Object.keys(changes)) {
    const part = PARTS.get(name)
    const value = (changes as Record<string, unknown>)[name]
    if (part === undefined) {
      const near = suggest(name, PARTS.keys(), 1)[0]
      throw new DataException(
        `the script returned an object with '${name}', which is no part of a record${near === undefined ? '' : ` (did you mean ${near}?)`}: there are ${[...PARTS.keys()].join(', ')}`,
      )
    }
    if (value === undefined) {
      throw new DataException(
        `the script returned ${name} as undefined: leave it out to keep what it was, or return null`,
      )
    }
    if (!part[0](value)) {
      throw new DataException(`the script returned a ${name} that is ${javaClassOf(value)}: it must be ${part[1]}`)
    }
  }
  return given.with(changes as RecordChanges)
}

/** Offsets belong to a record: one kept from an earlier call must not take the place of this one. */
function requireSameOrigin(given: ConnectRecord, changed: ConnectRecord): void {
  if (given instanceof SinkRecord && changed instanceof SinkRecord) {
    const same =
      given.kafkaOffset === changed.kafkaOffset &&
      given.originalKafkaPartition === changed.originalKafkaPartition &&
      given.originalTopic === changed.originalTopic
    if (same) return
  } else if (given instanceof SourceRecord && changed instanceof SourceRecord) {
    if (given.sourceOffset === changed.sourceOffset && given.sourcePartition === changed.sourcePartition) return
  } else return
  throw new DataException(
    'the script returned another record than the one it was given: only its parts may be taken over',
  )
}
