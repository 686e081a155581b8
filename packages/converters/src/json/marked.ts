// Exact numbers at JSON.parse's speed: the literals it would round are made strings with a mark, and found again by it in
// the result. A literal inside a string is marked too: the text then is no JSON any more, and the slow parser reads it.
import { type FloatMode, MAX_NUMBER, NumberText } from './parser.ts'

/** A control character that JSON allows in strings and text hardly holds. */
const MARK = '\u009f'
const MARK_CODE = 0x9f
const MARKED = `$1"${MARK}$2"`
const LONG = /(^|[:,[\s])(-?\d{16,})(?=[\s,}\]]|$)/g
const LONG_OR_FLOAT = /(^|[:,[\s])(-?(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d{16,}))(?=[\s,}\]]|$)/g

/** Nodes of `text` with exact numbers, or `undefined` where this way does not lead there. */
export function parseMarked(text: string, floats: FloatMode): unknown {
  if (text.includes(MARK) || /\\u009[fF]/.test(text)) return undefined
  try {
    return unmark(JSON.parse(text.replace(floats === 'text' ? LONG_OR_FLOAT : LONG, MARKED)))
  } catch {
    return undefined
  }
}

function unmark(node: unknown): unknown {
  if (typeof node === 'string') return node.charCodeAt(0) === MARK_CODE ? numberOf(node.slice(1)) : node
  if (typeof node !== 'object' || node === null) return node
  if (Array.isArray(node)) {
    for (let at = 0; at < node.length; at++) node[at] = unmark(node[at])
    return node
  }
  const members = node as Record<string, unknown>
  for (const name in members) {
    const item = members[name]
    if (typeof item === 'object' || (typeof item === 'string' && item.charCodeAt(0) === MARK_CODE)) {
      members[name] = unmark(item)
    }
  }
  return node
}

function numberOf(literal: string): unknown {
  if (literal.length > MAX_NUMBER) throw new RangeError('The number is too long')
  const number = Number(literal)
  if (/[.eE]/.test(literal)) return new NumberText(literal)
  return Number.isSafeInteger(number) ? number : BigInt(literal)
}
