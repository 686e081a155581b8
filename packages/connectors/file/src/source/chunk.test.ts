// Lines and byte positions, against a plain reading of the same bytes.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Chunk } from './chunk.ts'

function linesOf(region: Buffer, base = 0, max = 3): [string, number][] {
  const chunk = new Chunk(region, base, !region.includes(13))
  const all: [string, number][] = []
  while (!chunk.isEmpty) {
    const taken = chunk.take(max, (line, end): [string, number] => [line, end])
    assert.ok(taken.length > 0 && taken.length <= max)
    all.push(...taken)
  }
  return all
}

/** Byte by byte: what the fast ways must agree with. */
function plain(region: Buffer, base = 0): [string, number][] {
  const all: [string, number][] = []
  let start = 0
  for (let at = 0; at < region.length; at++) {
    const isCr = region[at] === 13
    if (!isCr && region[at] !== 10) continue
    const end = at
    if (isCr && region[at + 1] === 10) at++
    all.push([region.toString('utf8', start, end), base + at + 1])
    start = at + 1
  }
  return all
}

const CASES: Readonly<Record<string, Buffer>> = {
  ascii: Buffer.from('one\ntwo\n\nfour is longer than the others\n'),
  'two, three and four byte characters': Buffer.from('zwölf\nplain\n€ and 日本語\n\n😀\nplain again\n'),
  'CR LF': Buffer.from('one\r\ntwo\r\n\r\nfour\r\n'),
  'CR alone': Buffer.from('one\rtwo\r\rfour\r'),
  'all ends mixed': Buffer.from('a\nb\r\nc\rd\r\r\n\n\re\n'),
  'mixed ends with characters of many bytes': Buffer.from('ä\r\n😀\r日\nplain\r\n'),
  'malformed UTF-8': Buffer.concat([
    Buffer.from('ok ü\n'),
    Buffer.from([0xff, 0xfe, 0x61, 10, 0xc3, 10, 0xe2, 0x82, 10]),
  ]),
  'a byte order mark': Buffer.from('\uFEFFone\ntwo\n'),
}

describe('a chunk of lines', () => {
  for (const [name, region] of Object.entries(CASES)) {
    it(`cuts ${name}`, () => {
      assert.deepEqual(linesOf(region), plain(region))
      assert.deepEqual(linesOf(region, 1000, 1), plain(region, 1000))
    })
  }

  it('agrees with a plain reading of random bytes', () => {
    let state = 1
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    const pieces = ['a', 'bc', '\n', '\r', '\r\n', 'ü', '日', '😀', '\n']
    for (let round = 0; round < 500; round++) {
      const parts: Buffer[] = []
      for (let n = random(30); n >= 0; n--) {
        parts.push(random(12) === 0 ? Buffer.from([128 + random(128)]) : Buffer.from(pieces[random(pieces.length)]!))
      }
      const region = Buffer.concat([...parts, Buffer.from('\n')])
      assert.deepEqual(linesOf(region, 7), plain(region, 7), region.toString('hex'))
    }
  })
})
