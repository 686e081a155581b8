import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FrameReader } from './frames.ts'

const frame = (text: string) => {
  const size = Buffer.alloc(4)
  size.writeInt32BE(Buffer.byteLength(text))
  return Buffer.concat([size, Buffer.from(text)])
}

describe('frames', () => {
  const texts = ['a', '', 'x'.repeat(1000), 'żółć']
  const stream = Buffer.concat(texts.map(frame))

  it('are the same however the bytes are cut', () => {
    for (const step of [1, 2, 3, 5, 7, 64, 1003, stream.length]) {
      const seen: string[] = []
      const reader = new FrameReader(1 << 20, (one) => seen.push(one.toString()))
      for (let at = 0; at < stream.length; at += step) reader.push(stream.subarray(at, at + step))
      assert.deepEqual(seen, texts, `in steps of ${step}`)
    }
  })

  it('do not share memory with what was read', () => {
    let seen = Buffer.alloc(0)
    const reader = new FrameReader(1 << 20, (one) => {
      seen = one as Buffer<ArrayBuffer>
    })
    const reused = frame('abc')
    reader.push(reused)
    reused.fill(0)
    assert.equal(seen.toString(), 'abc')
  })

  it('take only so much of a reused buffer as was read', () => {
    const seen: string[] = []
    const reader = new FrameReader(1 << 20, (one) => seen.push(one.toString()))
    reader.push(Buffer.concat([frame('ab'), frame('stale')]), frame('ab').length)
    assert.deepEqual(seen, ['ab'])
  })

  it('of an impossible length are refused', () => {
    const negative = new FrameReader(1 << 20, () => {})
    assert.throws(() => negative.push(Buffer.from([0xff, 0xff, 0xff, 0xff])), /frame of -1 bytes/)
    const large = new FrameReader(100, () => {})
    assert.throws(
      () => large.push(Buffer.from([0, 0, 0, 101])),
      /frame of 101 bytes is announced; the largest accepted is 100/,
    )
  })
})
