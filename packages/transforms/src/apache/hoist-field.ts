// HoistField: wraps the whole key or value into a struct or map of one field.
import { defineConfig, type RawConfig, type Schema, SchemaBuilder, type Value, type ValueSlot } from '@millrace/api'
import { compile, refuseNull } from './common/parts.ts'
import { BySchema } from './common/schemas.ts'
import { fill, SidedRewrite } from './common/sided-rewrite.ts'

const CONFIG = defineConfig({
  field: { type: 'string', importance: 'medium', doc: 'Name of the one field of the struct or map that is made.' },
})

/** Wraps a key or value, also a null one. */
export class HoistField extends SidedRewrite {
  readonly config = CONFIG
  #field = ''
  #wrap: (value: Value) => object = () => ({})
  readonly #bySchema = new BySchema<Schema>((schema) => SchemaBuilder.struct().field(this.#field, schema).build())

  configure(configs: RawConfig): void {
    this.#field = CONFIG.parse(configs).field
    // A literal of its own gives its objects a hidden class of their own. Computed for `__proto__`, which is a name here.
    this.#wrap = compile(`v=>({${this.#field === '__proto__' ? '[k0]' : JSON.stringify(this.#field)}:v})`, [
      this.#field,
    ])
  }

  protected rewrite(slot: ValueSlot): ValueSlot {
    const schema = slot.schema
    const value = slot.value
    if (schema === null) return fill(slot, null, this.#wrap(value))
    const hoisted = this.#bySchema.get(schema)
    if (value === null && !schema.optional) refuseNull(this.#field)
    return fill(slot, hoisted, this.#wrap(value))
  }
}
