// ValueToKey: makes the key of fields of the value.
import {
  type ConnectRecord,
  DataException,
  defineConfig,
  fieldOf,
  type RawConfig,
  type Schema,
  SchemaBuilder,
  type Transformation,
} from '@millrace/api'
import { REPLACE_NULL, someNames } from './common/config.ts'
import { MapRewriter } from './common/maps.ts'
import { compileParts, fieldPart, type Maker, type Part } from './common/parts.ts'
import { requireMap, requireStruct } from './common/requirements.ts'
import { BySchema } from './common/schemas.ts'

const CONFIG = defineConfig({
  fields: {
    type: 'list',
    importance: 'high',
    doc: 'Fields of the value that make up the key.',
    validator: someNames,
  },
  ...REPLACE_NULL,
})
const PURPOSE = 'copying fields from value to key'

/** The key of values of one schema. */
interface Key {
  readonly schema: Schema
  readonly make: Maker
}

/** Replaces the key by fields of the value. */
export class ValueToKey implements Transformation {
  readonly config = CONFIG
  #fields: readonly string[] = []
  #replaceNull = true
  readonly #maps = new MapRewriter((names) =>
    this.#fields.map(
      (name): Part => ({ name, source: names.includes(name) ? name : null, otherwise: null, change: null }),
    ),
  )
  readonly #bySchema = new BySchema<Key>((schema) => this.#keyOf(schema))

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    // A name that is there twice counts once.
    this.#fields = [...new Set(config.fields)]
    this.#replaceNull = config['replace.null.with.default']
  }

  apply(record: ConnectRecord): ConnectRecord {
    const schema = record.valueSchema
    if (schema === null) return record.withKey(null, this.#maps.rewrite(requireMap(record.value, PURPOSE), record))
    const struct = requireStruct(schema, record.value, PURPOSE)
    const key = this.#bySchema.get(schema)
    return record.withKey(key.schema, key.make(struct, record))
  }

  #keyOf(schema: Schema): Key {
    const builder = SchemaBuilder.struct()
    const parts = this.#fields.map((name) => {
      const field = fieldOf(schema, name)
      if (field === undefined) throw new DataException(`Field does not exist: ${name}`)
      builder.field(name, field.schema)
      return fieldPart(field, this.#replaceNull)
    })
    return { schema: builder.build(), make: compileParts(parts) }
  }
}
