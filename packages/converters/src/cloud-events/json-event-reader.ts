// Reads events in JSON: the attributes, and where in the text the data stands, which has a reader of its own.
import { ConnectException, DataException, errorMessage } from '@millrace/api'
import type { JsonSlice } from '../json/envelope-read.ts'
import { checkUtf8, READ_ERROR } from '../json/parse.ts'
import { JsonParser } from '../json/parser.ts'

/** An event without its data. */
export interface JsonEvent {
  /** All members in order; `data` is null until it is read. */
  readonly attributes: Record<string, unknown>
  /** Where the data stands; null for an event without data. */
  readonly data: JsonSlice | null
}

const REQUIRED = ['id', 'source', 'specversion', 'type']
const DATA = 'data'
/** What says where an object or array ends. */
const STRUCTURE = /["{}[\]]/g
const NOT_SPACE = /[^ \t\n\r]/g

/** @throws DataException for a text that is no event */
export function readJsonEvent(slice: JsonSlice): JsonEvent {
  const { text, buffer, start, end } = slice
  checkUtf8(text, buffer, start, end)
  try {
    return eventOf(new JsonParser(text, 'double'), slice)
  } catch (error) {
    if (error instanceof ConnectException) throw error
    throw new DataException(READ_ERROR + errorMessage(error), { cause: error })
  }
}

function eventOf(parser: JsonParser, slice: JsonSlice): JsonEvent {
  if (!parser.take('{')) throw notAnEvent('it is no JSON object')
  const attributes: Record<string, unknown> = {}
  let data: JsonSlice | null = null
  if (!parser.take('}')) {
    do {
      const name = parser.name()
      let value: unknown = null
      if (name === DATA) data = dataAt(parser, slice)
      else value = parser.value(1)
      if (name === '__proto__') define(attributes, value)
      else attributes[name] = value
    } while (parser.take(','))
    if (!parser.take('}')) throw new DataException(`${READ_ERROR}',' or '}' expected at character ${parser.at + 1}`)
  }
  const missing = REQUIRED.filter((name) => !Object.hasOwn(attributes, name))
  if (missing.length > 0) throw notAnEvent(`it has no ${missing.join(', ')}`)
  return { attributes, data }
}

/** The text of the value at the parser's place, which is then behind it. */
function dataAt(parser: JsonParser, { text, buffer, start }: JsonSlice): JsonSlice {
  NOT_SPACE.lastIndex = parser.at
  const from = NOT_SPACE.exec(text)?.index ?? text.length
  if (text[from] === '{' || text[from] === '[') parser.at = endOfNested(text, from)
  else parser.value(1)
  const at = start + Buffer.byteLength(text.slice(0, from))
  const part = text.slice(from, parser.at)
  return { text: part, buffer, start: at, end: at + Buffer.byteLength(part) }
}

function endOfNested(text: string, from: number): number {
  let depth = 0
  STRUCTURE.lastIndex = from
  for (let found = STRUCTURE.exec(text); found !== null; found = STRUCTURE.exec(text)) {
    const [mark] = found
    if (mark === '"') STRUCTURE.lastIndex = endOfString(text, found.index)
    else if (mark === '{' || mark === '[') depth++
    else if (--depth === 0) return STRUCTURE.lastIndex
  }
  throw new DataException(`${READ_ERROR}the data is not closed`)
}

function endOfString(text: string, quote: number): number {
  for (let end = text.indexOf('"', quote + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text[end - 1 - slashes] === '\\') slashes++
    if (slashes % 2 === 0) return end + 1
  }
  throw new DataException(`${READ_ERROR}a string in the data is not closed`)
}

function define(attributes: Record<string, unknown>, value: unknown): void {
  Object.defineProperty(attributes, '__proto__', { value, enumerable: true, configurable: true, writable: true })
}

function notAnEvent(reason: string): DataException {
  return new DataException(`A deserialized record's value is not a CloudEvent: ${reason}`)
}
