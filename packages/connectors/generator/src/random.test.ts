// Ranges are kept and filled.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Random } from './random.ts'

const DRAWS = 20_000

describe('random numbers', () => {
  const draw = <T>(make: (random: Random) => T): T[] => {
    const random = new Random(3)
    return Array.from({ length: DRAWS }, (_, i) => make(random.at(i)))
  }

  it('int covers its range evenly, both ends included', () => {
    const counts = new Map<number, number>()
    for (const one of draw((random) => random.int(-1, 8))) counts.set(one, (counts.get(one) ?? 0) + 1)
    assert.deepEqual(
      [...counts.keys()].sort((a, b) => a - b),
      [-1, 0, 1, 2, 3, 4, 5, 6, 7, 8],
    )
    for (const count of counts.values()) assert.ok(count > 1_800 && count < 2_200, String(count))
  })

  it('long stays in its range beyond 32 bits', () => {
    const low = 1_487_715_775_521
    const high = 1_519_273_364_600
    const all = draw((random) => random.long(low, high))
    assert.ok(all.every((one) => Number.isSafeInteger(one) && one >= low && one <= high))
    assert.ok(new Set(all).size > DRAWS * 0.99)
  })

  it('double has the decimals asked for', () => {
    for (const one of draw((random) => random.double(0.1, 10))) {
      assert.ok(one >= 0.1 && one <= 10)
      assert.equal(Math.round(one * 100) / 100, one)
    }
  })

  it('text follows its pattern', () => {
    for (const one of draw((random) => random.text('@@-##/x'))) assert.match(one, /^[a-z]{2}-\d\d\/x$/)
  })
})
