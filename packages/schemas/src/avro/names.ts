// Names of Avro: what they may be, and what they mean where they stand.
import { SchemaParseException } from '../language.ts'

const STRICT = /^[A-Za-z_][A-Za-z0-9_]*$/

/** A name and where it lives. */
export interface AvroName {
  readonly name: string
  readonly namespace: string | null
  readonly fullName: string
}

/** @throws {SchemaParseException} when `name` is no name of the specification */
export function checkName(name: string, what: string): void {
  if (STRICT.test(name)) return
  throw new SchemaParseException(
    name === ''
      ? `${what} has an empty name`
      : `Illegal ${/^[^A-Za-z_]/.test(name) ? 'initial character' : 'character'} in: ${name} (${what}): names are letters, digits and _, and do not begin with a digit`,
  )
}

/** A name as it is written, within a namespace: a dotted name brings its own. */
export function resolveName(written: string, namespace: string | null): AvroName {
  const dot = written.lastIndexOf('.')
  const name = dot < 0 ? written : written.slice(dot + 1)
  const own = dot < 0 ? namespace : written.slice(0, dot)
  const space = own === null || own === '' ? null : own
  return { name, namespace: space, fullName: space === null ? name : `${space}.${name}` }
}
