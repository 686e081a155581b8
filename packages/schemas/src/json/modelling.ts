// From the text of a JSON schema to its model. Drafts up to 7 make one part of each group of keywords;
// from 2019-09 on, parts of one type are joined first. The reference reads them with a library for each.
import { isArray, isObject, type JsonNode, type JsonObject, printJson } from '../json-text.ts'
import { isModern } from './dialect.ts'
import {
  ARRAY_KEYWORDS,
  arrayPart,
  MODERN_ARRAY_KEYWORDS,
  MODERN_OBJECT_KEYWORDS,
  NUMBER_KEYWORDS,
  numberPart,
  OBJECT_KEYWORDS,
  objectPart,
  STRING_KEYWORDS,
  stringPart,
} from './keywords.ts'
import type { Criterion, Model } from './model.ts'
import type { Located, References } from './references.ts'
import { sorted } from './sorted.ts'

const CRITERIA: readonly Criterion[] = ['allOf', 'anyOf', 'oneOf']

type Kind = Model['kind']
type Bare = Model extends infer One
  ? One extends Model
    ? Omit<One, 'text' | 'hasDefault' | 'connectType'>
    : never
  : never

/** Makes models, one for each place of a text, so that all who refer to a place meet the same one. */
export class Modelling {
  readonly #references: References
  readonly #modern: boolean
  readonly #made = new Map<JsonNode, Model>()

  constructor(references: References) {
    this.#references = references
    this.#modern = isModern(references.root)
  }

  /** The model of a schema. */
  of(at: Located): Model {
    const { node } = at
    if (!isObject(node)) return whole({ kind: node === false ? 'false' : 'true' }, node, this.#modern)
    const known = this.#made.get(node)
    if (known !== undefined) return known
    const model = this.#object(node, at.root)
    this.#made.set(node, model)
    return model
  }

  #object(node: JsonObject, root: JsonNode): Model {
    const reference = node.has('$ref') ? this.#reference(node, root) : undefined
    if (reference !== undefined && !this.#modern) return whole(reference, node, false)
    const parts = this.#modern ? joined(this.#parts(node, root, reference)) : this.#parts(node, root)
    const [only, second] = parts
    if (only === undefined) return whole({ kind: 'empty' }, node, this.#modern)
    if (second === undefined) return whole(only, node, this.#modern)
    const models = parts.map((part) => whole(part, node, this.#modern, part.kind))
    return whole({ kind: 'combined', criterion: 'allOf', parts: models, generated: true }, node, this.#modern)
  }

  #reference(node: JsonObject, root: JsonNode): Bare {
    let target: Model | undefined
    return {
      kind: 'reference',
      target: () => {
        target ??= this.of(this.#references.resolve({ node, root }))
        return target
      },
    }
  }

  /** One part for each thing that an object asks for. */
  #parts(node: JsonObject, root: JsonNode, reference?: Bare): Bare[] {
    const inner = (one: JsonNode): Model => this.of({ node: one, root })
    const parts: Bare[] = reference === undefined ? [] : [reference]
    const values = node.get('enum')
    if (isArray(values)) parts.push({ kind: 'enum', values: new Set(values.map(plain)) })
    for (const criterion of CRITERIA) {
      const listed = node.get(criterion)
      if (!isArray(listed)) continue
      const models = listed.map(inner)
      parts.push({
        kind: 'combined',
        criterion,
        parts: this.#modern ? models.flatMap(unwrapped) : models,
        generated: false,
      })
    }
    const not = node.get('not')
    if (not !== undefined) parts.push({ kind: 'not', schema: inner(not) })
    if (node.has('const')) parts.push({ kind: 'const', value: plain(node.get('const') as JsonNode) })
    parts.push(...this.#typed(node, inner))
    if (node.has('if')) parts.push({ kind: 'conditional' })
    return parts
  }

  #typed(node: JsonObject, inner: (one: JsonNode) => Model): Bare[] {
    const modern = this.#modern
    const has = (keywords: readonly string[]) => keywords.some((one) => node.has(one))
    const makers: Partial<Record<string, () => Bare>> = {
      array: () => arrayPart(node, modern, inner),
      object: () => objectPart(node, modern, inner),
      integer: () => ({ ...numberPart(node), integer: true }),
      number: () => numberPart(node),
      string: () => stringPart(node),
      boolean: () => ({ kind: 'boolean' }),
      null: () => ({ kind: 'null' }),
    }
    const type = node.get('type')
    const types = (isArray(type) ? type : [type]).filter((one) => typeof one === 'string')
    const made = types.map((one) => (makers[one] as () => Bare)())
    const kinds = new Set(made.map((one) => one.kind))
    const rest = (
      [
        ['array', modern ? MODERN_ARRAY_KEYWORDS : ARRAY_KEYWORDS],
        ['object', modern ? MODERN_OBJECT_KEYWORDS : OBJECT_KEYWORDS],
        ['number', NUMBER_KEYWORDS],
        ['string', modern ? STRING_KEYWORDS.filter((one) => one !== 'format') : STRING_KEYWORDS],
      ] as const
    ).flatMap(([kind, keywords]) => (!kinds.has(kind) && has(keywords) ? [(makers[kind] as () => Bare)()] : []))
    if (!isArray(type)) return [...made, ...rest]
    const parts = made.map((part) => whole(part, node, modern, part.kind))
    return [{ kind: 'combined', criterion: 'anyOf', parts, generated: true }, ...rest]
  }
}

/** Newer drafts: what asks for one type only once is not wrapped, and generated combinations are taken apart. */
function joined(parts: readonly Bare[]): Bare[] {
  return parts.flatMap((part) =>
    part.kind === 'combined' && part.criterion === 'allOf' && part.generated ? [...part.parts] : [part],
  )
}
function unwrapped(model: Model): readonly Model[] {
  return model.kind === 'combined' && model.criterion === 'allOf' && model.generated ? model.parts : [model]
}

function whole(part: Bare, node: JsonNode, modern: boolean, kind?: Kind): Model {
  const object = isObject(node) && kind === undefined ? node : undefined
  return {
    ...part,
    text: `${kind ?? ''} ${modern ? 'new' : 'old'} ${printJson(sorted(node))}`,
    hasDefault: object?.has('default') ?? false,
    connectType: object?.get('connect.type'),
  } as Model
}

/** Values are equal whatever the order of their members. */
function plain(node: JsonNode): string {
  return printJson(sorted(node))
}
