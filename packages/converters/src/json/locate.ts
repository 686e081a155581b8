// Finds the place in a value at which writing or reading it failed. Runs after a failure only, so that success costs nothing.
import { ConnectException, DataException, type Schema } from '@millrace/api'
import type { JsonOptions } from './config.ts'
import { NumberText } from './parser.ts'
import { compileReader } from './readers.ts'
import { compileWriter } from './writers.ts'

/** Writes or reads a value under a schema, and throws what that throws. */
export type Attempt = (schema: Schema, value: unknown) => void
type Step = readonly [name: string, schema: Schema | null, value: unknown]

/** The same error, with the place in `value` that cannot be written at the end of its message. */
export function locateInValue(error: unknown, schema: Schema | null, value: unknown, options: JsonOptions): unknown {
  return locate(error, schema, value, (inner, item) => compileWriter(inner, options)(item))
}

/** The same error, with the place in the parsed `node` that cannot be read at the end of its message. */
export function locateInNode(error: unknown, schema: Schema | null, node: unknown, options: JsonOptions): unknown {
  return locate(error, schema, node, (inner, item) => compileReader(inner, { ...options, withText: true })(copy(item)))
}

/** The same error, with the place in `value` at which `attempt` fails. */
export function locate(error: unknown, schema: Schema | null, value: unknown, attempt: Attempt): unknown {
  if (!(error instanceof DataException) || schema === null) return error
  const path = pathOf(schema, value, attempt)
  return path === '' ? error : new DataException(`${error.message} (at ${path})`, { cause: error })
}

function pathOf(schema: Schema, value: unknown, attempt: Attempt): string {
  for (const [name, inner, item] of steps(schema, value)) {
    if (inner === null) continue
    try {
      attempt(inner, item)
    } catch (error) {
      if (!(error instanceof ConnectException)) throw error
      const deeper = pathOf(inner, item, attempt)
      return deeper === '' || deeper.startsWith('[') ? name + deeper : `${name}.${deeper}`
    }
  }
  return ''
}

function steps(schema: Schema, value: unknown): Step[] {
  if (typeof value !== 'object' || value === null) return []
  const members = value as Readonly<Record<string, unknown>>
  switch (schema.type) {
    case 'STRUCT':
      return schema.fields.map((field) => [field.name, field.schema, members[field.name]])
    case 'ARRAY':
      return Array.isArray(value) ? value.map((item, at) => [`[${at}]`, schema.valueSchema, item]) : []
    case 'MAP': {
      const entries = value instanceof Map ? [...value] : Array.isArray(value) ? [] : Object.entries(value)
      return entries.map(([key, item]) => [`[${JSON.stringify(String(key))}]`, schema.valueSchema, item])
    }
    default:
      return []
  }
}

/** Reading changes what it reads. */
export function copy(node: unknown): unknown {
  if (typeof node !== 'object' || node === null || node instanceof NumberText) return node
  if (Array.isArray(node)) return node.map(copy)
  return Object.fromEntries(Object.entries(node).map(([name, item]) => [name, copy(item)]))
}
