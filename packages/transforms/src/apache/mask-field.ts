// MaskField: replaces values by nothing of their type, or by a replacement.
import {
  type ConnectRecord,
  DataException,
  Decimal,
  defineConfig,
  errorMessage,
  javaClassOf,
  nonEmptyString,
  type RawConfig,
  type Schema,
  type Value,
  type ValueSlot,
  Values,
} from '@millrace/api'
import { REPLACE_NULL, someNames } from './common/config.ts'
import { MapRewriter, withChanged } from './common/maps.ts'
import { compileParts, fieldPart, type Maker, type Part } from './common/parts.ts'
import { isMap, requireMap, requireStruct } from './common/requirements.ts'
import { BySchema } from './common/schemas.ts'
import { fill, SidedRewrite } from './common/sided-rewrite.ts'

const CONFIG = defineConfig({
  fields: { type: 'list', importance: 'high', doc: 'Fields whose values are masked.', validator: someNames },
  replacement: {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'What the values become: for fields of strings and of numbers only. Without it: 0, false, empty.',
    validator: nonEmptyString,
  },
  ...REPLACE_NULL,
})
const PURPOSE = 'mask fields'

/** Masks fields of a struct or map; the schema stays. */
export class MaskField extends SidedRewrite {
  readonly config = CONFIG
  #fields: readonly string[] = []
  #replacement: string | null = null
  #replaceNull = true
  readonly #maps = new MapRewriter((names) => this.mapParts(names))
  readonly #bySchema = new BySchema<Maker>((schema) =>
    compileParts(
      schema.fields.map((field) =>
        fieldPart(
          field,
          this.#replaceNull,
          field.name,
          this.#fields.includes(field.name) ? this.#masking(field.schema) : null,
        ),
      ),
    ),
  )

  override mapParts(names: readonly string[]): Part[] {
    return withChanged(names, new Map(this.#fields.map((name) => [name, this.#masking(null)])))
  }

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    this.#fields = config.fields
    this.#replacement = config.replacement
    this.#replaceNull = config['replace.null.with.default']
  }

  protected rewrite(slot: ValueSlot, record: ConnectRecord): ValueSlot {
    const value = slot.value
    const schema = slot.schema
    if (schema === null) return fill(slot, null, this.#maps.rewrite(requireMap(value, PURPOSE), record))
    const struct = requireStruct(schema, value, PURPOSE)
    return fill(slot, schema, this.#bySchema.get(schema)(struct, record))
  }

  #masking(schema: Schema | null): (value: Value) => Value {
    const replacement = this.#replacement
    if (replacement === null) return (value) => (value === null || value === undefined ? null : emptyOf(value, schema))
    return (value) => (value === null || value === undefined ? null : replaced(value, schema, replacement))
  }
}

function emptyOf(value: NonNullable<unknown>, schema: Schema | null): Value {
  switch (typeof value) {
    case 'string':
      return ''
    case 'number':
    case 'bigint':
      return 0
    case 'boolean':
      return false
    default:
      if (value instanceof Decimal) return new Decimal(0n, 0)
      if (value instanceof Date) return new Date(0)
      if (Array.isArray(value)) return []
      if (value instanceof Map) return new Map()
      if (schema?.type !== 'STRUCT' && isMap(value)) return {}
      throw new DataException(`Cannot mask value of type: class ${javaClassOf(value, schema)}`)
  }
}

const CONVERSIONS: Readonly<Record<string, (text: string) => Value>> = {
  'java.lang.String': (text) => text,
  'java.lang.Byte': (text) => Values.convertToByte(null, text),
  'java.lang.Short': (text) => Values.convertToShort(null, text),
  'java.lang.Integer': (text) => Values.convertToInteger(null, text),
  'java.lang.Long': (text) => Values.convertToLong(null, text),
  'java.lang.Float': (text) => Values.convertToFloat(null, text),
  'java.lang.Double': (text) => Values.convertToDouble(null, text),
  'java.math.BigDecimal': (text) => Decimal.parse(text),
}

function replaced(value: NonNullable<unknown>, schema: Schema | null, replacement: string): Value {
  const type = javaClassOf(value, schema)
  const convert = CONVERSIONS[type]
  if (convert === undefined) throw new DataException(`Cannot mask value of type class ${type} with custom replacement.`)
  try {
    return convert(replacement)
  } catch (cause) {
    if (cause instanceof DataException) throw cause
    throw new DataException(
      `Unable to convert ${replacement} (class java.lang.String) to number: ${errorMessage(cause)}`,
      { cause },
    )
  }
}
