// What a script is given beside the record.

import type { RawConfig, Schema, SchemaBuilder } from '@millrace/api'
import * as api from '@millrace/api'
import { BySchema, copyBasics } from '../apache/common/schemas.ts'
import type { ScriptContext } from './api.ts'

/** Keys of a user's own settings. */
export const PARAM_PREFIX = 'script.param.'

/** A context with nothing remembered yet. */
export function createContext(configs: RawConfig): ScriptContext {
  const derived = new Map<string, BySchema<Schema>>()
  const derive = <S extends Schema | null>(schema: S, name: string, make: (schema: Schema) => Schema): S => {
    if (schema === null) return schema
    let known = derived.get(name)
    if (known === undefined) {
      known = new BySchema(make)
      derived.set(name, known)
    }
    return known.get(schema) as S
  }
  return Object.freeze({
    api,
    params: paramsOf(configs),
    state: new Map<string, unknown>(),
    derive,
    extend: <S extends Schema | null>(schema: S, name: string, add: (builder: SchemaBuilder) => unknown): S =>
      derive(schema, name, (base) => extended(base, add)),
  })
}

function extended(base: Schema, add: (builder: SchemaBuilder) => unknown): Schema {
  const builder = copyBasics(base)
  if (base.optional) builder.optional()
  for (const field of base.fields) builder.field(field.name, field.schema)
  add(builder)
  return builder.build()
}

function paramsOf(configs: RawConfig): Readonly<Record<string, string>> {
  const params: Record<string, string> = {}
  for (const [key, value] of Object.entries(configs)) {
    if (key.startsWith(PARAM_PREFIX) && value !== null) params[key.slice(PARAM_PREFIX.length)] = value
  }
  return Object.freeze(params)
}
