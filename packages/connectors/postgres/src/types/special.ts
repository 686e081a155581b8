// Values with a form of their own: bit strings, points, PostGIS's shapes, vectors.
import type { Decode } from './decoder.ts'

const WKB_POINT = 1
const WKB_POINT_SIZE = 21
const EWKB_SRID = 0x2000_0000
const SPARSE = /^\s*\{(.*)\}\s*\/\s*(\d+)\s*$/

/** A bit string as bytes, the least significant first, without zero bytes at the end. */
export const decodeBits: Decode = (bytes, start, end) => {
  const out = Buffer.alloc(Math.ceil((end - start) / 8))
  let size = 0
  for (let bit = 0, at = end - 1; at >= start; bit++, at--) {
    if (bytes[at] !== 0x31) continue
    const byte = bit >> 3
    out[byte] = (out[byte] as number) | (1 << (bit & 7))
    size = byte + 1
  }
  return out.subarray(0, size)
}
/** A bit string of one bit. */
export const decodeBit: Decode = (bytes, start) => bytes[start] === 0x31

/** `(x,y)`. */
export function parsePoint(text: string): Record<string, unknown> {
  const [x = 0, y = 0] = text.slice(1, -1).split(',').map(Number)
  const wkb = Buffer.alloc(WKB_POINT_SIZE)
  wkb[0] = 1
  wkb.writeUInt32LE(WKB_POINT, 1)
  wkb.writeDoubleLE(x, 5)
  wkb.writeDoubleLE(y, 13)
  return { x, y, wkb, srid: null }
}

/** Hexadecimal EWKB of PostGIS, which names its reference system in the bytes; it is given beside them, too. */
export function parseEwkb(hex: string): Record<string, unknown> {
  const ewkb = Buffer.from(hex, 'hex')
  const little = ewkb[0] === 1
  const type = little ? ewkb.readUInt32LE(1) : ewkb.readUInt32BE(1)
  if ((type & EWKB_SRID) === 0) return { wkb: ewkb, srid: null }
  const srid = little ? ewkb.readInt32LE(5) : ewkb.readInt32BE(5)
  return { wkb: ewkb, srid }
}

/** `[1,2,3]`. */
export function parseVector(text: string): number[] {
  const inner = text.trim().slice(1, -1)
  return inner === '' ? [] : inner.split(',').map(Number)
}

/** `{1:0.5,3:2}/5`. */
export function parseSparseVector(text: string): Record<string, unknown> | null {
  const parts = SPARSE.exec(text)
  if (parts === null) return null
  const pairs = (parts[1] as string).split(',').filter((pair) => pair.trim() !== '')
  const vector = new Map(pairs.map((pair) => pair.split(':').map(Number) as [number, number]))
  return { dimensions: Number(parts[2]), vector }
}
