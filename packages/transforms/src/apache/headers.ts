// DropHeaders and InsertHeader.
import {
  type ConnectRecord,
  defineConfig,
  Headers,
  type RawConfig,
  type SchemaAndValue,
  satisfies,
  type Transformation,
  Values,
} from '@millrace/api'
import { someNames } from './common/config.ts'

const DROP_CONFIG = defineConfig({
  headers: { type: 'list', importance: 'high', doc: 'Names of the headers to remove.', validator: someNames },
})
const notNull = satisfies('non-null string', (value) => (value === null ? 'entry must be non null' : undefined))
const INSERT_CONFIG = defineConfig({
  header: { type: 'string', importance: 'high', doc: 'Name of the header.', validator: notNull },
  'value.literal': {
    type: 'string',
    importance: 'high',
    doc: 'Value of the header on all records. Its type is what the text looks like: 10 is an INT8, true a BOOLEAN.',
    validator: notNull,
  },
})

/** Removes all headers of some names. */
export class DropHeaders implements Transformation {
  readonly config = DROP_CONFIG
  #names: ReadonlySet<string> = new Set()

  configure(configs: RawConfig): void {
    this.#names = new Set(DROP_CONFIG.parse(configs).headers)
  }
  apply(record: ConnectRecord): ConnectRecord {
    if (!record.hasHeaders) return record
    return record.with({ headers: new Headers([...record.headers].filter(({ key }) => !this.#names.has(key))) })
  }
}

/** Adds one header. */
export class InsertHeader implements Transformation {
  readonly config = INSERT_CONFIG
  #name = ''
  #literal: SchemaAndValue = { schema: null, value: null }

  configure(configs: RawConfig): void {
    const config = INSERT_CONFIG.parse(configs)
    this.#name = config.header
    this.#literal = Values.parseString(config['value.literal'])
  }
  apply(record: ConnectRecord): ConnectRecord {
    const headers = record.hasHeaders ? record.headers.duplicate() : new Headers()
    return record.with({ headers: headers.add(this.#name, this.#literal.value, this.#literal.schema) })
  }
}
