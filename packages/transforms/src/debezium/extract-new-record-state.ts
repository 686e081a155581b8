// ExtractNewRecordState: the row out of a change event, for sinks that do not know envelopes.
import {
  type ConnectRecord,
  defineConfig,
  fieldOf,
  Headers,
  oneOfIgnoringCase,
  type RawConfig,
  type Schema,
  Schemas,
  type Transformation,
} from '@millrace/api'
import { NullPointerException } from '../apache/common/errors.ts'
import { compileParts, fieldPart, type Maker, type Part } from '../apache/common/parts.ts'
import { requireStruct } from '../apache/common/requirements.ts'
import { BySchema, copyBasics } from '../apache/common/schemas.ts'
import { ReplaceField } from '../apache/replace-field.ts'
import { existing, isEnvelope, typed } from './envelope.ts'
import { ClassCastException } from './errors.ts'
import { type FieldReference, parseFieldReference, type Resolved, resolve } from './field-reference.ts'

const CONFIG = defineConfig({
  'delete.tombstone.handling.mode': {
    type: 'string',
    default: 'tombstone',
    importance: 'medium',
    validator: oneOfIgnoringCase('drop', 'tombstone', 'rewrite', 'rewrite-with-tombstone', 'delete-to-tombstone'),
    doc:
      'What becomes of deletions and of the tombstones after them. drop: neither is kept. tombstone: the deletion becomes a ' +
      'tombstone, the tombstone after it is dropped. rewrite: the deletion becomes the row before it with __deleted "true", ' +
      'other records get __deleted "false", tombstones are dropped. rewrite-with-tombstone: as rewrite, tombstones are kept. ' +
      'delete-to-tombstone: as tombstone, without a value schema.',
  },
  'route.by.field': {
    type: 'string',
    default: '',
    importance: 'low',
    doc: 'Name of a field of the row whose value becomes the topic; empty to keep the topic.',
  },
  'add.fields.prefix': {
    type: 'string',
    default: '__',
    importance: 'low',
    doc: 'Prefix of the names of added fields.',
  },
  'add.fields': {
    type: 'list',
    default: '',
    importance: 'low',
    doc:
      'Fields of the envelope to add to the row: op, ts_ms, a field of source or transaction by its name, struct.field, ' +
      'each with :name for another name.',
  },
  'add.headers.prefix': {
    type: 'string',
    default: '__',
    importance: 'low',
    doc: 'Prefix of the names of added headers.',
  },
  'add.headers': {
    type: 'list',
    default: '',
    importance: 'low',
    doc: 'Fields of the envelope to add as headers, written as in add.fields.',
  },
  'drop.fields.header.name': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'Name of a header that holds a list of fields to take out of the row.',
  },
  'drop.fields.from.key': {
    type: 'boolean',
    default: false,
    importance: 'low',
    doc: 'Whether those fields are taken out of the key as well.',
  },
  'drop.fields.keep.schema.compatible': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: 'Whether only optional fields are taken out (true), or all that are listed (false).',
  },
  'replace.null.with.default': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: 'Whether a null in a field that has a default becomes that default when a row is rewritten.',
  },
})
const DELETED = '__deleted'
const PURPOSE = 'source field insertion'

/** What is known of one envelope schema. */
interface Plan {
  readonly after: Schema
  readonly before: Schema | null
  readonly headers: readonly Resolved[]
  /** Rows out of `after` and `before`, made on first use. */
  upsert: Row | null
  deletion: Row | null
}
interface Row {
  readonly schema: Schema
  readonly make: Maker
}

