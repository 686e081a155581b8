// Structs as JSON text, by a function compiled for the schema. It remembers what each field held last: in change events most
// fields repeat from record to record, and the text of a whole struct whose fields all do is there already.
import type { Schema } from '@millrace/api'
import type { JsonOptions } from './config.ts'
import { Kind, nativeKind, replacesNull } from './kinds.ts'
import { compileNative } from './native.ts'
import { type Escapes, quote } from './text.ts'
import type { JsonWriter } from './writers.ts'

/** Longest texts that are kept for the next record, in characters: of a field, and of a struct. */
const MOST_KEPT = 200
const MOST_KEPT_WHOLE = 1000
/** Misses in a row after which remembering is given up, for a field, a struct, or the way of JSON.stringify. */
const PATIENCE = 32
/** Structs of more fields are written in a loop: the engine does not optimize a function of any length. */
const MOST_COMPILED = 300

/** What a struct's writer needs to know of other types. */
export interface StructParts {
  /** The writer of a value that is not null. */
  readonly writerOf: (schema: Schema) => JsonWriter
  /** What is written for null, given the writer of other values; throws where there can be none. */
  readonly nullOf: (schema: Schema, write: JsonWriter) => () => string
  /** True for objects that are values of other types. */
  readonly isOther: (value: object) => boolean
  readonly unfit: (schema: Schema, value: unknown) => never
}

interface Field {
  readonly name: string
  /** Comma, name and colon. */
  readonly head: string
  readonly write: JsonWriter
  readonly onNull: () => string
}

/** What the compiled function calls. */
interface Helpers {
  readonly fields: readonly Field[]
  /** The value's text, if JSON.stringify may write it. @throws DataException for what is no struct */
  readonly begin: (value: unknown) => string | undefined
  readonly flat: (text: string) => string
}

/** The writer of a STRUCT that is not null. */
export function structWriter(
  schema: Schema,
  options: JsonOptions,
  escapes: Escapes,
  { writerOf, nullOf, isOther, unfit }: StructParts,
): JsonWriter {
  const fields = schema.fields.map(({ name, schema: inner }, at): Field => {
    const head = `${at === 0 ? '' : ','}${quote(name, escapes)}:`
    const write = writerOf(inner)
    const onNull = nullOf(inner, write)
    return { name, head, write, onNull: () => head + onNull() }
  })
  const check = compileNative(schema, options)
  let misses = 0
  const begin = (value: unknown) => {
    if (typeof value !== 'object' || isOther(value as object)) return unfit(schema, value)
    if (check === null || misses === PATIENCE) return undefined
    if (!check(value)) {
      misses++
      return undefined
    }
    misses = 0
    return escapes(JSON.stringify(value))
  }
  if (fields.length > MOST_COMPILED) return looped(fields, begin)
  const kinds = schema.fields.map((field) => kindOf(field.schema, options))
  return new Function('h', code(fields, kinds))({ fields, begin, flat } satisfies Helpers) as JsonWriter
}

/** A field of OTHER is not remembered: floats, because -0 equals 0 and prints otherwise, and what may change without being another. */
function kindOf(schema: Schema, options: JsonOptions): Kind {
  const kind = nativeKind(schema)
  const isFloat = kind === Kind.FLOAT32 || kind === Kind.FLOAT64
  return isFloat || replacesNull(schema, options.replaceNullWithDefault) ? Kind.OTHER : kind
}

/** Makes one piece of a text that is a tree of pieces: it is copied at once from then on. */
function flat(text: string): string {
  text.charCodeAt(0)
  return text
}

function looped(fields: readonly Field[], begin: Helpers['begin']): JsonWriter {
  return (value) => {
    const native = begin(value)
    if (native !== undefined) return native
    const record = value as Readonly<Record<string, unknown>>
    let text = '{'
    for (const { name, head, write, onNull } of fields) {
      const item = name === '__proto__' && !Object.hasOwn(record, name) ? null : record[name]
      text += item === null || item === undefined ? onNull() : head + write(item)
    }
    return `${text}}`
  }
}

/**
 * For each field `x` is its value, `k` the value that it had and `s` the text that came of it, `m` the misses since; `K`, `S`
 * and `M` are the same of the struct.
 */
function code(fields: readonly Field[], kinds: readonly Kind[]): string {
  const each = (text: (field: Field, at: number) => string, separator = '') => fields.map(text).join(separator)
  const keepsWhole = fields.length > 1 && !kinds.includes(Kind.OTHER)
  return [
    `'use strict';const {begin,flat,fields}=h;let S,M=0,F=false;`,
    each((_, i) => `const {write:w${i},onNull:n${i}}=fields[${i}];let k${i}=h,s${i}='',m${i}=0,f${i}=false,K${i};`),
    'return (r)=>{const j=begin(r);if(j!==undefined)return j;',
    each((field, i) => `const x${i}=${read(field)};`),
    keepsWhole
      ? `if(S!==undefined&&${each((_, i) => `x${i}===K${i}`, '&&')}){if(!F){S=flat(S);F=true;M=0}return S}`
      : '',
    `let t='{';`,
    each((field, i) => write(field, i, kinds[i] as Kind)),
    `t+='}';`,
    keepsWhole
      ? `if(M<${PATIENCE}&&t.length<${MOST_KEPT_WHOLE}){M++;S=t;F=false;${each((_, i) => `K${i}=x${i};`)}}`
      : '',
    'return t}',
  ].join('')
}

function read({ name }: Field): string {
  const key = JSON.stringify(name)
  return name === '__proto__' ? `Object.hasOwn(r,${key})?r[${key}]:null` : `r[${key}]`
}

function write({ head }: Field, i: number, kind: Kind): string {
  const text = `${JSON.stringify(head)}+w${i}(x${i})`
  const isNull = `if(x${i}===null||x${i}===undefined)t+=n${i}();`
  if (kind === Kind.OTHER) return `${isNull}else t+=${text};`
  if (kind === Kind.BOOLEAN) return `${isNull}else t+=x${i}===true?${JSON.stringify(`${head}true`)}:${text};`
  const short = kind === Kind.STRING ? `&&q.length<${MOST_KEPT}` : ''
  return [
    `if(x${i}===k${i}){if(!f${i}){s${i}=flat(s${i});f${i}=true;m${i}=0}t+=s${i}}else `,
    isNull,
    `else{const q=${text};t+=q;if(m${i}<${PATIENCE}${short}){m${i}++;k${i}=x${i};s${i}=q;f${i}=false}}`,
  ].join('')
}
