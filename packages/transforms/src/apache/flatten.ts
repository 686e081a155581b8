// Flatten: nested structs or maps become one level, with names joined by a delimiter.
import {
  DataException,
  defineConfig,
  type Field,
  type RawConfig,
  type Schema,
  type Value,
  type ValueSlot,
} from '@millrace/api'
import { FlatMaps } from './common/flat-maps.ts'
import { compile, memberCode, refuseNull } from './common/parts.ts'
import { type Members, requireMap, requireStruct } from './common/requirements.ts'
import { BySchema, copyBasics } from './common/schemas.ts'
import { fill, SidedRewrite } from './common/sided-rewrite.ts'

const CONFIG = defineConfig({
  delimiter: {
    type: 'string',
    default: '.',
    importance: 'medium',
    doc: 'What stands between the names of a field and of the field that it is in.',
  },
})
const PURPOSE = 'flattening'

/** A struct schema of one level. */
interface Flat {
  readonly schema: Schema
  readonly make: (value: Members) => Value
}

/** Flattens structs and maps; arrays stay as they are. */
export class Flatten extends SidedRewrite {
  readonly config = CONFIG
  #delimiter = '.'
  #maps = new FlatMaps('.')
  readonly #bySchema = new BySchema<Flat>((schema) => this.#flat(schema))

  configure(configs: RawConfig): void {
    this.#delimiter = CONFIG.parse(configs).delimiter
    this.#maps = new FlatMaps(this.#delimiter)
  }

  protected rewrite(slot: ValueSlot): ValueSlot {
    const value = slot.value
    if (value === null) return slot
    const schema = slot.schema
    if (schema === null) return fill(slot, null, this.#maps.flatten(requireMap(value, PURPOSE)))
    const struct = requireStruct(schema, value, PURPOSE)
    const flat = this.#bySchema.get(schema)
    return fill(slot, flat.schema, flat.make(struct))
  }

  #flat(schema: Schema): Flat {
    const builder = copyBasics(schema)
    const constants: unknown[] = []
    const members: string[] = []
    const constant = (value: unknown): string => `k${constants.push(value) - 1}`
    const visit = (at: Schema, prefix: string, path: string, optional: boolean, inherited: Members | null): void => {
      for (const field of at.fields) {
        const name = prefix === '' ? field.name : prefix + this.#delimiter + field.name
        const isOptional = optional || field.schema.optional
        const ofParent = inherited?.[field.name]
        const fallback = field.schema.defaultValue ?? ofParent ?? null
        const value = `${path}${path === 'v' ? '' : '?.'}[${JSON.stringify(field.name)}]`
        if (field.schema.type === 'STRUCT') visit(field.schema, name, value, isOptional, fallback as Members | null)
        else if (field.schema.type === 'MAP') throw unsupported(field, name)
        else {
          builder.field(name, flatSchema(field.schema, isOptional, fallback))
          members.push(memberCode(name, withDefault(value, field.schema, isOptional, name, path, constant)))
        }
      }
    }
    visit(schema, '', 'v', schema.optional, (schema.defaultValue as Members | undefined) ?? null)
    return { schema: builder.build(), make: compile(`v=>({${members.join()}})`, constants) }
  }
}

function flatSchema(schema: Schema, optional: boolean, defaultValue: Value): Schema {
  const builder = copyBasics(schema)
  if (optional) builder.optional()
  if (defaultValue !== null) builder.default(defaultValue)
  return builder.build()
}

/** The default stands in for a null only where the struct around it is there. */
function withDefault(
  value: string,
  schema: Schema,
  isOptional: boolean,
  name: string,
  parent: string,
  constant: (value: unknown) => string,
): string {
  if (schema.defaultValue !== undefined) {
    const fallback = constant(schema.defaultValue)
    return parent === 'v' ? `(${value}??${fallback})` : `(${parent}==null?null:(${value}??${fallback}))`
  }
  if (isOptional) return `(${value}??null)`
  const refusal = `${constant(refuseNull)}(${JSON.stringify(name)})`
  return parent === 'v' ? `(${value}??${refusal})` : `(${parent}==null?null:(${value}??${refusal}))`
}

function unsupported(field: Field, name: string): DataException {
  return new DataException(
    `Flatten transformation does not support ${field.schema.type} for record with schemas (for field ${name}).`,
  )
}
