import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Converter, DataException, Schemas } from '@millrace/api'
import { letterBytes } from './polled-bytes.ts'

const REFUSING = {
  fromConnectData: () => {
    throw new DataException('does not fit')
  },
} as unknown as Converter

const text = (value: unknown) => {
  const { bytes, format } = letterBytes(REFUSING, 't', Schemas.STRING, value as never)
  return [format, bytes === null ? null : Buffer.from(bytes).toString()]
}

test('bytes stay as they are, and null is null', () => {
  const value = Buffer.from([0, 255])
  assert.equal(letterBytes(null, 't', Schemas.BYTES, value).bytes, value)
  assert.deepEqual(text(null), ['none', null])
})

test('what its schema does not fit is written all the same, whatever it is', () => {
  assert.deepEqual(text({ a: 1n, b: 9007199254740993n, c: Number.NaN }), [
    'plain',
    '{"a":1,"b":"9007199254740993","c":"NaN"}',
  ])
  assert.deepEqual(text(new Map<unknown, unknown>([[1, Buffer.from('x')]])), ['plain', '[[1,"eA=="]]'])
  assert.deepEqual(text([undefined, new Date(0), new Date(Number.NaN), Symbol('s')]), [
    'plain',
    '[null,"1970-01-01T00:00:00.000Z","Invalid Date","Symbol(s)"]',
  ])
  const endless: Record<string, unknown> = {}
  endless.self = endless
  assert.match(String(text(endless)[1]), /"\.\.\."/)
  const guarded = Object.defineProperty({}, 'x', {
    enumerable: true,
    get: () => {
      throw new Error('no')
    },
  })
  assert.deepEqual(text(guarded), ['plain', '{"x":"unreadable: Error: no"}'])
})
