// Decimals: text and bytes as java.math.BigDecimal and BigInteger have them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Decimal } from './decimal.ts'

test('text is parsed with its own scale and printed as Java prints it', () => {
  const rows = [
    ['0', '0', 0],
    ['-1.50', '-1.50', 2],
    ['+12', '12', 0],
    ['1E+3', '1E+3', -3],
    ['1e3', '1E+3', -3],
    ['12E+3', '1.2E+4', -3],
    ['0.000001', '0.000001', 6],
    ['0.0000001', '1E-7', 7],
    ['0.00000012', '1.2E-7', 8],
    ['0E-8', '0E-8', 8],
    ['0.00', '0.00', 2],
    ['.5', '0.5', 1],
    ['5.', '5', 0],
    ['123456789012345678901234567890.12', '123456789012345678901234567890.12', 2],
  ] as const
  for (const [text, printed, scale] of rows) {
    const decimal = Decimal.parse(text)
    assert.equal(String(decimal), printed)
    assert.equal(decimal.scale, scale)
    assert.ok(Decimal.parse(printed).equals(decimal))
  }
  for (const text of ['', '.', '-', 'x', '1.2.3', '1e', 'NaN', ' 1', '0x1'])
    assert.throws(() => Decimal.parse(text), RangeError, text)
})

test('plain text has no exponent', () => {
  assert.equal(Decimal.parse('1E+3').toPlainString(), '1000')
  assert.equal(Decimal.parse('-1.2E-9').toPlainString(), '-0.0000000012')
  assert.equal(Decimal.parse('0E+5').toPlainString(), '0')
})

test("bytes are the fewest of two's complement", () => {
  const rows = [
    [0n, '00'],
    [1n, '01'],
    [127n, '7f'],
    [128n, '0080'],
    [255n, '00ff'],
    [256n, '0100'],
    [-1n, 'ff'],
    [-128n, '80'],
    [-129n, 'ff7f'],
    [32_767n, '7fff'],
    [32_768n, '008000'],
    [2n ** 47n - 1n, '7fffffffffff'],
    [2n ** 47n, '00800000000000'],
    [-(2n ** 63n), '8000000000000000'],
    [2n ** 64n, '010000000000000000'],
  ] as const
  for (const [unscaled, hex] of rows) {
    assert.equal(new Decimal(unscaled, 0).toBytes().toString('hex'), hex)
    assert.equal(Decimal.fromBytes(Buffer.from(hex, 'hex'), 0).unscaled, unscaled)
  }
  for (let bits = 0n; bits < 200n; bits++) {
    for (const unscaled of [2n ** bits, 2n ** bits - 1n, -(2n ** bits), -(2n ** bits) - 1n]) {
      const bytes = new Decimal(unscaled, 3).toBytes()
      assert.equal(Decimal.fromBytes(bytes, 3).unscaled, unscaled)
      // One byte less would not hold it.
      assert.notEqual(BigInt.asIntN((bytes.length - 1) * 8, unscaled), bytes.length === 1 ? null : unscaled)
    }
  }
  assert.equal(Decimal.fromBytes(new Uint8Array(0), 2).unscaled, 0n)
  assert.equal(Decimal.fromBytes(Buffer.from('ffff80', 'hex'), 0).unscaled, -128n)
})

test('equality is of value and scale, also across copies of this package', async () => {
  const copy = (await import(`./decimal.ts${'?copy'}`)) as typeof import('./decimal.ts')
  assert.ok(!Decimal.parse('1.0').equals(Decimal.parse('1.00')))
  assert.ok(Decimal.parse('1.0').equals(copy.Decimal.parse('1.0')))
  assert.ok(copy.Decimal.parse('1') instanceof Decimal)
  assert.ok(!({ unscaled: 1n, scale: 0 } instanceof Decimal))
  assert.equal(Decimal.parse('0.1').toNumber(), 0.1)
  assert.throws(() => Object.assign(Decimal.parse('1'), { scale: 5 }), TypeError)
})
