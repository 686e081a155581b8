// Debezium's change events: how they are told from other records, and how their members are read.
import { type ConnectRecord, DataException, type Field, fieldOf, type Schema, type SchemaType } from '@millrace/api'
import { IllegalArgumentException } from '../apache/common/errors.ts'
import type { Members } from '../apache/common/requirements.ts'

/** True for a record whose value schema has the name of an envelope. */
export function isEnvelope(record: ConnectRecord): boolean {
  return record.valueSchema?.name?.endsWith('.Envelope') ?? false
}

/** A field that must be there. @throws IllegalArgumentException as ExtractField */
export function existing(schema: Schema, name: string): Field {
  const field = fieldOf(schema, name)
  if (field === undefined) throw new IllegalArgumentException(`Unknown field: ${name}`)
  return field
}

/** `Struct.get...`: a member of a type, without its default. @throws DataException for no such field, or of another type */
export function typed(schema: Schema, members: Members, name: string, type: SchemaType): unknown {
  const field = fieldOf(schema, name)
  if (field === undefined) throw new DataException(`${name} is not a valid field name`)
  if (field.schema.type !== type) throw new DataException(`Field '${name}' is not of type ${type}`)
  return members[name] ?? null
}

/** `Struct.get`: a member, or its default. @throws DataException for no such field */
export function memberOf(schema: Schema, members: Members, name: string): unknown {
  const field = fieldOf(schema, name)
  if (field === undefined) throw new DataException(`${name} is not a valid field name`)
  return members[name] ?? field.schema.defaultValue ?? null
}
