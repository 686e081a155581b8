// Values without a schema, written as the record that can hold any of them.
import { DataException, Decimal, javaClassOf } from '@millrace/api'
import type { AvroOut } from './avro-out.ts'
import type { AvroWriter } from './writers.ts'

/** Places of the record's fields. */
const BOOLEAN = 0
const BYTES = 1
const DOUBLE = 2
const LONG = 5
const STRING = 6
const ARRAY = 7
const MAP = 8
const FIELDS = 9
const NOTHING = -1

/** The writer of any value. An integer is a long: JavaScript has one kind of them. @throws DataException for what has no type there */
export function anythingWriter(out: AvroOut): AvroWriter {
  /** One field in its place, null in all others. */
  const only = (at: number, write: () => void) => {
    for (let field = 0; field < FIELDS; field++) {
      if (field === at) {
        out.u8(2)
        write()
      } else out.u8(0)
    }
  }
  const anything = (value: unknown): void => {
    if (typeof value === 'string') only(STRING, () => out.string(value))
    else if (typeof value === 'boolean') only(BOOLEAN, () => out.boolean(value))
    else if (typeof value === 'bigint' || (Number.isSafeInteger(value) && !Object.is(value, -0))) {
      only(LONG, () => out.long(value))
    } else if (typeof value === 'number') only(DOUBLE, () => out.double(value))
    else if (value === null || value === undefined) only(NOTHING, () => undefined)
    else if (value instanceof Uint8Array) only(BYTES, () => out.block(value))
    else if (Array.isArray(value)) {
      only(ARRAY, () =>
        items(value.length, () => {
          for (const item of value) anything(item)
        }),
      )
    } else map(value)
  }
  const map = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Decimal) {
      throw new DataException(`Unknown Java type for schemaless data: ${javaClassOf(value)}`)
    }
    const entries: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value)
    only(MAP, () =>
      items(entries.length, () => {
        for (const [key, item] of entries) {
          anything(key)
          anything(item)
        }
      }),
    )
  }
  const items = (count: number, write: () => void) => {
    if (count > 0) {
      out.count(count)
      write()
    }
    out.u8(0)
  }
  return anything
}
