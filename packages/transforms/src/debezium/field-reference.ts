// Fields of an envelope that go into headers or into the new value: `op`, `source.lsn`, `db:database`.
import { type ConnectRecord, DataException, fieldOf, type Schema } from '@millrace/api'
import { IllegalArgumentException, NullPointerException } from '../apache/common/errors.ts'
import type { Members } from '../apache/common/requirements.ts'
import { copyBasics } from '../apache/common/schemas.ts'

/** Where a field is and how it will be called. */
export interface FieldReference {
  /** Struct of the envelope, or null for the envelope itself. */
  readonly struct: string | null
  readonly field: string
  readonly newName: string
}

const TRANSACTION_FIELDS = ['id', 'data_collection_order', 'total_order']
const OWN_FIELDS = ['op', 'ts_ms', 'ts_us', 'ts_ns']

/** A reference as written. @throws IllegalArgumentException for more than one new name */
export function parseFieldReference(prefix: string, text: string): FieldReference {
  const [path = '', alias, ...more] = text.split(':')
  if (more.some((part) => part !== '')) throw new IllegalArgumentException(`Unexpected field name: ${text}`)
  const steps = path.split('.')
  const field = steps.length === 1 ? path : (steps[1] as string)
  const struct = steps.length === 1 ? structOf(field) : (steps[0] as string)
  const given = alias === undefined || alias === '' ? null : alias
  return { struct, field, newName: prefix + (given ?? (steps.length === 1 ? field : `${struct}_${field}`)) }
}

function structOf(field: string): string | null {
  if (TRANSACTION_FIELDS.includes(field)) return 'transaction'
  if (OWN_FIELDS.includes(field)) return null
  return field === 'updateDescription' ? field : 'source'
}

/** A reference found in envelopes of one schema. */
export interface Resolved {
  readonly newName: string
  /** The field's schema, optional. */
  readonly schema: Schema
  read(record: ConnectRecord): unknown
}

/** Finds a reference in an envelope schema; null when there is no such field. */
export function resolve(reference: FieldReference, envelope: Schema): Resolved | null {
  const { struct, field, newName } = reference
  const parent = struct === null ? envelope : fieldOf(envelope, struct)?.schema
  if (parent === undefined) throw new NullPointerException(`The envelope has no field ${struct} (for ${newName})`)
  const inParent = fieldOf(parent, field)
  const found = inParent ?? fieldOf(envelope, field)
  if (found === undefined) return null
  const own = struct === null || fieldOf(envelope, field) !== undefined
  const nested = found.schema.type === 'STRUCT'
  return {
    newName,
    schema: copyBasics(found.schema).optional().build(),
    read(record) {
      const members = record.value as Members
      const holder = (struct === null ? members : members[struct]) as Members | null | undefined
      if (holder === null || holder === undefined) return null
      const value = (inParent === undefined && own ? members[field] : holder[field]) ?? null
      if (nested && value !== null) throw new DataException(`Struct schemas do not match (field ${newName})`)
      return value
    },
  }
}
