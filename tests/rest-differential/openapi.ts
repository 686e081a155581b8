// Holds answers to an OpenAPI document: the call is one of its operations, the status is one it names, the body fits its schema.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { Answer } from './record.ts'

type Json = Readonly<Record<string, unknown>>
type Media = { readonly schema: Json }
interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
}

/** An OpenAPI document as far as it is looked at here. */
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Json>> }
}

/** Answers that are not the API's own: no such path, no such method. */
const OUTSIDE = new Set([404, 405, 406, 415])

/** Checks answers and bodies; schemas are closed for it, so that a field that the document does not name is found. */
export class OpenApiCheck {
  readonly #document: Document
  readonly #ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true })
  readonly #compiled = new Map<string, ValidateFunction>()

  constructor(document: Document) {
    this.#document = document
    this.#ajv.addVocabulary(['components'])
    this.#ajv.addSchema({ $id: 'openapi', components: closed(document.components) as Json })
  }

  /** What does not fit, a line each. */
  misfits(answer: Pick<Answer, 'name' | 'call' | 'status' | 'body'>, requestBody?: unknown): string[] {
    const [method = '', path = ''] = answer.call.split(' ')
    const operation = this.#operation(method, path)
    if (operation === undefined) {
      return OUTSIDE.has(answer.status) || method === 'OPTIONS'
        ? []
        : [`${answer.name}: ${answer.call} is no operation`]
    }
    const response = operation.responses[answer.status]
    if (response === undefined) {
      return OUTSIDE.has(answer.status) && !/^4(04)$/.test(String(answer.status))
        ? []
        : [`${answer.name}: ${answer.call} does not name the status ${answer.status}`]
    }
    const requested =
      answer.status < 300 && requestBody !== undefined
        ? this.#fits(operation.requestBody?.content, requestBody, 'request')
        : []
    return [...this.#answered(response.content, answer.body), ...requested].map(
      (line) => `${answer.name} (${answer.call}): ${line}`,
    )
  }

  #answered(content: Readonly<Record<string, Media>> | undefined, body: string): string[] {
    if (content === undefined) return body === '' ? [] : [`has a body: ${body.slice(0, 80)}`]
    return this.#fits(content, JSON.parse(body), 'answer')
  }

  #fits(content: Readonly<Record<string, Media>> | undefined, value: unknown, what: string): string[] {
    const schema = content?.['application/json']?.schema
    if (schema === undefined) return [`the ${what} has no schema`]
    const key = JSON.stringify(schema)
    const validate = this.#compiled.get(key) ?? this.#ajv.compile(rebased(closed(schema)) as Json)
    this.#compiled.set(key, validate)
    return validate(value)
      ? []
      : (validate.errors ?? []).map((error) => `${what}${error.instancePath} ${error.message}`)
  }

  #operation(method: string, path: string): Operation | undefined {
    const segments = path
      .split('?')[0]!
      .split('/')
      .filter((one) => one !== '')
    const found = Object.entries(this.#document.paths).find(([template]) => {
      const parts = template.split('/').filter((one) => one !== '')
      return (
        parts.length === segments.length && parts.every((part, at) => part.startsWith('{') || part === segments[at])
      )
    })
    return found?.[1][method.toLowerCase()]
  }
}

/** The same schema, in which an object has no keys but those named. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value
  const all = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, closed(one)]))
  const open = all.properties !== undefined && all.type === 'object' && all.additionalProperties === undefined
  return open ? { ...all, additionalProperties: false } : all
}

/** References within the document, from outside of it. */
function rebased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rebased)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, key === '$ref' ? `openapi${String(one)}` : rebased(one)]),
  )
}
