// ExtractField: one field becomes the whole key or value.
import {
  DataException,
  defineConfig,
  fieldOf,
  type RawConfig,
  type Schema,
  type Value,
  type ValueSlot,
} from '@millrace/api'
import { REPLACE_NULL } from './common/config.ts'
import { IllegalArgumentException } from './common/errors.ts'
import { FIELD_SYNTAX, parseFieldPath } from './common/field-path.ts'
import { type Members, requireMap, requireStruct, requireStructOrNull } from './common/requirements.ts'
import { BySchema } from './common/schemas.ts'
import { fill, SidedRewrite } from './common/sided-rewrite.ts'

const CONFIG = defineConfig({
  field: {
    type: 'string',
    importance: 'medium',
    doc: 'Name of the field to take, or a path to it (field.syntax.version).',
  },
  ...REPLACE_NULL,
  ...FIELD_SYNTAX,
})
const PURPOSE = 'field extraction'
const NESTED = 'nested field access'

/** The way to a field in structs of one schema. */
interface Way {
  readonly schemas: readonly Schema[]
  readonly result: Schema
  readonly otherwise: Value
}

/** Takes one field of a struct or map, with its schema. */
export class ExtractField extends SidedRewrite {
  readonly config = CONFIG
  #path = ''
  #parents: readonly string[] = []
  #last = ''
  #replaceNull = true
  readonly #ways = new BySchema<Way>((schema) => this.#wayIn(schema))

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    this.#path = config.field
    const steps = parseFieldPath(config.field, config['field.syntax.version'])
    this.#parents = steps.slice(0, -1)
    this.#last = steps.at(-1) as string
    this.#replaceNull = config['replace.null.with.default']
  }

  protected rewrite(slot: ValueSlot): ValueSlot {
    const value = slot.value
    const schema = slot.schema
    if (schema === null) return fill(slot, null, value === null ? null : this.#inMap(value))
    const struct = requireStructOrNull(schema, value, PURPOSE)
    const way = this.#ways.get(schema)
    return fill(slot, way.result, struct === null ? null : this.#inStruct(way, struct))
  }

  #inMap(value: Value): Value {
    let at = requireMap(value, PURPOSE)
    for (const step of this.#parents) {
      const next = memberOf(at, step)
      if (next === null) return null
      at = requireMap(next, NESTED)
    }
    return memberOf(at, this.#last)
  }

  #inStruct(way: Way, struct: Members): Value {
    let at = struct
    const parents = this.#parents
    for (let step = 0; step < parents.length; step++) {
      const schema = way.schemas[step] as Schema
      const next = at[parents[step] as string] ?? schema.defaultValue
      if (next === null || next === undefined) return null
      at = requireStruct(schema, next, NESTED)
    }
    return at[this.#last] ?? way.otherwise
  }

  #wayIn(schema: Schema): Way {
    const schemas: Schema[] = []
    let at = schema
    for (const step of this.#parents) {
      at = this.#step(at, step)
      schemas.push(at)
    }
    const result = this.#step(at, this.#last)
    return { schemas, result, otherwise: (this.#replaceNull ? result.defaultValue : null) ?? null }
  }

  #step(schema: Schema, name: string): Schema {
    if (schema.type !== 'STRUCT')
      throw new DataException(`Cannot look up fields on non-struct type (field ${this.#path})`)
    const field = fieldOf(schema, name)
    if (field === undefined) throw new IllegalArgumentException(`Unknown field: ${this.#path}`)
    return field.schema
  }
}

/** A member, or null; what every object inherits, as `toString`, is none. Asking for own members alone would cost each record. */
function memberOf(map: Members, name: string): Value {
  const value = map[name] ?? null
  if (value !== null && name in Object.prototype && !Object.hasOwn(map, name)) return null
  return value
}
