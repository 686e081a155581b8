// Checks values against their JSON schema (`json.fail.invalid.schema`), by ajv: loaded when a converter is configured so,
// compiled once for each schema.
import { createRequire } from 'node:module'
import { compileJavaRegex, DataException, Decimal, errorMessage } from '@millrace/api'
import { isObject, type JsonNode, type ParsedJsonSchema, printJson } from '@millrace/schemas/json'
import type { Ajv, ErrorObject, Options } from 'ajv'
import { MISSING, parseExact } from '../json/parser.ts'

/** Checks one JSON text. @throws DataException saying what does not fit, and where */
export type Validator = (text: string) => void

const require = createRequire(import.meta.url)
type AjvClass = new (options: Options) => Ajv

/** Formats that the reference checks, from the draft on that brought them. Newer drafts take formats as remarks. */
const FORMATS_4 = ['date-time', 'uri', 'email', 'ipv4', 'ipv6', 'hostname']
const FORMATS_6 = [...FORMATS_4, 'json-pointer', 'uri-reference', 'uri-template']
const FORMATS_7 = [...FORMATS_6, 'date', 'time', 'regex', 'relative-json-pointer']

interface Dialect {
  /** Where ajv's class for it is. */
  readonly module: string
  readonly formats: readonly string[]
  /** Keywords that it does not have yet, but ajv does. */
  readonly without?: readonly string[]
}
const DIALECTS: readonly (readonly [pattern: RegExp, dialect: Dialect])[] = [
  [
    /^https?:\/\/json-schema\.org\/(?:draft-04\/)?schema#?$/,
    { module: 'ajv-draft-04', formats: FORMATS_4, without: ['const', 'contains', 'propertyNames', 'if'] },
  ],
  [/^https?:\/\/json-schema\.org\/draft-06\/schema#?$/, { module: 'ajv', formats: FORMATS_6, without: ['if'] }],
  [/^https?:\/\/json-schema\.org\/draft\/2019-09\/schema#?$/, { module: 'ajv/dist/2019', formats: [] }],
  [/^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/, { module: 'ajv/dist/2020', formats: [] }],
]
const DRAFT_7: Dialect = { module: 'ajv', formats: FORMATS_7 }

/** The validator of a schema. @throws DataException when ajv cannot compile it */
export function compileValidator(schema: ParsedJsonSchema, ignoreModern: boolean): Validator {
  const validate = compiled(schema, ajvOf(dialectOf(schema.schema, ignoreModern)))
  return (text) => {
    if (validate(plainJson(text)) === true) return
    throw new DataException(`The value does not fit its JSON schema: ${problem(validate.errors?.[0])}`)
  }
}

function dialectOf(schema: JsonNode, ignoreModern: boolean): Dialect {
  const name = isObject(schema) ? schema.get('$schema') : undefined
  if (typeof name !== 'string' || (ignoreModern && name.includes('/draft/'))) return DRAFT_7
  return DIALECTS.find(([pattern]) => pattern.test(name))?.[1] ?? DRAFT_7
}

function ajvOf({ module, formats, without = [] }: Dialect): Ajv {
  const loaded = require(module) as { readonly default: AjvClass }
  const ajv = new loaded.default({
    // The language has checked the schema, and unknown keywords are remarks.
    strict: false,
    validateSchema: false,
    logger: false,
    validateFormats: formats.length > 0,
    code: { regExp: Object.assign(javaRegex, { code: 'javaRegex' }) },
  })
  for (const keyword of without) ajv.removeKeyword(keyword)
  ajv.removeKeyword('multipleOf')
  ajv.addKeyword({
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    compile: multiplesOf,
    error: { message: 'must be a multiple of the number in the schema' },
  })
  const addFormats = (require('ajv-formats') as { readonly default: (ajv: Ajv, names: readonly string[]) => void })
    .default
  if (formats.length > 0) addFormats(ajv, formats)
  return ajv
}

/** By decimals: 19.99 is a multiple of 0.01, whatever the quotient of the doubles is. */
function multiplesOf(divisor: number): (value: number) => boolean {
  const by = Decimal.parse(String(divisor))
  return (value) => {
    const { unscaled, scale } = Decimal.parse(String(value))
    const places = Math.max(scale, by.scale)
    return (unscaled * 10n ** BigInt(places - scale)) % (by.unscaled * 10n ** BigInt(places - by.scale)) === 0n
  }
}

function javaRegex(pattern: string): RegExp {
  const regex = compileJavaRegex(pattern, 'part')
  if (typeof regex !== 'string') return regex
  throw new DataException(`The pattern ${pattern} of a JSON schema cannot be used: ${regex}`)
}

function compiled({ schema, references }: ParsedJsonSchema, ajv: Ajv): ReturnType<Ajv['compile']> {
  try {
    const id = isObject(schema) ? (schema.get('$id') ?? schema.get('id')) : undefined
    for (const [name, one] of references.named) {
      const key = typeof id === 'string' && URL.canParse(name, id) ? new URL(name, id).href : name
      ajv.addSchema(plainSchema(one), key)
    }
    const root = plainSchema(schema)
    if (typeof root === 'object' && '$schema' in root) delete root.$schema
    return ajv.compile(root)
  } catch (cause) {
    throw new DataException(`The JSON schema cannot be checked against: ${errorMessage(cause)}`, { cause })
  }
}

/** The schema as a JavaScript object. What `#/$defs` refers to may stand under `definitions`. */
function plainSchema(node: JsonNode): Record<string, unknown> | boolean {
  const schema = JSON.parse(printJson(node)) as Record<string, unknown> | boolean
  if (typeof schema === 'object' && typeof schema.definitions === 'object') {
    schema.$defs = { ...schema.definitions, ...(schema.$defs as object | undefined) }
  }
  return schema
}

function plainJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Perhaps one of the reference's leniencies; if not, this says what and where.
    const node = parseExact(text, 'double', true)
    return node === MISSING ? null : node
  }
}

function problem(error: ErrorObject | undefined): string {
  if (error === undefined) return 'it says no more'
  const { instancePath, message, params } = error
  const names = Object.values(params).filter((value) => typeof value === 'string' || typeof value === 'number')
  return `${instancePath === '' ? 'the value' : instancePath} ${message}${names.length === 0 ? '' : ` (${names.join(', ')})`}`
}
