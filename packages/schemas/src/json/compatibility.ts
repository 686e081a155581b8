// Whether values of a writer's JSON schema are values of a reader's, by the names of the reference's differences.
import { isArray, isObject, type JsonNode, JsonNumber, type JsonObject, printJson } from '../avro/json.ts'
import type { Incompatibility } from '../language.ts'
import type { Located, References } from './references.ts'

type Findings = readonly Incompatibility[]
interface Whole {
  readonly schema: JsonNode
  readonly references: References
}

/** Everything in which `reader` refuses what `writer` allows. Keywords without a rule of their own must stay as they are. */
export function incompatibilities(reader: Whole, writer: Whole): Findings {
  return new Checker(reader.references, writer.references).check(
    { node: reader.schema, root: reader.references.root },
    { node: writer.schema, root: writer.references.root },
    '#',
  )
}

/** Largest values first, then smallest: the keyword and the stem of its findings. */
const UPPER = [
  ['maxLength', 'MAX_LENGTH'],
  ['maximum', 'MAXIMUM'],
  ['exclusiveMaximum', 'EXCLUSIVE_MAXIMUM'],
  ['maxProperties', 'MAX_PROPERTIES'],
  ['maxItems', 'MAX_ITEMS'],
] as const
const LOWER = [
  ['minLength', 'MIN_LENGTH'],
  ['minimum', 'MINIMUM'],
  ['exclusiveMinimum', 'EXCLUSIVE_MINIMUM'],
  ['minProperties', 'MIN_PROPERTIES'],
  ['minItems', 'MIN_ITEMS'],
] as const
/** Without a rule of their own. A reader that drops one allows more; one that adds or changes one is refused. */
const WHOLE = [
  'additionalItems',
  'contains',
  'propertyNames',
  'patternProperties',
  'dependencies',
  'dependentSchemas',
  'dependentRequired',
  'not',
  'if',
  'then',
  'else',
  'prefixItems',
  'minContains',
  'maxContains',
  'unevaluatedProperties',
  'unevaluatedItems',
]
const EVERYTHING = ['null', 'boolean', 'object', 'array', 'number', 'string']
const NO_MEMBERS: JsonObject = new Map()

/** Schemas that refer to each other in many ways have more paths than can be followed. */
const MOST_CHECKS = 50_000

class Checker {
  readonly #reader: References
  readonly #writer: References
  /** Pairs being looked at: a schema that contains itself is taken to fit. */
  readonly #open = new Map<JsonNode, Set<JsonNode>>()
  #left = MOST_CHECKS

  constructor(reader: References, writer: References) {
    this.#reader = reader
    this.#writer = writer
  }

  check(readerAt: Located, writerAt: Located, path: string): Findings {
    const reader = this.#reader.resolve(readerAt)
    const writer = this.#writer.resolve(writerAt)
    if (reader.node === true || writer.node === false) return []
    if (reader.node === false) return [finding('TYPE_CHANGED', path, 'the new schema allows nothing')]
    if (!isObject(reader.node)) return []
    // What is refused for its size must not be taken for compatible.
    if (this.#left-- <= 0) return [finding('TYPE_CHANGED', path, 'the schemas are too entangled to be compared')]
    const open = this.#open.get(reader.node) ?? new Set()
    if (open.has(writer.node)) return []
    this.#open.set(reader.node, open.add(writer.node))
    const r = reader.node
    const w = isObject(writer.node) ? writer.node : NO_MEMBERS
    const at = (root: JsonNode) => (node: JsonNode) => ({ node, root })
    const found = [
      ...combined(this, r, w, at(reader.root), at(writer.root), writer, path),
      ...types(r, w, path),
      ...bounds(r, w, path),
      ...values(r, w, path),
      ...this.#items(r, w, at(reader.root), at(writer.root), path),
      ...this.#properties(r, w, at(reader.root), at(writer.root), path),
      ...WHOLE.filter((name) => r.has(name) && !same(r.get(name), w.get(name))).map((name) =>
        finding(
          name === 'not' ? 'NOT_TYPE_NARROWED' : 'TYPE_CHANGED',
          `${path}/${name}`,
          `${name} was added or changed`,
        ),
      ),
    ]
    open.delete(writer.node)
    return found
  }

  #items(r: JsonObject, w: JsonObject, rAt: At, wAt: At, path: string): Findings {
    const items = r.get('items')
    if (items === undefined || !allows(w, 'array')) return []
    const written = w.get('items') ?? true
    if (!isArray(items) && !isArray(written)) return this.check(rAt(items), wAt(written), `${path}/items`)
    return same(items, written)
      ? []
      : [finding('TYPE_CHANGED', `${path}/items`, 'the list of item schemas was changed')]
  }

