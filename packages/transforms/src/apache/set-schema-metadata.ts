// SetSchemaMetadata: gives a schema another name or version.
import {
  ConfigException,
  type ConnectRecord,
  DataException,
  defineConfig,
  type RawConfig,
  type Schema,
  type ValueSlot,
} from '@millrace/api'
import { REPLACE_NULL } from './common/config.ts'
import { compileParts, fieldPart, type Maker } from './common/parts.ts'
import { requireStruct } from './common/requirements.ts'
import { BySchema } from './common/schemas.ts'
import { fill, SidedRewrite } from './common/sided-rewrite.ts'

const CONFIG = defineConfig({
  'schema.name': { type: 'string', default: null, importance: 'high', doc: 'The new name of the schema.' },
  'schema.version': { type: 'int', default: null, importance: 'high', doc: 'The new version of the schema.' },
  ...REPLACE_NULL,
})

/** A schema renamed. */
interface Renamed {
  readonly schema: Schema
  readonly make: Maker
}

/** Sets name and version of a schema; everything else of it stays. Of structs only, as in the reference. */
export class SetSchemaMetadata extends SidedRewrite {
  readonly config = CONFIG
  #name: string | null = null
  #version: number | null = null
  #replaceNull = true
  readonly #bySchema = new BySchema<Renamed>((schema) => this.#rename(schema))

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    this.#name = config['schema.name']
    this.#version = config['schema.version']
    this.#replaceNull = config['replace.null.with.default']
    if (this.#name === null && this.#version === null) {
      throw new ConfigException('Neither schema name nor version configured')
    }
  }

  protected rewrite(slot: ValueSlot, record: ConnectRecord): ValueSlot {
    const value = slot.value
    const schema = slot.schema
    if (schema === null) {
      if (value === null) return slot
      throw new DataException('Schema required for [updating schema metadata]')
    }
    const renamed = this.#bySchema.get(schema)
    if (value === null) return fill(slot, renamed.schema, null)
    const struct = requireStruct(schema, value, 'updating schema metadata')
    return fill(slot, renamed.schema, renamed.make(struct, record))
  }

  #rename(schema: Schema): Renamed {
    // The reference reads the fields of whatever it is given.
    if (schema.type !== 'STRUCT') throw new DataException(`Cannot list fields on non-struct type ${schema.type}`)
    const result = Object.freeze({
      ...schema,
      name: this.#name ?? schema.name,
      version: this.#version ?? schema.version,
    })
    return { schema: result, make: compileParts(schema.fields.map((field) => fieldPart(field, this.#replaceNull))) }
  }
}
