// A struct's writer remembers what its fields held last: each text must be what a writer that remembers nothing gives.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Decimal, decimalBuilder, SchemaBuilder, Schemas } from '@millrace/api'
import { bytesText, shortIntegerText } from './text.ts'
import { compileWriter } from './writers.ts'

const OPTIONS = { decimalFormat: 'BASE64', replaceNullWithDefault: true, exactEscapes: false } as const

const SOURCE = SchemaBuilder.struct()
  .optional()
  .field('name', Schemas.STRING)
  .field('ms', Schemas.INT64)
  .field('ns', Schemas.OPTIONAL_INT64)
  .field('flag', Schemas.OPTIONAL_BOOLEAN)
  .field('__proto__', Schemas.OPTIONAL_INT32)
  .build()
const EVENT = SchemaBuilder.struct()
  .field('before', SOURCE)
  .field('after', SOURCE)
  .field('price', decimalBuilder(2).optional().build())
  .field('weight', Schemas.OPTIONAL_FLOAT64)
  .field('note', SchemaBuilder.string().optional().default('none').build())
  .field('quoted "x"', Schemas.STRING)
  .build()

const pick = <T>(values: readonly T[], at: number): T => values[at % values.length]!
const source = (at: number) =>
  at % 5 === 0
    ? null
    : {
        name: pick(['a', 'a', 'b', 'long'.repeat(100), 'say "x"', '😀'], at >> 1),
        ms: pick([1, 1, 1, -0, 2 ** 40], at >> 2),
        ns: pick([null, undefined, 2n ** 62n, 2n ** 62n, 5, 5n], at),
        flag: pick([true, false, null], at >> 1),
        ...(at % 3 === 0 && { ['__proto__']: 7 }),
      }
const event = (at: number) => ({
  before: source(at * 7),
  after: source(at),
  price: pick([new Decimal(-5n, 2), null, new Decimal(10n ** 20n, 2), new Decimal(8_388_608n, 2)], at),
  weight: pick([0, -0, 1.5, Number.NaN, null], at),
  note: pick(['x', null, '', 'x'], at >> 1),
  'quoted "x"': pick(['', 'y'], at >> 3),
})

describe("a struct's writer", () => {
  it('gives the text of each record whatever came before it', () => {
    const write = compileWriter(EVENT, OPTIONS)
    for (let at = 0; at < 2000; at++) {
      const value = event(at % 97 < 50 ? at : Math.floor(at / 40))
      assert.equal(write(value), compileWriter(EVENT, OPTIONS)(value))
    }
  })

  it('goes on after a record that it refuses', () => {
    const write = compileWriter(SOURCE, OPTIONS)
    const good = { name: 'a', ms: 1n, ns: 3, flag: null }
    const text = '{"name":"a","ms":1,"ns":3,"flag":null,"__proto__":null}'
    for (let again = 0; again < 100; again++) {
      assert.equal(write(good), text)
      assert.throws(() => write({ ...good, ms: 'x' }), /Invalid type for INT64/)
      assert.throws(() => write({ ...good, name: undefined }), /null value for field that is required/)
      assert.throws(() => write([good]), /Invalid type for STRUCT/)
    }
  })

  it('writes structs of very many fields, and of none', () => {
    const names = Array.from({ length: 400 }, (_, at) => `f${at}`)
    const builder = SchemaBuilder.struct()
    for (const name of names) builder.field(name, Schemas.OPTIONAL_INT64)
    const value = Object.fromEntries(names.map((name, at) => [name, at % 3 === 0 ? null : BigInt(at)]))
    const write = compileWriter(builder.build(), OPTIONS)
    const plain = JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? Number(one) : one))
    assert.equal(write(value), plain)
    assert.equal(compileWriter(SchemaBuilder.struct().build(), OPTIONS)({}), '{}')
  })

  it('gives small decimals the bytes of large ones', () => {
    const edges = [0, 1, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, 1_234_567, 8_388_607]
    for (const value of edges.flatMap((one) => [one, -one, -one - 1]))
      assert.equal(shortIntegerText(value), bytesText(new Decimal(BigInt(value), 0).toBytes()), String(value))
    assert.equal(shortIntegerText(8_388_608), undefined)
    assert.equal(shortIntegerText(-8_388_609), undefined)
  })
})
