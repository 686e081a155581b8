// Where the `$ref`s of a JSON schema lead: into the same text, or into a referred schema by its name.
import { isArray, isObject, type JsonNode } from '../json-text.ts'
import { SchemaParseException } from '../language.ts'

/** A schema, and the text in which its own `$ref`s are to be looked up. */
export interface Located {
  readonly node: JsonNode
  readonly root: JsonNode
}

/** The texts that belong to one schema. */
export class References {
  readonly root: JsonNode
  /** The referred texts by their names. */
  readonly named: ReadonlyMap<string, JsonNode>

  constructor(root: JsonNode, named: ReadonlyMap<string, JsonNode>) {
    this.root = root
    this.named = named
  }
  /** The same referred schemas for another text. */
  withRoot(root: JsonNode): References {
    return new References(root, this.named)
  }

  /** Follows `$ref`s until there is a schema; stays where they are when they go round in a circle. @throws {SchemaParseException} when one leads nowhere */
  resolve(from: Located): Located {
    let at = from
    const seen = new Set<JsonNode>()
    for (;;) {
      const ref = isObject(at.node) ? at.node.get('$ref') : undefined
      if (typeof ref !== 'string') return at
      if (seen.has(at.node)) return from
      seen.add(at.node)
      at = this.#follow(ref, at.root)
    }
  }

  #follow(ref: string, root: JsonNode): Located {
    const hash = ref.indexOf('#')
    const name = hash < 0 ? ref : ref.slice(0, hash)
    const fragment = hash < 0 ? '' : ref.slice(hash + 1)
    const text = name === '' ? root : (this.named.get(ref) ?? this.named.get(name) ?? this.#byId(name, root))
    if (text === undefined)
      throw new SchemaParseException(`The reference "${ref}" is not among the schema's references`)
    const node = fragment === '' ? text : fragment.startsWith('/') ? pointed(text, fragment) : anchored(text, fragment)
    if (node === undefined) throw new SchemaParseException(`The reference "${ref}" leads nowhere`)
    return { node, root: text }
  }

  /** The text or the schema in it whose id the name is, or a referred text whose name it is: both may be relative to the text's id. */
  #byId(name: string, root: JsonNode): JsonNode | undefined {
    const base = idOf(root)
    const id = absolute(name, base)
    for (const [key, text] of this.named) if (absolute(key, base) === id) return text
    return embedded(root, id, base)
  }
}

/** A schema's `$id`, or `id` in draft 4; empty when it has none. */
function idOf(node: JsonNode): string {
  const id = isObject(node) ? (node.get('$id') ?? node.get('id')) : undefined
  return typeof id === 'string' ? id.replace(/#$/, '') : ''
}

/** A name as seen from a schema with this id. */
function absolute(name: string, base: string): string {
  return URL.canParse(name, base) ? new URL(name, base).href : name
}

function embedded(node: JsonNode, id: string, base: string): JsonNode | undefined {
  const own = idOf(node)
  if (own !== '' && absolute(own, base) === id) return node
  for (const part of isObject(node) ? node.values() : isArray(node) ? node : []) {
    const found = embedded(part, id, base)
    if (found !== undefined) return found
  }
  return undefined
}

/** What a JSON pointer leads to. What is not under the newer `$defs` is looked for under `definitions`. Source: RFC 6901 */
function pointed(root: JsonNode, pointer: string): JsonNode | undefined {
  const found = exactly(root, pointer)
  return found === undefined && pointer.startsWith('/$defs/')
    ? exactly(root, pointer.replace('/$defs/', '/definitions/'))
    : found
}

function exactly(root: JsonNode, pointer: string): JsonNode | undefined {
  let node: JsonNode | undefined = root
  for (const part of pointer.slice(1).split('/')) {
    const name = unescaped(part).replaceAll('~1', '/').replaceAll('~0', '~')
    if (isObject(node)) node = node.get(name)
    else if (isArray(node)) node = /^\d+$/.test(name) ? node[Number(name)] : undefined
    else return undefined
  }
  return node
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function anchored(node: JsonNode, name: string): JsonNode | undefined {
  if (
    isObject(node) &&
    (node.get('$anchor') === name || node.get('$id') === `#${name}` || node.get('id') === `#${name}`)
  )
    return node
  for (const part of isObject(node) ? node.values() : isArray(node) ? node : []) {
    const found = anchored(part, name)
    if (found !== undefined) return found
  }
  return undefined
}
