// Partial updates of JSON documents (`binlog_row_value_options=PARTIAL_JSON`): reads the changes, and makes the new text of the old.
// https://dev.mysql.com/doc/dev/mysql-server/latest/classJson__diff.html
import type { Cursor } from './cursor.ts'
import { jsonText } from './json.ts'
import { quoteJson } from './json-text.ts'

const OPERATIONS = ['replace', 'insert', 'remove'] as const

/** One change of a document. `value` is JSON text, null for a removal. */
export interface JsonDiff {
  readonly operation: (typeof OPERATIONS)[number]
  /** A path without wildcards: `$.a."b c"[3]`. */
  readonly path: string
  readonly value: string | null
}

/** The changes of one column; `lengthBytes` is the column's meta. */
export function readJsonDiffs(cursor: Cursor, lengthBytes: number): JsonDiff[] {
  const end = cursor.uint(lengthBytes) + cursor.at
  const diffs: JsonDiff[] = []
  while (cursor.at < end) {
    const code = cursor.u8()
    const operation = OPERATIONS[code]
    if (operation === undefined) throw new RangeError(`There is no JSON change ${code}`)
    const path = cursor.text(cursor.lenenc())
    const value = operation === 'remove' ? null : jsonText(cursor.bytes(cursor.lenenc()))
    diffs.push({ operation, path, value })
  }
  return diffs
}

/** Scalars stay the text they are, so that no digit of a number is lost. */
type Node = string | Node[] | Map<string, Node>

/**
 * The text of the document after the changes.
 * @throws RangeError when a path does not lead anywhere, as it cannot when `old` is the document that was changed
 */
export function applyJsonDiffs(old: string, diffs: readonly JsonDiff[]): string {
  let root = parse(old)
  for (const { operation, path, value } of diffs) {
    const legs = parsePath(path)
    const last = legs.pop()
    if (last === undefined) {
      root = parse(value ?? 'null')
      continue
    }
    const parent = legs.reduce<Node | undefined>(child, root)
    if (parent instanceof Map && typeof last === 'string') {
      if (value === null) parent.delete(last)
      else parent.set(last, parse(value))
    } else if (Array.isArray(parent) && typeof last === 'number') {
      if (value === null) parent.splice(last, 1)
      else parent.splice(last, operation === 'insert' ? 0 : 1, parse(value))
    } else {
      throw new RangeError(`A change of a JSON document is at ${path}, where the document before has nothing`)
    }
  }
  return textOf(root)
}

function child(node: Node | undefined, leg: string | number): Node | undefined {
  if (node instanceof Map && typeof leg === 'string') return node.get(leg)
  return Array.isArray(node) && typeof leg === 'number' ? node[leg] : undefined
}

function parsePath(path: string): (string | number)[] {
  const legs: (string | number)[] = []
  for (const [, quoted, bare, index] of path.matchAll(/\.(?:("(?:[^"\\]|\\.)*")|([^.[]+))|\[(\d+)\]/g)) {
    if (index !== undefined) legs.push(Number(index))
    else legs.push(quoted === undefined ? bare! : (JSON.parse(quoted) as string))
  }
  return legs
}

function parse(text: string): Node {
  return new Parser(text).value()
}

/** Members in MySQL's order: shorter names first, then by their bytes. */
function textOf(node: Node): string {
  if (typeof node === 'string') return node
  if (Array.isArray(node)) return `[${node.map(textOf).join(',')}]`
  const members = [...node].map(([name, value]) => ({ name, bytes: Buffer.from(name), value }))
  members.sort((a, b) => a.bytes.length - b.bytes.length || Buffer.compare(a.bytes, b.bytes))
  return `{${members.map(({ name, value }) => `${quoteJson(name)}:${textOf(value)}`).join(',')}}`
}

/** Reads JSON that a server wrote: it is well-formed, and may have blanks. */
class Parser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(): Node {
    this.#blanks()
    const char = this.#text[this.#at]
    if (char === '{') return this.#object()
    if (char === '[') return this.#array()
    return this.#scalar()
  }

  #object(): Node {
    const node = new Map<string, Node>()
    this.#at++
    while (this.#more('}')) {
      const name = JSON.parse(this.#scalar()) as string
      this.#blanks()
      this.#at++
      node.set(name, this.value())
    }
    return node
  }

  #array(): Node {
    const node: Node[] = []
    this.#at++
    while (this.#more(']')) node.push(this.value())
    return node
  }

  /** Whether another member comes; passes over the comma, or the end. */
  #more(end: string): boolean {
    this.#blanks()
    const char = this.#text[this.#at]
    if (char === end) {
      this.#at++
      return false
    }
    if (char === ',') {
      this.#at++
      this.#blanks()
    }
    return this.#at < this.#text.length
  }

  #scalar(): string {
    const scalar = /"(?:[^"\\]|\\.)*"|[^\s,\]}]+/y
    scalar.lastIndex = this.#at
    const found = scalar.exec(this.#text)?.[0]
    if (found === undefined) throw new RangeError('The text before the change is no JSON')
    this.#at += found.length
    return found
  }

  #blanks(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? 'x')) this.#at++
  }
}
