// Structs from parsed objects: a function is made for each schema that reads every member by its name, in the schema's order.
import { DataException, type Schema } from '@millrace/api'
import { nodeType } from './nodes.ts'
import { define, NumberText } from './parser.ts'
import type { JsonReader } from './readers.ts'

/** Structs of more fields are read by a loop. */
const MOST_MADE = 256

/** The reader of a STRUCT, given the readers of its fields. */
export function structReader({ fields }: Schema, readers: readonly JsonReader[]): JsonReader {
  const names = fields.map((field) => field.name)
  // What every object has is no member of it.
  const special = names.length > MOST_MADE || names.some((name) => name in Object.prototype)
  const make = special ? looping(names, readers) : made(names, readers)
  return (node) => {
    if (isObject(node)) return make(node)
    throw new DataException(`Structs should be encoded as JSON objects, but found ${nodeType(node)}`)
  }
}

type Make = (node: Readonly<Record<string, unknown>>) => object

/**
 * Reads member after member into an object that is made at once: in half the time of a loop, since each place in the code
 * sees one name. Names quoted as JSON are literals of JavaScript and nothing else.
 */
function made(names: readonly string[], readers: readonly JsonReader[]): Make {
  const parts = names.map((name, at) => `${JSON.stringify(name)}:r${at}(node[${JSON.stringify(name)}])`)
  const code = `const [${names.map((_, at) => `r${at}`).join()}]=r;return (node)=>({${parts.join()}})`
  return (new Function('r', code) as (r: readonly JsonReader[]) => Make)(readers)
}

function looping(names: readonly string[], readers: readonly JsonReader[]): Make {
  return (node) => {
    const value: Record<string, unknown> = {}
    for (let at = 0; at < names.length; at++) {
      const name = names[at] as string
      const item = (readers[at] as JsonReader)(Object.hasOwn(node, name) ? node[name] : undefined)
      if (name === '__proto__') define(value, name, item)
      else value[name] = item
    }
    return value
  }
}

/** True for a JSON object, which a number kept as text is not. */
export function isObject(node: unknown): node is Record<string, unknown> {
  return typeof node === 'object' && node !== null && !Array.isArray(node) && !(node instanceof NumberText)
}
