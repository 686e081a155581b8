// Bytes of the consumer protocol, written down by hand from the message definitions.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MalformedBytesError } from '../protocol/index.ts'
import { decodeStickyUserData, encodeStickyUserData } from './assignors/sticky-user-data.ts'
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from './consumer-protocol.ts'

const full = {
  topics: ['a', 'b'],
  userData: Buffer.from([7]),
  owned: [
    { topic: 'a', partition: 1 },
    { topic: 'a', partition: 2 },
  ],
  generation: 5,
  rackId: 'r',
}

describe('consumer protocol', () => {
  it('writes version 3 as defined', () => {
    const expected = [
      '0003',
      '00000002',
      '000161',
      '000162',
      '00000001',
      '07',
      '00000001',
      '000161',
      '00000002',
      '00000001',
      '00000002',
      '00000005',
      '000172',
    ].join('')
    assert.equal(encodeSubscription(full).toString('hex'), expected)
  })

  it('reads every version, and a newer one with more fields behind', () => {
    for (const version of [0, 1, 2, 3]) {
      const got = decodeSubscription(encodeSubscription(full, version))
      assert.deepEqual(got.topics, full.topics)
      assert.deepEqual(got.owned, version >= 1 ? full.owned : [])
      assert.equal(got.generation, version >= 2 ? 5 : null)
      assert.equal(got.rackId, version >= 3 ? 'r' : null)
    }
    const newer = Buffer.concat([encodeSubscription(full, 3), Buffer.from('more')])
    newer.writeInt16BE(9, 0)
    assert.deepEqual(decodeSubscription(newer), full)
  })

  it('assignment: bytes, null user data, and nothing at all', () => {
    const bytes = encodeAssignment({ partitions: [{ topic: 't', partition: 3 }], userData: null }, 1)
    assert.equal(bytes.toString('hex'), '0001' + '00000001' + '000174' + '00000001' + '00000003' + 'ffffffff')
    assert.deepEqual(decodeAssignment(bytes), { partitions: [{ topic: 't', partition: 3 }], userData: null })
    assert.deepEqual(decodeAssignment(Buffer.alloc(0)), { partitions: [], userData: null })
  })

  it('refuses bytes that end too soon or claim absurd lengths', () => {
    const bytes = encodeSubscription(full)
    for (let end = 0; end < bytes.length; end++)
      assert.throws(() => decodeSubscription(bytes.subarray(0, end)), MalformedBytesError)
    assert.throws(() => decodeSubscription(Buffer.from('00037fffffff', 'hex')), MalformedBytesError)
    assert.throws(() => decodeAssignment(Buffer.from('ffff', 'hex')), /version -1/)
  })

  it('sticky user data: with a generation, without one, and unreadable', () => {
    const owned = [{ topic: 't', partition: 1 }]
    const bytes = encodeStickyUserData(owned, 4)
    assert.equal(bytes.toString('hex'), '00000001' + '000174' + '00000001' + '00000001' + '00000004')
    assert.deepEqual(decodeStickyUserData(bytes), { partitions: owned, generation: 4 })
    assert.deepEqual(decodeStickyUserData(bytes.subarray(0, -4)), { partitions: owned, generation: -1 })
    assert.deepEqual(decodeStickyUserData(Buffer.from([0, 0, 0, 9])), { partitions: [], generation: -1 })
  })
})
