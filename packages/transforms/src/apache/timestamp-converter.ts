// TimestampConverter: timestamps as text, Unix time, Date, Time or Timestamp.
import {
  ConfigException,
  type ConnectRecord,
  DataException,
  defineConfig,
  errorMessage,
  type Field,
  oneOf,
  type RawConfig,
  type Schema,
  type Value,
  type ValueSlot,
} from '@millrace/api'
import { REPLACE_NULL } from './common/config.ts'
import { MapRewriter, withChanged } from './common/maps.ts'
import { compileParts, fieldPart, type Maker, type Part } from './common/parts.ts'
import { requireMap, requireStructOrNull } from './common/requirements.ts'
import { BySchema, copyBasics } from './common/schemas.ts'
import { fill, SidedRewrite } from './common/sided-rewrite.ts'
import { DateFormat } from './date-format/date-format.ts'
import { conversion, inferred, kindOf, type Precision, type Target, targetSchema } from './timestamps.ts'

const CONFIG = defineConfig({
  field: {
    type: 'string',
    default: '',
    importance: 'high',
    doc: 'The field that holds the timestamp; empty when the whole key or value is one.',
  },
  'target.type': {
    type: 'string',
    importance: 'high',
    doc: 'What the timestamp becomes.',
    validator: oneOf('string', 'unix', 'Date', 'Time', 'Timestamp'),
  },
  format: {
    type: 'string',
    default: '',
    importance: 'medium',
    doc: 'How a text is written or read, in UTC: a pattern of java.text.SimpleDateFormat. Needed wherever there is a text.',
  },
  'unix.precision': {
    type: 'string',
    default: 'milliseconds',
    importance: 'low',
    doc: 'Unit of Unix time, read or written. What is finer than a millisecond is lost.',
    validator: oneOf('nanoseconds', 'microseconds', 'milliseconds', 'seconds'),
  },
  ...REPLACE_NULL,
})
const PURPOSE = 'converting timestamp formats'

/** A schema after the conversion. */
interface Converted {
  readonly schema: Schema
  readonly make: Maker
}

/** Converts one timestamp of a record. */
export class TimestampConverter extends SidedRewrite {
  readonly config = CONFIG
  #field = ''
  #target: Target = 'unix'
  #replaceNull = true
  #convert: (value: Value) => Value = (value) => value
  #format: DateFormat | null = null
  #precision: Precision = 'milliseconds'
  readonly #maps = new MapRewriter((names) => this.#changed(names))
  readonly #structs = new BySchema<Converted>((schema) => this.#struct(schema))
  readonly #wholes = new BySchema<(value: Value) => Value>((schema) => this.#conversionOf(schema))

  override mapParts(names: readonly string[]): readonly Part[] | null {
    return this.#field === '' ? null : this.#changed(names)
  }

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    this.#field = config.field
    this.#target = config['target.type'] as Target
    this.#precision = config['unix.precision'] as Precision
    this.#replaceNull = config['replace.null.with.default']
    this.#format = formatOf(config.format)
    if (this.#target === 'string' && this.#format === null) {
      throw new ConfigException(
        'TimestampConverter requires format option to be specified when using string timestamps',
        { configKey: 'format' },
      )
    }
    this.#convert = inferred(this.#target, this.#format, this.#precision)
  }

  protected rewrite(slot: ValueSlot, record: ConnectRecord): ValueSlot {
    const value = slot.value
    const schema = slot.schema
    if (schema === null) {
      if (value === null || this.#field === '') return fill(slot, null, this.#convert(value))
      return fill(slot, null, this.#maps.rewrite(requireMap(value, PURPOSE), record))
    }
    if (this.#field === '') {
      return fill(slot, targetSchema(this.#target, schema.optional), this.#wholes.get(schema)(value))
    }
    const struct = requireStructOrNull(schema, value, PURPOSE)
    const converted = this.#structs.get(schema)
    return fill(slot, converted.schema, struct === null ? null : converted.make(struct, record))
  }

  #changed(names: readonly string[]): Part[] {
    return withChanged(names, new Map([[this.#field, this.#convert]]))
  }

  #conversionOf(schema: Schema): (value: Value) => Value {
    return conversion(kindOf(schema), this.#target, this.#format, this.#precision)
  }

  #struct(schema: Schema): Converted {
    if (schema.type !== 'STRUCT') throw new DataException(`Cannot list fields on non-struct type ${schema.type}`)
    const builder = copyBasics(schema, 'STRUCT')
    const parts = schema.fields.map((field) => {
      const isTimestamp = field.name === this.#field
      builder.field(field.name, isTimestamp ? targetSchema(this.#target, field.schema.optional) : field.schema)
      return isTimestamp ? this.#part(field) : fieldPart(field, this.#replaceNull)
    })
    const make = compileParts(parts)
    if (schema.optional) builder.optional()
    if (schema.defaultValue !== undefined) builder.default(make(schema.defaultValue as never, null as never))
    return { schema: builder.build(), make }
  }

  /** A field that is no timestamp is an error of the record, not of its schema: a null struct passes. */
  #part(field: Field): Part {
    try {
      return fieldPart(field, this.#replaceNull, field.name, this.#conversionOf(field.schema))
    } catch (error) {
      const change = (): never => {
        throw error
      }
      return { name: field.name, source: null, otherwise: null, change }
    }
  }
}

function formatOf(pattern: string): DateFormat | null {
  if (pattern.trim() === '') return null
  try {
    return new DateFormat(pattern)
  } catch (cause) {
    throw new ConfigException(
      `TimestampConverter requires a SimpleDateFormat-compatible pattern for string timestamps: ${pattern} (${errorMessage(cause)})`,
      { cause, configKey: 'format' },
    )
  }
}
