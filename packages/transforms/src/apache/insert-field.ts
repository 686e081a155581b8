// InsertField: adds fields from the record's topic, partition, offset, timestamp, or a constant.
import {
  ConfigException,
  type ConnectRecord,
  defineConfig,
  LogicalSchemas,
  type RawConfig,
  type Schema,
  Schemas,
  type ValueSlot,
} from '@millrace/api'
import { REPLACE_NULL } from './common/config.ts'
import { partsOfRecord } from './common/fused-maps.ts'
import { MapRewriter } from './common/maps.ts'
import { compileParts, copied, fieldPart, type Maker, type Part } from './common/parts.ts'
import { requireMap, requireOffset, requireStruct } from './common/requirements.ts'
import { BySchema, copyBasics } from './common/schemas.ts'
import { fill, SidedRewrite } from './common/sided-rewrite.ts'

const OPTIONALITY = 'End the name with ! for a required field, with ? or nothing for an optional one.'
const field = (what: string) =>
  ({ type: 'string', default: null, importance: 'medium', doc: `Name of a field for ${what}. ${OPTIONALITY}` }) as const

const CONFIG = defineConfig({
  'topic.field': field('the topic'),
  'partition.field': field('the Kafka partition'),
  'offset.field': field('the Kafka offset, in sink connectors only'),
  'timestamp.field': field("the record's timestamp"),
  'static.field': field('a constant'),
  'static.value': {
    type: 'string',
    default: null,
    importance: 'medium',
    doc: 'The constant; required when static.field is set.',
  },
  ...REPLACE_NULL,
})
const PURPOSE = 'field insertion'

/** What a field is filled with. */
interface Insertion {
  readonly name: string
  readonly optional: boolean
  readonly kind: 'topic' | 'partition' | 'offset' | 'timestamp' | 'static'
}
const KINDS = ['topic', 'partition', 'offset', 'timestamp', 'static'] as const

/** A struct schema with the fields added. */
interface Extended {
  readonly schema: Schema
  readonly make: Maker
}

/** Adds fields about the record, or a constant one, to a struct or map. */
export class InsertField extends SidedRewrite {
  readonly config = CONFIG
  #insertions: readonly Insertion[] = []
  #staticValue: string | null = null
  #replaceNull = true
  /** By what the record has: a partition 1, a timestamp 2. A map has no member for what the record has not. */
  #rewriters: readonly MapRewriter[] = []
  readonly #bySchema = new BySchema<Extended>((schema) => this.#extend(schema))

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    this.#staticValue = config['static.value']
    this.#replaceNull = config['replace.null.with.default']
    this.#insertions = KINDS.flatMap((kind) => {
      const spec = config[`${kind}.field`]
      return spec === null ? [] : [insertion(kind, spec)]
    })
    if (this.#insertions.length === 0) throw new ConfigException('No field insertion configured')
    if (config['static.field'] !== null && this.#staticValue === null) {
      throw new ConfigException(
        `Invalid value null for configuration static.value: No value specified for static field: ${config['static.field']}`,
        { configKey: 'static.value' },
      )
    }
    this.#rewriters = [0, 1, 2, 3].map((has) => new MapRewriter((names) => this.mapParts(names, has)))
  }

  protected rewrite(slot: ValueSlot, record: ConnectRecord): ValueSlot {
    const value = slot.value
    if (value === null) return slot
    const schema = slot.schema
    if (schema === null) {
      const rewriter = this.#rewriters[partsOfRecord(record)] as MapRewriter
      return fill(slot, null, rewriter.rewrite(requireMap(value, PURPOSE), record))
    }
    const members = requireStruct(schema, value, PURPOSE)
    const extended = this.#bySchema.get(schema)
    return fill(slot, extended.schema, extended.make(members, record))
  }

  override mapParts(names: readonly string[], has: number): Part[] {
    const present = this.#insertions.filter(
      ({ kind }) => (kind !== 'partition' || (has & 1) !== 0) && (kind !== 'timestamp' || (has & 2) !== 0),
    )
    return [...names.map((name) => copied(name)), ...present.map((one) => this.#part(one, millis))]
  }

  #extend(schema: Schema): Extended {
    const builder = copyBasics(schema)
    for (const { name, schema: inner } of schema.fields) builder.field(name, inner)
    for (const one of this.#insertions) builder.field(one.name, schemaOf(one))
    const parts = schema.fields.map((one) => fieldPart(one, this.#replaceNull))
    const make = compileParts([...parts, ...this.#insertions.map((one) => this.#part(one, instant))])
    return { schema: builder.build(), make }
  }

  #part({ name, kind }: Insertion, timestamp: Part['change']): Part {
    if (kind === 'static') return { name, source: null, otherwise: this.#staticValue, change: null }
    return { name, source: null, otherwise: null, change: kind === 'timestamp' ? timestamp : FROM_RECORD[kind] }
  }
}

const FROM_RECORD = {
  topic: (_: null, record: ConnectRecord) => record.topic,
  partition: (_: null, record: ConnectRecord) => record.kafkaPartition,
  offset: (_: null, record: ConnectRecord) => requireOffset(record, PURPOSE),
} as const

function millis(_: null, record: ConnectRecord): number | null {
  return record.timestamp
}
function instant(_: null, record: ConnectRecord): Date | null {
  return record.timestamp === null ? null : new Date(record.timestamp)
}

function insertion(kind: Insertion['kind'], spec: string): Insertion {
  const marked = spec.endsWith('?') || spec.endsWith('!')
  return { kind, name: marked ? spec.slice(0, -1) : spec, optional: !spec.endsWith('!') }
}

function schemaOf({ kind, optional }: Insertion): Schema {
  switch (kind) {
    case 'partition':
      return optional ? Schemas.OPTIONAL_INT32 : Schemas.INT32
    case 'offset':
      return optional ? Schemas.OPTIONAL_INT64 : Schemas.INT64
    case 'timestamp':
      return optional ? LogicalSchemas.OPTIONAL_TIMESTAMP : LogicalSchemas.TIMESTAMP
    default:
      return optional ? Schemas.OPTIONAL_STRING : Schemas.STRING
  }
}
