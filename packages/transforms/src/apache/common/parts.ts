// Objects made of the parts of another one: the plan of a result, and the function compiled from it. A literal with all its
// names in it gives every result one hidden class, at a fifth of the cost of setting members by name.
import { type ConnectRecord, DataException, type Field } from '@millrace/api'
import type { Members } from './requirements.ts'

/** One member of the result. */
export interface Part {
  readonly name: string
  /** Member of the given object that it is made of; null for none. */
  readonly source: string | null
  /** In place of a member, what another part makes. */
  readonly of?: Part
  /** Taken where that member is null, absent, or none. */
  readonly otherwise: unknown
  /** What is done to it, if anything. */
  readonly change: ((value: never, record: ConnectRecord) => unknown) | null
  /** True when null is an error: names the field. */
  readonly required?: boolean
}

/** Makes the result of a given object. */
export type Maker = (given: Members, record: ConnectRecord) => Record<string, unknown>

/** A member taken as it is. */
export function copied(name: string, source = name): Part {
  return { name, source, otherwise: null, change: null }
}

/** A member of a struct as the reference reads it: its default in place of null, if asked for. */
export function fieldPart(
  field: Field,
  replaceNull: boolean,
  name: string = field.name,
  change: Part['change'] = null,
): Part {
  const { defaultValue, optional } = field.schema
  const otherwise = replaceNull && defaultValue !== undefined ? defaultValue : null
  return { name, source: field.name, otherwise, change, required: !optional && otherwise === null }
}

/** The reference's refusal of a null in a required field. */
export function refuseNull(name: string): never {
  throw new DataException(`Invalid value: null used for required field: "${name}"`)
}

/** Parts by name: of two of one name the last counts, in the place of the first. */
export function distinct(parts: readonly Part[]): Part[] {
  return [...new Map(parts.map((part) => [part.name, part])).values()]
}

/** Compiles the parts into one literal. Names and members stand in the code as JSON strings: literals and nothing else. */
export function compileParts(given: readonly Part[]): Maker {
  const constants: unknown[] = []
  return compile(`(v,r)=>(${literal(given, constants)})`, constants)
}

/** The same for objects of exactly these members in this order; null for others. One function: a call less for each record. */
export function compileGuarded(
  names: readonly string[],
  given: readonly Part[],
): (given: Members, record: ConnectRecord) => Record<string, unknown> | null {
  const constants: unknown[] = [names]
  const result = literal(given, constants)
  const code = `(v,r)=>{let i=0;for(const n in v)if(n!==k0[i++])return null;return i===${names.length}?${result}:null}`
  return compile(code, constants)
}

function literal(given: readonly Part[], constants: unknown[]): string {
  const constant = (value: unknown): string => `k${constants.push(value) - 1}`
  return `{${distinct(given).map((part) => memberCode(part.name, expression(part, constant)))}}`
}

/** Compiles an expression with its constants `k0`, `k1`, ... in scope. */
export function compile<T>(code: string, constants: readonly unknown[]): T {
  const names = constants.map((_, at) => `k${at}`)
  return new Function(...names, `'use strict';return ${code}`)(...constants) as T
}

/** A member of a literal. `__proto__` is a name like others only where it is computed. */
export function memberCode(name: string, code: string): string {
  const quoted = JSON.stringify(name)
  return `${name === '__proto__' ? `[${quoted}]` : quoted}:${code}`
}

function expression(part: Part, constant: (value: unknown) => string): string {
  const otherwise = part.required
    ? `${constant(refuseNull)}(${JSON.stringify(part.name)})`
    : part.otherwise === null
      ? 'null'
      : constant(part.otherwise)
  const given =
    part.of !== undefined
      ? expression(part.of, constant)
      : part.source !== null
        ? `v[${JSON.stringify(part.source)}]`
        : null
  const value = given === null ? otherwise : `(${given}??${otherwise})`
  return part.change === null ? value : `${constant(part.change)}(${value},r)`
}

/** The same without compiling, for objects of ever new shapes. */
export function makeOf(parts: readonly Part[], given: Members, record: ConnectRecord): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const part of parts) {
    define(result, part.name, madeOf(part, given, record))
  }
  return result
}

function madeOf(part: Part, given: Members, record: ConnectRecord): unknown {
  const source =
    part.of !== undefined ? madeOf(part.of, given, record) : part.source === null ? null : given[part.source]
  const value = source ?? part.otherwise
  return part.change === null ? value : part.change(value as never, record)
}

/** Sets a member also when it is called `__proto__`. */
export function define(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') target[name] = value
  else Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true })
}
