// PartitionRouting: the partition of a change event out of fields of its payload.
import {
  atLeast,
  type ConnectRecord,
  DataException,
  defineConfig,
  errorMessage,
  fieldOf,
  type RawConfig,
  type Schema,
  satisfies,
  type Transformation,
} from '@millrace/api'
import type { Members } from '../apache/common/requirements.ts'
import { isEnvelope, typed } from './envelope.ts'
import { DebeziumException } from './errors.ts'
import { javaHash, murmurHash } from './java-hash.ts'

const CONFIG = defineConfig({
  'partition.payload.fields': {
    type: 'list',
    importance: 'high',
    validator: satisfies('names of fields', (value) =>
      (value as readonly string[]).some((one) => one.trim() === '') ? 'Empty names are not allowed.' : undefined,
    ),
    doc: 'Fields of the event whose values decide, with dots into structs: after.name, source.table. change stands for before in deletions and for after otherwise. Fields that are not there are left out.',
  },
  'partition.topic.num': {
    type: 'int',
    importance: 'high',
    validator: atLeast(1),
    doc: 'Number of partitions of the topic. Guard the transformation by TopicNameMatches where topics have different numbers.',
  },
  'partition.hash.function': {
    type: 'string',
    default: 'java',
    importance: 'low',
    doc: 'How values are hashed: java (hashCode of their classes) or murmur. Anything else is java.',
  },
})
/** Truncations and logical messages have no row. */
const WITHOUT_ROW: readonly unknown[] = ['t', 'm']
const MOST = 0x7fffffff

/** A value and its schema. */
interface Found {
  readonly schema: Schema
  readonly value: unknown
}

/** Sets partitions by content. */
export class PartitionRouting implements Transformation {
  readonly config = CONFIG
  #paths: readonly (readonly string[])[] = []
  #partitions = 1
  #hash = javaHash

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    this.#paths = config['partition.payload.fields'].map((path) => path.split('.').map((name) => name.trim()))
    this.#partitions = config['partition.topic.num']
    this.#hash = config['partition.hash.function'].trim().toLowerCase() === 'murmur' ? murmurHash : javaHash
  }

  apply(record: ConnectRecord): ConnectRecord {
    const schema = record.valueSchema
    if (record.value === null || schema === null || !isEnvelope(record)) return record
    const event = record.value as Members
    if (WITHOUT_ROW.includes(event.op)) return record
    try {
      const found = this.#paths.map((path) => at(path, schema, event)).filter((one) => one !== undefined)
      if (found.length === 0) return record
      const sum = found.reduce((before, one) => (before + this.#hash(one.value, one.schema)) | 0, 0)
      const positive = sum & MOST
      return record.with({ kafkaPartition: positive === MOST ? 0 : positive % this.#partitions })
    } catch (error) {
      throw new DebeziumException(`Unprocessable message of topic ${record.topic}: ${errorMessage(error)}`, {
        cause: error,
      })
    }
  }
}

/** The value at a path; undefined where a field is not there, or null. @throws DebeziumException for a path through null */
function at(path: readonly string[], schema: Schema, event: Members): Found | undefined {
  let found: Found = { schema, value: event }
  try {
    for (const [index, name] of path.entries()) {
      const isLast = index === path.length - 1
      const field =
        name === 'change' && !isLast ? (typed(schema, event, 'op', 'STRING') === 'd' ? 'before' : 'after') : name
      if (found.value === null) throw new DebeziumException(`${path.slice(0, index).join('.')} is null`)
      found = member(found, field, isLast)
    }
  } catch (error) {
    if (error instanceof DataException) return undefined
    throw error
  }
  return found.value === null ? undefined : found
}

/** @throws DataException for a field that is not there, or is no struct and not the last */
function member({ schema, value }: Found, name: string, isLast: boolean): Found {
  const field = fieldOf(schema, name)
  if (field === undefined) throw new DataException(`${name} is not a valid field name`)
  if (!isLast && field.schema.type !== 'STRUCT') throw new DataException(`Field '${name}' is not of type STRUCT`)
  const given = (value as Members)[name] ?? null
  return { schema: field.schema, value: given ?? (isLast ? (field.schema.defaultValue ?? null) : null) }
}
