// Drop: no key, or no value.
import {
  type ConnectRecord,
  DataException,
  defineConfig,
  oneOfIgnoringCase,
  type RawConfig,
  type Schema,
} from '@millrace/api'
import { BySchema } from '../apache/common/schemas.ts'
import { SidedTransformation } from '../apache/common/sided.ts'

const CONFIG = defineConfig({
  'schema.behavior': {
    type: 'string',
    default: 'nullify',
    importance: 'medium',
    validator: oneOfIgnoringCase('nullify', 'retain', 'validate', 'force_optional'),
    doc:
      'What becomes of the schema: nullify drops it too, retain keeps it as it is, validate keeps it and fails when it is not ' +
      'optional, force_optional makes it optional.',
  },
})

/** Sets the key or value to null. */
export class Drop extends SidedTransformation {
  readonly config = CONFIG
  #behavior = 'nullify'
  readonly #optional = new BySchema<Schema>((schema) => Object.freeze({ ...schema, optional: true }))

  configure(configs: RawConfig): void {
    this.#behavior = CONFIG.parse(configs)['schema.behavior'].toLowerCase()
  }

  apply(record: ConnectRecord): ConnectRecord {
    return this.changed(record, this.#schema(this.schemaOf(record)), null)
  }

  #schema(schema: Schema | null): Schema | null {
    if (schema === null || this.#behavior === 'nullify') return null
    if (this.#behavior === 'force_optional' && !schema.optional) return this.#optional.get(schema)
    if (this.#behavior === 'validate' && !schema.optional) {
      throw new DataException(
        'Cannot drop a value whose schema is not optional: set schema.behavior to force_optional or nullify',
      )
    }
    return schema
  }
}
