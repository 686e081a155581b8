// What may be asked for, with some held, some under way, and several brokers.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PrefetchBudget } from './prefetch-budget.ts'

const MIB = 1024 * 1024
const no = () => false

describe('prefetch budget', () => {
  it('asks for half of a share, so that a second answer can come while one is used', () => {
    const budget = new PrefetchBudget({ prefetchBytes: 8 * MIB, maxBytes: 50 * MIB, maxPartitionBytes: MIB })
    assert.equal(budget.room(1, 100, no), 4 * MIB)
    assert.equal(budget.room(4, 100, no), MIB)
    assert.equal(budget.room(1, 2, no), 2 * MIB)
  })

  it('waits while what is held and reserved leaves too little, and asks all the same when that would be for ever', () => {
    const budget = new PrefetchBudget({ prefetchBytes: 8 * MIB, maxBytes: 50 * MIB, maxPartitionBytes: MIB })
    budget.hold(6 * MIB)
    budget.reserve(MIB)
    assert.equal(budget.room(1, 100, no), MIB)
    budget.hold(MIB - 1000)
    assert.equal(budget.room(1, 100, no), 0)
    assert.equal(
      budget.room(1, 100, () => true),
      64 * 1024,
    )
    budget.unreserve(MIB)
    budget.free(4 * MIB)
    assert.equal(budget.room(1, 100, no), 4 * MIB)
  })

  it('is content with little where the limits are small', () => {
    const budget = new PrefetchBudget({ prefetchBytes: 100, maxBytes: 50, maxPartitionBytes: 10 })
    assert.equal(budget.room(1, 1, no), 10)
    assert.equal(budget.room(1, 90, no), 50)
    assert.equal(
      new PrefetchBudget({ prefetchBytes: 1, maxBytes: 0, maxPartitionBytes: 0 }).room(1, 1, () => true),
      1,
    )
  })
})
