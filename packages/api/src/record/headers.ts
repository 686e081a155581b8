// Headers of a record: an ordered list in which a key may occur several times.
import { javaClassOf } from '../data/java-text.ts'
import { type Schema, schemaToString, type Value } from '../data/schema.ts'
import { fitsType } from '../data/validate.ts'
import { DataException } from '../errors.ts'

/** One header. Immutable. */
export interface Header {
  readonly key: string
  readonly schema: Schema | null
  readonly value: Value
}

/** Ordered multimap of headers. Mutable, and owned by its record. */
export class Headers implements Iterable<Header> {
  #list: Header[]

  constructor(from: Iterable<Header> = []) {
    this.#list = [...from]
  }

  get size(): number {
    return this.#list.length
  }
  get isEmpty(): boolean {
    return this.#list.length === 0
  }
  [Symbol.iterator](): Iterator<Header> {
    return this.#list[Symbol.iterator]()
  }

  /** Appends a header. @throws DataException for a null under a schema that is not optional, and for a value of another type */
  add(key: string, value: Value, schema: Schema | null): this {
    if (schema !== null) checkHeader(key, value, schema)
    this.#list.push({ key, schema, value })
    return this
  }
  /** The last header with this key, or undefined. */
  lastWithName(key: string): Header | undefined {
    return this.#list.findLast((header) => header.key === key)
  }
  /** All headers with this key, in order. */
  allWithName(key: string): Header[] {
    return this.#list.filter((header) => header.key === key)
  }
  /** Removes all headers with this key. */
  remove(key: string): this {
    this.#list = this.#list.filter((header) => header.key !== key)
    return this
  }
  /** Keeps only the last header of each key (or of `key` alone). */
  retainLatest(key?: string): this {
    const seen = new Set<string>()
    const kept: Header[] = []
    for (const header of this.#list.toReversed()) {
      if ((key === undefined || header.key === key) && seen.has(header.key)) continue
      seen.add(header.key)
      kept.push(header)
    }
    this.#list = kept.reverse()
    return this
  }
  clear(): this {
    this.#list = []
    return this
  }
  /** A copy that can be changed apart; the headers themselves are shared, they are immutable. */
  duplicate(): Headers {
    return new Headers(this.#list)
  }
}

function checkHeader(key: string, value: Value, schema: Schema): void {
  if (value === null || value === undefined) {
    if (schema.optional) return
    throw new DataException(
      `A null value requires an optional schema but was ${schemaToString(schema)} (header "${key}")`,
    )
  }
  if (fitsType(schema, value)) return
  throw new DataException(
    `The value of class ${javaClassOf(value)} is not compatible with the schema ${schemaToString(schema)} (header "${key}")`,
  )
}
