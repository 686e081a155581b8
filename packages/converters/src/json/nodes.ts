// What the reference's JSON library makes of a node when it is asked for a number of some width.
import { NumberText } from './parser.ts'

/** The name of a node's type in error texts. */
export function nodeType(node: unknown): string {
  if (node === undefined) return 'MISSING'
  if (node === null) return 'NULL'
  if (Array.isArray(node)) return 'ARRAY'
  if (node instanceof NumberText) return 'NUMBER'
  return NODE_TYPES[typeof node] ?? 'OBJECT'
}

const NODE_TYPES: Readonly<Record<string, string>> = {
  string: 'STRING',
  number: 'NUMBER',
  bigint: 'NUMBER',
  boolean: 'BOOLEAN',
}

/** 32 bits of a number, fractions cut off and higher bits lost; 0 for all else. */
export function toInt32(node: unknown): number {
  if (typeof node === 'number') return node | 0
  if (typeof node === 'bigint') return Number(BigInt.asIntN(32, node))
  return node instanceof NumberText ? Number(BigInt.asIntN(32, truncated(node))) : 0
}

/** 64 bits of a number: a number when safe, else a bigint. Fractions are cut off, higher bits lost; 0 for all else. */
export function toInt64(node: unknown): number | bigint {
  if (Number.isSafeInteger(node)) return node as number
  if (typeof node === 'bigint') return narrow(node)
  if (typeof node === 'number') return Number.isFinite(node) ? narrow(BigInt(Math.trunc(node))) : 0
  return node instanceof NumberText ? narrow(truncated(node)) : 0
}

/** The nearest double; 0 for all else but the texts that stand for NaN and the infinities, as they are written. */
export function toDouble(node: unknown): number {
  if (typeof node === 'number') return node
  if (typeof node === 'bigint') return Number(node)
  if (node instanceof NumberText) return Number(node.text)
  return node === 'NaN' || node === 'Infinity' || node === '-Infinity' ? Number(node) : 0
}

function narrow(value: bigint): number | bigint {
  const long = BigInt.asIntN(64, value)
  const number = Number(long)
  return Number.isSafeInteger(number) ? number : long
}

function truncated(node: NumberText): bigint {
  const number = Number(node.text)
  return Number.isFinite(number) ? BigInt(Math.trunc(number)) : 0n
}