  #properties(r: JsonObject, w: JsonObject, rAt: At, wAt: At, path: string): Findings {
    if (!allows(w, 'object')) return []
    const found: Incompatibility[] = []
    const readers = members(r)
    const writers = members(w)
    const readerRest = r.get('additionalProperties') ?? true
    const writerRest = w.get('additionalProperties') ?? true
    const rest = this.check(rAt(readerRest), wAt(writerRest), `${path}/additionalProperties`)
    if (rest.length > 0) {
      const type = readerRest === false ? 'ADDITIONAL_PROPERTIES_REMOVED' : 'ADDITIONAL_PROPERTIES_NARROWED'
      found.push(
        finding(type, `${path}/additionalProperties`, 'properties without a schema of their own are restricted'),
      )
    }
    for (const [name, schema] of writers) {
      const place = `${path}/properties/${name}`
      const reading = readers.get(name)
      if (reading !== undefined) found.push(...this.check(rAt(reading), wAt(schema), place))
      else if (this.check(rAt(readerRest), wAt(schema), place).length > 0) {
        const type = readerRest === false ? 'FROM_CLOSED' : 'NOT_COVERED_BY_PARTIALLY_OPEN'
        found.push(finding(`PROPERTY_REMOVED_${type}_CONTENT_MODEL`, place, `property ${name} was removed`))
      }
    }
    for (const [name, schema] of readers) {
      const place = `${path}/properties/${name}`
      if (writers.has(name) || this.check(rAt(schema), wAt(writerRest), place).length === 0) continue
      const type = writerRest === true ? 'TO_OPEN' : 'NOT_COVERED_BY_PARTIALLY_OPEN'
      found.push(finding(`PROPERTY_ADDED_${type}_CONTENT_MODEL`, place, `property ${name} was added`))
    }
    const before = names(w)
    for (const name of names(r)) {
      const schema = readers.get(name)
      if (before.includes(name) || (isObject(schema) && schema.has('default'))) continue
      const type =
        writers.has(name) || writerRest === true
          ? finding('REQUIRED_ATTRIBUTE_ADDED', `${path}/required/${name}`, `${name} became required`)
          : finding(
              'REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL',
              `${path}/properties/${name}`,
              `${name} was added`,
            )
      found.push(type)
    }
    return found
  }
}

type At = (node: JsonNode) => Located

/** Every alternative of the writer needs one of its own in the reader; every part of the reader's product one in the writer's. */
function combined(
  checker: Checker,
  r: JsonObject,
  w: JsonObject,
  rAt: At,
  wAt: At,
  writer: Located,
  path: string,
): Findings {
  const found: Incompatibility[] = []
  for (const kind of ['oneOf', 'anyOf'] as const) {
    const reading = r.get(kind)
    if (!isArray(reading)) continue
    const written = w.get(kind) ?? (kind === 'anyOf' ? w.get('oneOf') : undefined)
    const needed = isArray(written) ? written.map(wAt) : [writer]
    const fits = (one: Located, to: JsonNode) => checker.check(rAt(to), one, path).length === 0
    if (matched(needed, reading, fits)) continue
    const type = !isArray(written)
      ? 'TYPE_CHANGED'
      : reading.length < needed.length
        ? 'SUM_TYPE_NARROWED'
        : 'COMBINED_TYPE_SUBSCHEMAS_CHANGED'
    found.push(finding(type, `${path}/${kind}`, `what was allowed fits none of ${kind}`))
  }
  const product = r.get('allOf')
  if (isArray(product)) {
    const written = w.get('allOf')
    const offered = isArray(written) ? written.map(wAt) : [writer]
    const fits = (one: JsonNode, to: Located) => checker.check(rAt(one), to, path).length === 0
    if (!product.every((one) => offered.some((to) => fits(one, to)))) {
      const type = product.length > offered.length ? 'PRODUCT_TYPE_EXTENDED' : 'COMBINED_TYPE_SUBSCHEMAS_CHANGED'
      found.push(finding(type, `${path}/allOf`, 'a part of allOf asks for more than before'))
    }
  }
  return found
}

/** True when each of `needed` can be given an `offered` of its own. */
function matched<A, B>(needed: readonly A[], offered: readonly B[], fits: (a: A, b: B) => boolean): boolean {
  const taken = new Map<number, number>()
  const table = needed.map((one) => offered.map((to) => fits(one, to)))
  const place = (at: number, tried: Set<number>): boolean =>
    offered.some((_, to) => {
      if (table[at]?.[to] !== true || tried.has(to)) return false
      tried.add(to)
      const holder = taken.get(to)
      if (holder !== undefined && !place(holder, tried)) return false
      taken.set(to, at)
      return true
    })
  return needed.every((_, at) => place(at, new Set()))
}

