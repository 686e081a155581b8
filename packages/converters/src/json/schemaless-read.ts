// Values of JSON without a schema: what the parser gives is already the value, once numbers kept as text are doubles.
import { checkUtf8, hasLongInteger, parseJson } from './parse.ts'
import { MISSING, NumberText } from './parser.ts'
import { OTHER_SHAPE } from './shape.ts'
import { ShapeReader } from './shape-reader.ts'

/** Reads values without a schema from bytes and their text. One for the texts of one converter. */
export class SchemalessReader {
  readonly #shapes = new ShapeReader()

  /** The value; null for no content. @throws DataException for bytes that are not JSON, or not UTF-8 */
  read(text: string, buffer: Buffer, start: number, end: number): unknown {
    const value = this.#shapes.read(text, buffer, start, end)
    if (value !== OTHER_SHAPE) return value
    checkUtf8(text, buffer, start, end)
    if (hasLongInteger(buffer, start, end)) return orNull(parseJson(text, false, 'double'))
    let node: unknown
    try {
      node = JSON.parse(text)
    } catch {
      // Perhaps one of the reference's leniencies; if not, the slow parser says what and where.
      return orNull(parseJson(text, false, 'double'))
    }
    this.#shapes.learn(text)
    return node
  }
}

function orNull(node: unknown): unknown {
  return node === MISSING ? null : node
}

/** The value of a node without a schema: objects stay objects, integers beyond 2^53 are bigints. */
export function schemalessValue(node: unknown): unknown {
  if (typeof node !== 'object' || node === null) return node ?? null
  if (node instanceof NumberText) return Number(node.text)
  const members = node as Record<string | number, unknown>
  for (const name of Object.keys(node)) {
    const item = members[name]
    if (typeof item === 'object' && item !== null) members[name] = schemalessValue(item)
  }
  return node
}