/** Unwraps change events. */
export class ExtractNewRecordState implements Transformation {
  readonly config = CONFIG
  #mode = 'tombstone'
  #rewrites = false
  #replaceNull = true
  #routeBy = ''
  #fields: readonly FieldReference[] = []
  #headers: readonly FieldReference[] = []
  #dropHeader: string | null = null
  #dropFromKey = false
  #keepCompatible = true
  readonly #droppers = { key: new Map<string, ReplaceField>(), value: new Map<string, ReplaceField>() }
  readonly #plans = new BySchema<Plan>((schema) => ({
    after: existing(schema, 'after').schema,
    before: fieldOf(schema, 'before')?.schema ?? null,
    headers: this.#resolve(this.#headers, schema),
    upsert: null,
    deletion: null,
  }))

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    this.#mode = config['delete.tombstone.handling.mode'].trim().toLowerCase()
    this.#rewrites = this.#mode.startsWith('rewrite')
    this.#replaceNull = config['replace.null.with.default']
    this.#routeBy = config['route.by.field']
    this.#fields = config['add.fields'].map((one) => parseFieldReference(config['add.fields.prefix'], one))
    this.#headers = config['add.headers'].map((one) => parseFieldReference(config['add.headers.prefix'], one))
    this.#dropHeader = config['drop.fields.header.name']?.trim() || null
    this.#dropFromKey = config['drop.fields.from.key']
    this.#keepCompatible = config['drop.fields.keep.schema.compatible']
  }

  apply(record: ConnectRecord): ConnectRecord | null {
    if (record.value === null) return this.#tombstone(record)
    if (!isEnvelope(record)) return record
    const schema = record.valueSchema as Schema
    const envelope = requireStruct(schema, record.value, 'field extraction')
    const plan = this.#plans.get(schema)
    const headers = plan.headers.length === 0 ? record : withHeaders(record, plan.headers)
    if (envelope.after !== null && envelope.after !== undefined)
      return this.#upsert(record, headers, plan, envelope.after)
    const before = envelope.before ?? null
    if (before === null) {
      existing(schema, 'before')
      return null
    }
    return this.#deletion(record, headers, plan, before)
  }

  #tombstone(record: ConnectRecord): ConnectRecord | null {
    if (this.#mode !== 'rewrite-with-tombstone') return null
    const named = this.#headers.filter(({ field }) => field === 'op')
    if (named.length === 0) return record
    const headers = record.headers.duplicate()
    for (const { newName } of named) headers.add(newName, 'd', Schemas.STRING)
    return record.with({ headers })
  }

  #upsert(record: ConnectRecord, given: ConnectRecord, plan: Plan, after: unknown): ConnectRecord {
    const members = requireStruct(plan.after, after, PURPOSE)
    plan.upsert ??= this.#row(record.valueSchema as Schema, plan.after, 'false')
    const topic = this.#routeBy === '' ? null : (typed(plan.after, members, this.#routeBy, 'STRING') as string | null)
    const row = routed(given, topic, plan.upsert.schema, plan.upsert.make(members, record))
    return this.#dropHeader === null ? row : this.#withoutDropped(row)
  }

  #deletion(record: ConnectRecord, given: ConnectRecord, plan: Plan, before: unknown): ConnectRecord | null {
    if (this.#mode === 'drop') return null
    const schema = plan.before as Schema
    const members = requireStruct(schema, before, PURPOSE)
    const topic = this.#routeBy === '' ? null : (typed(schema, members, this.#routeBy, 'STRING') as string | null)
    if (!this.#rewrites) {
      const result = routed(given, topic, this.#mode === 'tombstone' ? plan.after : null, null)
      return this.#dropHeader === null ? result : this.#withoutDropped(result)
    }
    plan.deletion ??= this.#row(record.valueSchema as Schema, schema, 'true')
    const row = routed(given, topic, plan.deletion.schema, plan.deletion.make(members, record))
    return this.#dropHeader === null ? row : this.#withoutDropped(row)
  }

  /** The row's fields, whether it is deleted, and what is added from the envelope. */
  #row(envelope: Schema, row: Schema, deleted: string): Row {
    const builder = copyBasics(row)
    const replaceNull = this.#rewrites && this.#replaceNull
    const parts: Part[] = row.fields.map((field) => fieldPart(field, replaceNull))
    for (const field of row.fields) builder.field(field.name, field.schema)
    if (this.#rewrites) {
      builder.field(DELETED, Schemas.OPTIONAL_STRING)
      parts.push({ name: DELETED, source: null, otherwise: deleted, change: null })
    }
    for (const { newName, schema, read } of this.#resolve(this.#fields, envelope)) {
      builder.field(newName, schema)
      parts.push({ name: newName, source: null, otherwise: null, change: (_: null, record) => read(record) })
    }
    return { schema: builder.build(), make: compileParts(parts) }
  }

  #resolve(references: readonly FieldReference[], envelope: Schema): Resolved[] {
    return references.map((one) => resolve(one, envelope)).filter((one) => one !== null)
  }

  #withoutDropped(record: ConnectRecord): ConnectRecord {
    const header = record.hasHeaders ? [...record.headers].find(({ key }) => key === this.#dropHeader) : undefined
    const names = header?.value ?? null
    if (names === null) return record
    if (!Array.isArray(names))
      throw new ClassCastException(`Header ${this.#dropHeader} does not hold a list of field names`)
    if (names.length === 0) return record
    const dropsKey = this.#dropFromKey && record.key !== null
    const keyed = dropsKey ? this.#without(record, 'key', record.keySchema, names) : record
    return this.#without(keyed, 'value', keyed.valueSchema, names)
  }

  #without(
    record: ConnectRecord,
    side: 'key' | 'value',
    schema: Schema | null,
    names: readonly string[],
  ): ConnectRecord {
    if (this.#keepCompatible && schema === null)
      throw new NullPointerException(`The ${side} has no schema to drop fields of`)
    const dropped = this.#keepCompatible
      ? (schema as Schema).fields
          .filter((field) => field.schema.optional && names.includes(field.name))
          .map(({ name }) => name)
      : names
    if (dropped.length === 0) return record
    const exclude = dropped.join()
    const known = this.#droppers[side]
    let dropper = known.get(exclude)
    if (dropper === undefined) {
      if (known.size >= DROPPERS) known.clear()
      dropper = new ReplaceField(side)
      dropper.configure({ exclude })
      known.set(exclude, dropper)
    }
    return dropper.apply(record)
  }
}

/** So many lists of dropped fields are kept compiled. */
const DROPPERS = 64

function withHeaders(record: ConnectRecord, added: readonly Resolved[]): ConnectRecord {
  const headers = record.hasHeaders ? record.headers.duplicate() : new Headers()
  for (const { newName, schema, read } of added) headers.add(newName, read(record), schema)
  return record.with({ headers })
}

function routed(
  record: ConnectRecord,
  topic: string | null,
  valueSchema: Schema | null,
  value: unknown,
): ConnectRecord {
  if (topic === null || topic.trim() === '') return record.withValue(valueSchema, value)
  return record.with({ topic, valueSchema, value })
}
