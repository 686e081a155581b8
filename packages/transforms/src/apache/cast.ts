// Cast: fields, or the whole key or value, as another primitive type.
import {
  ConfigException,
  type ConnectRecord,
  defineConfig,
  type RawConfig,
  type Schema,
  satisfies,
  type Value,
  type ValueSlot,
} from '@millrace/api'
import { CASTS, type CastType, castInto, castValue } from './cast-values.ts'
import { REPLACE_NULL, splitPair } from './common/config.ts'
import { MapRewriter, withChanged } from './common/maps.ts'
import { compileParts, fieldPart, type Maker, type Part } from './common/parts.ts'
import { requireMap, requireStruct } from './common/requirements.ts'
import { BySchema, copyBasics } from './common/schemas.ts'
import { fill, SidedRewrite } from './common/sided-rewrite.ts'

const CONFIG = defineConfig({
  spec: {
    type: 'list',
    importance: 'high',
    doc:
      'Fields and the types to cast them to, as pairs field:type; or one type alone for the whole key or value. Types are int8, ' +
      'int16, int32, int64, float32, float64, boolean and string. Bytes can become a string only (base64).',
    validator: satisfies('list of colon-delimited pairs, e.g. <code>foo:bar,abc:xyz</code>', (value) => {
      if (!(value as readonly string[] | null)?.length) {
        throw new ConfigException('Must specify at least one field to cast.')
      }
      parseSpec(value as readonly string[])
      return undefined
    }),
  },
  ...REPLACE_NULL,
})
const PURPOSE = 'cast types'
const KNOWN_TYPES: ReadonlySet<string> = new Set([...Object.keys(CASTS), 'BYTES', 'ARRAY', 'MAP', 'STRUCT'])

interface Spec {
  readonly whole: CastType | null
  readonly fields: ReadonlyMap<string, CastType>
}

/** A schema after the cast. */
interface Casted {
  readonly schema: Schema
  /** For a struct. */
  readonly make: Maker | null
  /** For a whole value. */
  readonly cast: (value: Value) => Value
}

/** Casts fields or a whole value. */
export class Cast extends SidedRewrite {
  readonly config = CONFIG
  #spec: Spec = { whole: null, fields: new Map() }
  #replaceNull = true
  readonly #bySchema = new BySchema<Casted>((schema) => this.#cast(schema))
  readonly #maps = new MapRewriter((names) => this.#changed(names))

  override mapParts(names: readonly string[]): readonly Part[] | null {
    return this.#spec.whole === null ? this.#changed(names) : null
  }

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    this.#spec = parseSpec(config.spec)
    this.#replaceNull = config['replace.null.with.default']
  }

  protected rewrite(slot: ValueSlot, record: ConnectRecord): ValueSlot {
    const value = slot.value
    if (value === null) return slot
    const schema = slot.schema
    const { whole } = this.#spec
    if (schema === null) {
      if (whole !== null) return fill(slot, null, castValue(null, value, whole))
      return fill(slot, null, this.#maps.rewrite(requireMap(value, PURPOSE), record))
    }
    const casted = this.#bySchema.get(schema)
    if (casted.make === null) {
      if (whole === null) requireStruct(schema, value, PURPOSE)
      return fill(slot, casted.schema, casted.cast(value))
    }
    return fill(slot, casted.schema, casted.make(requireStruct(schema, value, PURPOSE), record))
  }

  #changed(names: readonly string[]): Part[] {
    return withChanged(names, new Map([...this.#spec.fields].map(([name, type]) => [name, castInto(null, type)])))
  }

  #cast(schema: Schema): Casted {
    const { whole, fields } = this.#spec
    const builder = copyBasics(schema, whole ?? 'STRUCT')
    const parts: Part[] = []
    if (whole === null) {
      for (const field of schema.fields) {
        const type = fields.get(field.name)
        builder.field(field.name, type === undefined ? field.schema : fieldSchema(field.schema, type))
        const change = type === undefined ? null : castInto(field.schema, type)
        parts.push(fieldPart(field, this.#replaceNull, field.name, change))
      }
    }
    if (schema.optional) builder.optional()
    if (schema.defaultValue !== undefined) {
      builder.default(castValue(schema, schema.defaultValue, whole ?? 'STRUCT'))
    }
    const make = whole === null && schema.type === 'STRUCT' ? compileParts(parts) : null
    return { schema: builder.build(), make, cast: whole === null ? (value) => value : castInto(schema, whole) }
  }
}

function fieldSchema(schema: Schema, type: CastType): Schema {
  const builder = CASTS[type].builder()
  if (schema.optional) builder.optional()
  if (schema.defaultValue !== undefined) builder.default(castValue(schema, schema.defaultValue, type))
  return builder.build()
}

function parseSpec(spec: readonly string[]): Spec {
  const fields = new Map<string, CastType>()
  let whole: CastType | null = null
  for (const one of spec) {
    const parts = splitPair(one)
    if (parts.length === 0 || parts.length > 2) {
      throw ConfigException.invalidValue('spec', spec, `Invalid rename mapping: ${one}`)
    }
    const type = typeOf((parts.at(-1) as string).trim())
    if (parts.length === 1) whole = type
    else fields.set((parts[0] as string).trim(), type)
  }
  if (whole !== null && spec.length > 1) {
    throw new ConfigException(
      'Cast transformations that specify a type to cast the entire value to may only specify a single cast in their spec',
      { configKey: 'spec' },
    )
  }
  return { whole, fields }
}

function typeOf(text: string): CastType {
  const type = text.toUpperCase()
  if (type in CASTS) return type as CastType
  if (!KNOWN_TYPES.has(type))
    throw new ConfigException(`Invalid type found in casting spec: ${text}`, { configKey: 'spec' })
  throw new ConfigException(
    `Cast transformation does not support casting to ${type}; supported types are [${Object.keys(CASTS).join(', ')}]`,
    { configKey: 'spec' },
  )
}