function types(r: JsonObject, w: JsonObject, path: string): Findings {
  if (!r.has('type')) return []
  const reading = typesOf(r)
  const missing = typesOf(w).filter(
    (one) => !reading.includes(one) && !(one === 'integer' && reading.includes('number')),
  )
  if (missing.length === 0) return []
  const narrowed = missing.length < typesOf(w).length || (missing.includes('number') && reading.includes('integer'))
  return [finding(narrowed ? 'TYPE_NARROWED' : 'TYPE_CHANGED', path, `no longer allowed: ${missing.join(', ')}`)]
}

/** Types that a schema allows by `type`, or by its values. */
function typesOf(schema: JsonObject): readonly string[] {
  const type = schema.get('type')
  if (isArray(type)) return type as readonly string[]
  return typeof type === 'string' ? [type] : EVERYTHING
}
function allows(schema: JsonObject, type: string): boolean {
  return typesOf(schema).includes(type)
}

function bounds(r: JsonObject, w: JsonObject, path: string): Findings {
  const found: Incompatibility[] = []
  const compare = (keyword: string, stem: string, sign: 1 | -1) => {
    const reading = r.get(keyword)
    const written = w.get(keyword)
    const place = `${path}/${keyword}`
    // Draft 4 has booleans for exclusive limits.
    if (reading === undefined || reading === false || same(reading, written)) return
    if (!(reading instanceof JsonNumber) || !(written instanceof JsonNumber)) {
      if (
        reading instanceof JsonNumber &&
        sign < 0 &&
        keyword.startsWith('min') &&
        keyword !== 'minimum' &&
        reading.value === 0
      )
        return
      found.push(finding(`${stem}_ADDED`, place, `${keyword} was added`))
    } else if (sign > 0 ? reading.value < written.value : reading.value > written.value) {
      found.push(finding(`${stem}_${sign > 0 ? 'DECREASED' : 'INCREASED'}`, place, `${keyword} is stricter`))
    }
  }
  for (const [keyword, stem] of UPPER) compare(keyword, stem, 1)
  for (const [keyword, stem] of LOWER) compare(keyword, stem, -1)
  return found
}

function values(r: JsonObject, w: JsonObject, path: string): Findings {
  const found: Incompatibility[] = []
  const reading = r.has('const') ? [r.get('const') as JsonNode] : r.get('enum')
  const written = w.has('const') ? [w.get('const') as JsonNode] : w.get('enum')
  if (isArray(reading)) {
    if (!isArray(written)) found.push(finding('TYPE_CHANGED', `${path}/enum`, 'values are listed now'))
    else if (!written.every((one) => reading.some((other) => same(one, other)))) {
      const narrowed = reading.every((one) => written.some((other) => same(one, other)))
      found.push(finding(narrowed ? 'ENUM_ARRAY_NARROWED' : 'ENUM_ARRAY_CHANGED', `${path}/enum`, 'values are missing'))
    }
  }
  if (r.has('pattern') && !same(r.get('pattern'), w.get('pattern'))) {
    found.push(
      finding(w.has('pattern') ? 'PATTERN_CHANGED' : 'PATTERN_ADDED', `${path}/pattern`, 'the pattern differs'),
    )
  }
  if (r.get('uniqueItems') === true && w.get('uniqueItems') !== true) {
    found.push(finding('UNIQUE_ITEMS_ADDED', `${path}/uniqueItems`, 'items must be unique now'))
  }
  const multiple = r.get('multipleOf')
  const before = w.get('multipleOf')
  if (multiple instanceof JsonNumber && !same(multiple, before)) {
    if (!(before instanceof JsonNumber)) found.push(finding('MULTIPLE_OF_ADDED', `${path}/multipleOf`, 'it was added'))
    else if (Number(before.value) % Number(multiple.value) !== 0) {
      const expanded = Number(multiple.value) % Number(before.value) === 0
      found.push(
        finding(
          `MULTIPLE_OF_${expanded ? 'EXPANDED' : 'CHANGED'}`,
          `${path}/multipleOf`,
          'it does not divide the old one',
        ),
      )
    }
  }
  return found
}

function members(schema: JsonObject): JsonObject {
  const found = schema.get('properties')
  return isObject(found) ? found : NO_MEMBERS
}
function names(schema: JsonObject): readonly string[] {
  const found = schema.get('required')
  return isArray(found) ? (found as readonly string[]) : []
}
function same(a: JsonNode | undefined, b: JsonNode | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && printJson(a) === printJson(b))
}
function finding(type: string, path: string, message: string): Incompatibility {
  return { type, path, message }
}
