// Values of JSON without a schema: what the parser gives is already the value, once numbers kept as text are doubles.
import { NodeReader } from './node-reader.ts'
import { MISSING } from './parse.ts'
import { NumberText } from './parser.ts'

/** Reads values without a schema from bytes and their text. One for the texts of one converter. */
export class SchemalessReader {
  readonly #nodes = new NodeReader()

  /** The value; null for no content. @throws DataException for bytes that are not JSON, or not UTF-8 */
  read(text: string, buffer: Buffer, start: number, end: number): unknown {
    const node = this.#nodes.read(text, buffer, start, end)
    return node === MISSING ? null : node
  }
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
