// DER (X.690), as much of it as a PKCS#12 file needs: definite lengths, tags below 31.

export const DerTag = Object.freeze({
  INTEGER: 0x02,
  OCTET_STRING: 0x04,
  NULL: 0x05,
  OID: 0x06,
  SEQUENCE: 0x30,
  SET: 0x31,
  CONTEXT_0: 0xa0,
  CONTEXT_0_PRIMITIVE: 0x80,
} as const)

/** One element: its tag, and its content without tag and length. */
export interface DerNode {
  readonly tag: number
  readonly content: Buffer
}

/** Bytes that are not DER, or not the DER that was expected. */
export class DerError extends Error {
  override readonly name = 'DerError'
}

const CONSTRUCTED = 0x20

/** The one element that `bytes` begins with. */
export function readDer(bytes: Buffer): DerNode {
  return readAt(bytes, 0).node
}

/** The elements inside a constructed one. */
export function children(node: DerNode): readonly DerNode[] {
  const nodes: DerNode[] = []
  for (let at = 0; at < node.content.length; ) {
    const { node: child, end } = readAt(node.content, at)
    nodes.push(child)
    at = end
  }
  return nodes
}

/** The element at `index` inside `node`, of this tag. */
export function child(node: DerNode, index: number, tag: number): DerNode {
  const found = children(node)[index]
  if (found?.tag !== tag) throw new DerError(`element ${index} has tag ${found?.tag ?? 'none'}, expected ${tag}`)
  return found
}

/** A small non-negative INTEGER. */
export function integerOf(node: DerNode | undefined): number {
  if (node?.tag !== DerTag.INTEGER || node.content.length > 6) throw new DerError('a small integer is expected')
  return node.content.readIntBE(0, node.content.length)
}

/** An OBJECT IDENTIFIER in dots. */
export function oidOf(node: DerNode | undefined): string {
  if (node?.tag !== DerTag.OID) throw new DerError('an object identifier is expected')
  const parts: number[] = []
  let value = 0
  for (const byte of node.content) {
    value = value * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      parts.push(value)
      value = 0
    }
  }
  const [first = 0, ...rest] = parts
  const root = Math.min(2, Math.floor(first / 40))
  return [root, first - root * 40, ...rest].join('.')
}

/** Bytes of an OCTET STRING, also when it is split into parts or tagged implicitly. */
export function octetsOf(node: DerNode): Buffer {
  return (node.tag & CONSTRUCTED) === 0 ? node.content : Buffer.concat(children(node).map(octetsOf))
}

function readAt(bytes: Buffer, at: number): { node: DerNode; end: number } {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) throw new DerError('it ends early')
  let start = at + 2
  let length = first
  if (first >= 0x80) {
    const count = first & 0x7f
    if (count === 0 || count > 4 || start + count > bytes.length) throw new DerError('a length cannot be read')
    length = bytes.readUIntBE(start, count)
    start += count
  }
  if (start + length > bytes.length) throw new DerError('it ends early')
  return { node: { tag, content: bytes.subarray(start, start + length) }, end: start + length }
}
