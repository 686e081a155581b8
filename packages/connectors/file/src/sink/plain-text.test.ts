// Printing into bytes against valueToString, and against a buffer that ends anywhere.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { valueToString } from '@millrace/api'
import { Random, randomPlain } from '@millrace/testkit'
import { isPlain, printPlain } from './plain-text.ts'

function printed(value: Readonly<Record<string, unknown>>): string {
  const into = Buffer.alloc(1 << 20)
  return into.toString('utf8', 3, printPlain(value, into, 3))
}

describe('the text of a plain object', () => {
  it('is that of valueToString', () => {
    for (const value of [
      {},
      { a: 1, b: 'x', c: null, d: true, e: 1.5, f: 2n ** 70n, g: undefined },
      {
        zero: 0,
        minus: -0,
        ten: 10,
        nine: 9,
        small: -2147483647,
        large: 2147483647,
        larger: 2147483648,
        least: -2147483648,
      },
      {
        infinite: Number.POSITIVE_INFINITY,
        not: Number.NaN,
        exponent: 1e21,
        tiny: 1e-7,
        safe: Number.MAX_SAFE_INTEGER,
      },
      { nested: { a: [1, 'two', { b: null }] }, empty: {}, list: [], map: new Map([['k', 1]]) },
      { 'ключ ü': '日本 😀', long: 'x'.repeat(500), longer: 'ü'.repeat(500), bytes: Buffer.from('ab') },
    ]) {
      assert.equal(printed(value), valueToString(value))
    }
    assert.equal(printed({ a: 'lone \ud800', '\udc00': 'b' }), '{a=lone ?, ?=b}')
  })

  it('is that of valueToString for random values', () => {
    const random = new Random(7)
    let plain = 0
    for (let at = 0; at < 5000; at++) {
      const value = randomPlain(random, 3)
      if (!isPlain(value)) continue
      plain++
      assert.equal(printed(value), Buffer.from(valueToString(value)).toString())
    }
    assert.ok(plain > 500, `${plain}`)
  })

  it('is refused when the buffer ends before it', () => {
    const value = { name: 'x'.repeat(70), 'long name': 'ü'.repeat(30), number: -2147483647 }
    const text = valueToString(value)
    for (let size = 0; size < 500; size++) {
      const into = Buffer.alloc(size)
      const end = printPlain(value, into, 0)
      if (end >= 0) assert.equal(into.toString('utf8', 0, end), text)
      else assert.ok(size < 300)
    }
  })
})
