// HeaderFrom: copies or moves fields into headers.
import {
  ConfigException,
  type ConnectRecord,
  defineConfig,
  fieldOf,
  type Headers,
  oneOf,
  type RawConfig,
  type Schema,
  type Value,
} from '@millrace/api'
import { filledList, REPLACE_NULL } from './common/config.ts'
import { NullPointerException } from './common/errors.ts'
import { MapRewriter } from './common/maps.ts'
import { compileParts, copied, fieldPart, type Maker } from './common/parts.ts'
import { type Members, requireMap, requireStruct } from './common/requirements.ts'
import { BySchema, copyBasics } from './common/schemas.ts'
import { SidedTransformation } from './common/sided.ts'

const CONFIG = defineConfig({
  fields: {
    type: 'list',
    importance: 'high',
    doc: 'Fields whose values become headers.',
    validator: filledList,
  },
  headers: {
    type: 'list',
    importance: 'high',
    doc: 'Names of the headers, in the order of fields.',
    validator: filledList,
  },
  operation: {
    type: 'string',
    importance: 'high',
    doc: 'Whether the fields are taken out of the key or value (move) or stay there as well (copy).',
    validator: oneOf('move', 'copy'),
  },
  ...REPLACE_NULL,
})

/** A struct schema without the fields that are moved, and how headers are read. */
interface Moved {
  readonly schema: Schema
  /** Null when nothing is taken out. */
  readonly make: Maker | null
  readonly headers: readonly HeaderSource[]
}
interface HeaderSource {
  readonly header: string
  readonly field: string
  /** Null when there is no such field. */
  readonly schema: Schema | null
  readonly otherwise: Value
}

/** Makes headers of fields. */
export class HeaderFrom extends SidedTransformation {
  readonly config = CONFIG
  #fields: readonly string[] = []
  #headers: readonly string[] = []
  #moves = true
  #purpose = ''
  #replaceNull = true
  readonly #maps = new MapRewriter((names) =>
    names.filter((name) => !this.#moves || !this.#fields.includes(name)).map((name) => copied(name)),
  )
  readonly #bySchema = new BySchema<Moved>((schema) => this.#move(schema))

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    this.#fields = config.fields
    this.#headers = config.headers
    if (config.fields.length !== config.headers.length) {
      throw new ConfigException("'fields' config must have the same number of elements as 'headers' config.", {
        configKey: 'headers',
      })
    }
    this.#moves = config.operation === 'move'
    this.#purpose = `header ${config.operation}`
    this.#replaceNull = config['replace.null.with.default']
  }

  apply(record: ConnectRecord): ConnectRecord {
    const schema = this.schemaOf(record)
    const value = this.valueOf(record)
    if (schema === null) return this.#fromMap(record, requireMap(value, this.#purpose))
    const struct = requireStruct(schema, value, this.#purpose)
    const moved = this.#bySchema.get(schema)
    const result = this.changed(record, moved.schema, moved.make === null ? struct : moved.make(struct, record))
    addAll(result.headers, moved.headers, struct)
    return result
  }

  #fromMap(record: ConnectRecord, map: Members): ConnectRecord {
    const result = this.changed(record, null, this.#maps.rewrite(map, record))
    const { headers } = result
    for (let at = 0; at < this.#fields.length; at++) {
      const field = this.#fields[at] as string
      headers.add(this.#headers[at] as string, (Object.hasOwn(map, field) ? map[field] : null) ?? null, null)
    }
    return result
  }

  #move(schema: Schema): Moved {
    const headers = this.#fields.map((name, at): HeaderSource => {
      const field = fieldOf(schema, name)
      const otherwise = (this.#replaceNull ? field?.schema.defaultValue : null) ?? null
      return { header: this.#headers[at] as string, field: name, schema: field?.schema ?? null, otherwise }
    })
    if (!this.#moves) return { schema, make: null, headers }
    const builder = copyBasics(schema)
    const kept = schema.fields.filter(({ name }) => !this.#fields.includes(name))
    for (const field of kept) builder.field(field.name, field.schema)
    return {
      schema: builder.build(),
      make: compileParts(kept.map((one) => fieldPart(one, this.#replaceNull))),
      headers,
    }
  }
}

function addAll(headers: Headers, sources: readonly HeaderSource[], struct: Members): void {
  for (const { header, field, schema, otherwise } of sources) {
    if (schema === null) {
      throw new NullPointerException(`Unknown field: ${field}, which the header ${header} is to be made of`)
    }
    headers.add(header, struct[field] ?? otherwise, schema)
  }
}
