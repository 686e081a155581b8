// What an event says of a record beside its data: from the record's value, or from its headers, which hold JSON with schemas.
import { DataException, fieldOf, type Headers, type Schema, type SchemaAndValue } from '@millrace/api'
import { JsonConverter } from '../json/json-converter.ts'
import type { HeaderUse } from './config.ts'
import type { StructValue } from './event-plan.ts'

/** The change a record tells of. */
export interface Change {
  readonly sourceSchema: Schema
  readonly source: StructValue
  readonly operation: unknown
  readonly transaction: unknown
}

/** Reads metadata as `metadata.source` says. */
export class Metadata {
  readonly #from: HeaderUse
  readonly #json = new JsonConverter()

  constructor(from: HeaderUse) {
    this.#from = from
    this.#json.configure({ 'schemas.enable': 'true' })
  }

  /** Null for a record that tells of no change: its value is no envelope, or its headers do not say. */
  change(schema: Schema, value: unknown, headers: Headers | null): Change | null {
    if (this.#from.change) return this.#changeOfHeaders(headers)
    if (schema.name === null) {
      throw new DataException(
        'The schema of a record must have a name, which tells whether it is an envelope of Debezium',
      )
    }
    return schema.name.endsWith('.Envelope') ? changeOfValue(schema, value) : null
  }
  #changeOfHeaders(headers: Headers | null): Change | null {
    if (headers?.lastWithName('source') === undefined || headers.lastWithName('op') === undefined) return null
    const source = this.#header(headers, 'source') as SchemaAndValue
    if (source.schema?.type !== 'STRUCT' || source.value === null) {
      throw new DataException('The header source must hold a struct with its schema')
    }
    return {
      sourceSchema: source.schema,
      source: source.value as StructValue,
      operation: (this.#header(headers, 'op') as SchemaAndValue).value,
      transaction: this.#header(headers, 'transaction')?.value ?? null,
    }
  }

  /** The text in a header. @throws DataException when it is missing or no text */
  text(headers: Headers | null, name: string): string {
    const value = this.#header(headers, name)?.value
    if (typeof value === 'string') return value
    throw new DataException(
      `Header \`${name}\` was not provided as JSON text with its schema; metadata.source says that it is there`,
    )
  }

  #header(headers: Headers | null, name: string): SchemaAndValue | null {
    const header = headers?.lastWithName(name)
    if (header === undefined) return null
    const { value } = header
    if (value === null || value === undefined) return { schema: null, value: null }
    if (!(value instanceof Uint8Array)) throw new DataException(`Header \`${name}\` must be bytes here`)
    return this.#json.toConnectHeader('', name, Buffer.from(value.buffer, value.byteOffset, value.byteLength))
  }
}

function changeOfValue(schema: Schema, value: unknown): Change {
  const record = value as StructValue
  const sourceSchema = fieldOf(schema, 'source')?.schema
  const source = record.source
  if (sourceSchema?.type !== 'STRUCT' || typeof source !== 'object' || source === null) {
    throw new DataException('An event cannot be made: the record has no struct source')
  }
  return {
    sourceSchema,
    source: source as StructValue,
    operation: record.op ?? null,
    transaction: record.transaction ?? null,
  }
}
