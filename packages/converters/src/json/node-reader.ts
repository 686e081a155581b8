// From bytes and their text to nodes, at the least cost that is exact: by the shapes of the records before, by JSON.parse, or
// by the slow parser.
import { checkUtf8, hasLongInteger, parseJson } from './parse.ts'
import { OTHER_SHAPE } from './shape.ts'
import { ShapeReader } from './shape-reader.ts'

/** Parses texts that are mostly alike. One for the texts of one topic or schema. */
export class NodeReader {
  readonly #shapes = new ShapeReader()
  readonly #words: boolean

  /** @param words whether `NaN`, `Infinity` and `-Infinity` are numbers */
  constructor(words = false) {
    this.#words = words
  }

  /**
   * The node in `[start, end)` of `buffer`, of which `text` is the text; the mark of parse.ts for no content. Floats are doubles,
   * integers beyond 2^53 bigints.
   * @throws DataException for bytes that are not JSON, or not UTF-8
   */
  read(text: string, buffer: Buffer, start: number, end: number): unknown {
    const known = this.#shapes.read(text, buffer, start, end)
    if (known !== OTHER_SHAPE) return known
    checkUtf8(text, buffer, start, end)
    if (hasLongInteger(buffer, start, end)) return parseJson(text, false, 'double', this.#words)
    let node: unknown
    try {
      node = JSON.parse(text)
    } catch {
      // Perhaps one of the reference's leniencies; if not, the slow parser says what and where.
      return parseJson(text, false, 'double', this.#words)
    }
    this.#shapes.learn(text)
    return node
  }
}
