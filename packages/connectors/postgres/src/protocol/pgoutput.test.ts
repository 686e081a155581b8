// Messages built by hand from the documented format, read back; every type that is asked for.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lsnToString, parseLsn, readLsn, readTimeUs, writeLsn } from './lsn.ts'
import {
  type PgOutputHandler,
  PgOutputReader,
  readStreamAbort,
  readStreamCommit,
  readStreamStart,
  skipTuple,
} from './pgoutput.ts'

type Part =
  | { u8: number }
  | { u16: number }
  | { u32: number }
  | { i32: number }
  | { u64: bigint }
  | { z: string }
  | { raw: Buffer }

function message(type: string, ...parts: Part[]): Buffer {
  return Buffer.concat([Buffer.from(type), ...parts.map(bytesOf)])
}
function bytesOf(part: Part): Buffer {
  if ('raw' in part) return part.raw
  if ('z' in part) return Buffer.from(`${part.z}\0`)
  const bytes = Buffer.alloc('u8' in part ? 1 : 'u16' in part ? 2 : 'u64' in part ? 8 : 4)
  if ('u8' in part) bytes.writeUInt8(part.u8)
  else if ('u16' in part) bytes.writeUInt16BE(part.u16)
  else if ('u32' in part) bytes.writeUInt32BE(part.u32)
  else if ('i32' in part) bytes.writeInt32BE(part.i32)
  else bytes.writeBigUInt64BE(part.u64)
  return bytes
}
const tuple = (...values: (string | null | undefined)[]): Part => ({
  raw: Buffer.concat([
    bytesOf({ u16: values.length }),
    ...values.map((one) =>
      one === null
        ? Buffer.from('n')
        : one === undefined
          ? Buffer.from('u')
          : Buffer.concat([Buffer.from('t'), bytesOf({ u32: Buffer.byteLength(one) }), Buffer.from(one)]),
    ),
  ]),
})

/** Every call of the handler with its plain arguments; buffers are cut to what follows the position. */
function calls(...messages: Buffer[]): unknown[][] {
  const seen: unknown[][] = []
  const to = new Proxy({} as PgOutputHandler, {
    get:
      (_, name: string) =>
      (...args: unknown[]) => {
        seen.push([name, ...args.map((one) => (Buffer.isBuffer(one) && name !== 'message' ? 'bytes' : one))])
      },
  })
  const reader = new PgOutputReader(to)
  // In the middle of other bytes, as in a chunk of a socket.
  for (const one of messages) reader.read(Buffer.concat([Buffer.alloc(7), one, Buffer.alloc(3)]), 7, 7 + one.length)
  return seen
}

describe('pgoutput', () => {
  it('reads a transaction', () => {
    const begin = message('B', { u64: 0x16_0000_0010n }, { u64: 1_000_000n }, { u32: 4_000_000_000 })
    const relation = message(
      'R',
      { u32: 16_384 },
      { z: '' },
      { z: 'tablé' },
      { u8: 0x66 },
      { u16: 2 },
      { u8: 1 },
      { z: 'id' },
      { u32: 23 },
      { i32: -1 },
      { u8: 0 },
      { z: 'b' },
      { u32: 1043 },
      { i32: 14 },
    )
    const insert = message('I', { u32: 16_384 }, { raw: Buffer.from('N') }, tuple('1', 'é'))
    const commit = message('C', { u8: 0 }, { u64: 5n }, { u64: 6n }, { u64: 7n })
    assert.deepEqual(calls(begin, relation, insert, commit), [
      ['begin', 0x16_0000_0010, 946_684_801_000_000, 4_000_000_000],
      [
        'relation',
        {
          id: 16_384,
          schema: 'pg_catalog',
          table: 'tablé',
          replicaIdentity: 'f',
          columns: [
            { name: 'id', typeOid: 23, modifier: -1, isKey: true },
            { name: 'b', typeOid: 1043, modifier: 14, isKey: false },
          ],
        },
      ],
      ['insert', 16_384, 'bytes', 13],
      ['commit', 5, 6, 946_684_800_000_007],
    ])
  })

  it('reads updates and deletes with and without an old row', () => {
    const old = tuple('1', null)
    const plain = message('U', { u32: 9 }, { raw: Buffer.from('N') }, tuple('1', undefined))
    const keyed = message('U', { u32: 9 }, { raw: Buffer.from('K') }, old, { raw: Buffer.from('N') }, tuple('2'))
    const full = message('U', { u32: 9 }, { raw: Buffer.from('O') }, old, { raw: Buffer.from('N') }, tuple('2'))
    const oldSize = bytesOf(old).length
    assert.deepEqual(
      calls(
        plain,
        keyed,
        full,
        message('D', { u32: 9 }, { raw: Buffer.from('K') }, old),
        message('D', { u32: 9 }, { raw: Buffer.from('O') }, old),
      ),
      [
        ['update', 9, 'bytes', 'none', -1, 13],
        ['update', 9, 'bytes', 'key', 13, 14 + oldSize],
        ['update', 9, 'bytes', 'full', 13, 14 + oldSize],
        ['delete', 9, 'bytes', 'key', 13],
        ['delete', 9, 'bytes', 'full', 13],
      ],
    )
    const bytes = bytesOf(tuple('abc', null, undefined, ''))
    assert.equal(skipTuple(bytes, 0), bytes.length)
  })

  it('reads truncates, origins, types and messages', () => {
    assert.deepEqual(
      calls(
        message('T', { u32: 2 }, { u8: 3 }, { u32: 7 }, { u32: 8 }),
        message('O', { u64: 77n }, { z: 'there' }),
        message('Y', { u32: 9 }, { z: 'public' }, { z: 'mood' }),
        message('M', { u8: 1 }, { u64: 99n }, { z: 'p' }, { u32: 2 }, { raw: Buffer.from([0, 1]) }),
      ),
      [
        ['truncate', [7, 8], 3],
        ['origin', 77, 'there'],
        ['message', true, 99, 'p', Buffer.from([0, 1])],
      ],
    )
  })

  it('reads how transactions that were sent before their end go on', () => {
    const commit = message('c', { u32: 5 }, { u8: 0 }, { u64: 1n }, { u64: 2n }, { u64: 3n })
    assert.deepEqual(readStreamStart(message('S', { u32: 5 }, { u8: 1 }), 1), { xid: 5, isFirst: true })
    assert.deepEqual(readStreamCommit(commit, 1), {
      xid: 5,
      commitLsn: 1,
      endLsn: 2,
      commitTimeUs: 946_684_800_000_003,
    })
    assert.deepEqual(readStreamAbort(message('A', { u32: 5 }, { u32: 6 }), 1), { xid: 5, subXid: 6 })
  })

  it('refuses what it does not know', () => {
    assert.throws(() => calls(message('?', { u32: 1 })), /unknown type '\?'/)
  })
})

describe('positions in the log', () => {
  it('print and read as the server has them', () => {
    for (const text of ['0/0', '16/B374D848', 'FFFFF/FFFFFFFF']) assert.equal(lsnToString(parseLsn(text)), text)
    const bytes = Buffer.alloc(8)
    writeLsn(bytes, 0, parseLsn('16/B374D848'))
    assert.equal(readLsn(bytes, 0), parseLsn('16/B374D848'))
    assert.throws(() => parseLsn('nonsense'), /Not a position/)
  })

  it('have their times before 2000, too', () => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64BE(-1n)
    assert.equal(readTimeUs(bytes, 0), 946_684_799_999_999)
  })
})
