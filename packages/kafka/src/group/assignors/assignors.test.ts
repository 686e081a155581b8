// Properties every assignor keeps, on groups made by chance, and the fixed cases of the deterministic ones.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TopicPartition } from '@millrace/api'
import { type Assignor, createAssignor, type GroupAssignment, type MemberSubscription } from './index.ts'

function member(memberId: string, topics: readonly string[], more: Partial<MemberSubscription> = {}) {
  return { memberId, groupInstanceId: null, topics, userData: null, owned: [], generation: null, rackId: null, ...more }
}

function text(list: readonly TopicPartition[] | undefined): string {
  return (list ?? []).map(({ topic, partition }) => `${topic}-${partition}`).join(' ')
}

function shown(assignment: GroupAssignment): Record<string, string> {
  return Object.fromEntries([...assignment].map(([id, list]) => [id, text(list)]))
}

/** Every wanted partition has exactly one owner, who wants it. */
function assertValid(
  counts: ReadonlyMap<string, number>,
  members: readonly MemberSubscription[],
  got: GroupAssignment,
) {
  assert.deepEqual([...got.keys()].sort(), members.map((one) => one.memberId).sort())
  const seen = new Set<string>()
  for (const one of members) {
    for (const { topic, partition } of got.get(one.memberId)!) {
      assert.ok(one.topics.includes(topic), `${one.memberId} got ${topic} unasked`)
      assert.ok(!seen.has(`${topic}-${partition}`), `${topic}-${partition} twice`)
      seen.add(`${topic}-${partition}`)
    }
  }
  for (const [topic, count] of counts) {
    const expected = members.some((one) => one.topics.includes(topic)) ? count : 0
    for (let partition = 0; partition < expected; partition++) assert.ok(seen.has(`${topic}-${partition}`))
  }
}

function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

describe('range', () => {
  const range = createAssignor('org.apache.kafka.clients.consumer.RangeAssignor') as Assignor

  it('lays consecutive partitions out per topic, the first members taking one more', () => {
    const got = range.assign(
      new Map([
        ['t0', 3],
        ['t1', 3],
      ]),
      [member('c1', ['t0', 't1']), member('c0', ['t0', 't1'])],
    )
    assert.deepEqual(shown(got), { c1: 't0-2 t1-2', c0: 't0-0 t0-1 t1-0 t1-1' })
  })

  it('orders static members by instance id, so that a restart with a new member id changes nothing', () => {
    const ids = (a: string, b: string) => [
      member(a, ['t'], { groupInstanceId: 'i0' }),
      member(b, ['t'], { groupInstanceId: 'i1' }),
      member('a-dynamic', ['t']),
    ]
    const before = range.assign(new Map([['t', 4]]), ids('x', 'y'))
    const after = range.assign(new Map([['t', 4]]), ids('z', 'b'))
    assert.deepEqual(shown(before), { x: 't-0 t-1', y: 't-2', 'a-dynamic': 't-3' })
    assert.deepEqual(shown(after), { z: 't-0 t-1', b: 't-2', 'a-dynamic': 't-3' })
  })
})

describe('roundrobin', () => {
  const roundRobin = createAssignor('roundrobin') as Assignor

  it('deals all partitions in turn', () => {
    const got = roundRobin.assign(
      new Map([
        ['t0', 3],
        ['t1', 3],
      ]),
      [member('c0', ['t0', 't1']), member('c1', ['t0', 't1'])],
    )
    assert.deepEqual(shown(got), { c0: 't0-0 t0-2 t1-1', c1: 't0-1 t1-0 t1-2' })
  })

  it('passes over members that do not want the topic', () => {
    const counts = new Map([
      ['t0', 1],
      ['t1', 2],
      ['t2', 3],
    ])
    const members = [member('c0', ['t0']), member('c1', ['t0', 't1']), member('c2', ['t0', 't1', 't2'])]
    assert.deepEqual(shown(roundRobin.assign(counts, members)), { c0: 't0-0', c1: 't1-0', c2: 't1-1 t2-0 t2-1 t2-2' })
  })
})

describe('all assignors', () => {
  for (const name of ['range', 'roundrobin', 'sticky', 'cooperative-sticky']) {
    it(`${name}: each wanted partition has one owner who wants it, in 300 random groups`, () => {
      const next = random(7)
      for (let round = 0; round < 300; round++) {
        const topics = Array.from({ length: 1 + next(6) }, (_, index) => `t${index}`)
        const counts = new Map(topics.filter(() => next(8) > 0).map((topic): [string, number] => [topic, next(7)]))
        const members = Array.from({ length: 1 + next(6) }, (_, index) =>
          member(
            `c${index}`,
            topics.filter(() => next(3) > 0),
          ),
        )
        assertValid(counts, members, createAssignor(name)!.assign(counts, members))
      }
    })
  }

  it('an unknown name is undefined, also one of Object.prototype', () => {
    assert.equal(createAssignor('toString'), undefined)
    assert.equal(createAssignor('uniform'), undefined)
  })
})
