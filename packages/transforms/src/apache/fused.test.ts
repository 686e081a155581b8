// Chains of rewrites as one function: the same as one after another, on random maps and chains.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ConnectRecord,
  type RawConfig,
  SinkRecord,
  SourceRecord,
  type Transformation,
  type ValueSlot,
} from '@millrace/api'
import { Random } from '@millrace/testkit'
import { Cast } from './cast.ts'
import { Flatten } from './flatten.ts'
import { InsertField } from './insert-field.ts'
import { MaskField } from './mask-field.ts'
import { ReplaceField } from './replace-field.ts'
import { TimestampConverter } from './timestamp-converter.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', '1', '__proto__', 'constructor']
const random = new Random(20_261_123)
const name = () => random.pick(NAMES.slice(0, random.chance(0.9) ? 6 : NAMES.length))
const MAKE: readonly (() => [Transformation, RawConfig])[] = [
  () => [new ReplaceField('value'), { exclude: name(), renames: `${name()}:${name()}` }],
  () => [new ReplaceField('value'), { include: `${name()},${name()},${name()}` }],
  () => [new InsertField('value'), { 'static.field': name(), 'static.value': 's', 'timestamp.field': name() }],
  () => [new InsertField('value'), { 'topic.field': name(), 'offset.field': name(), 'partition.field': name() }],
  () => [new Cast('value'), { spec: `${name()}:string,${random.pick(['g', 'a'])}:int32` }],
  () => [new MaskField('value'), { fields: name(), ...(random.chance(0.3) && { replacement: '0' }) }],
  () => [new TimestampConverter('value'), { field: name(), 'target.type': 'string', format: 'yyyy' }],
]

function value(): Record<string, unknown> {
  const kinds: readonly (() => unknown)[] = [
    () => random.below(1e9),
    () => '7',
    () => 'x',
    () => null,
    () => true,
    () => 2.5,
  ]
  const names = NAMES.filter(() => random.chance(0.5))
  return Object.fromEntries(names.filter((one) => one !== '__proto__').map((one) => [one, random.pick(kinds)()]))
}
function record(given: unknown): ConnectRecord {
  const timestamp = random.chance(0.8) ? 5 : null
  if (random.chance(0.5)) return new SinkRecord('t', 3, null, null, null, given, 42, timestamp)
  return new SourceRecord({ sourcePartition: null, sourceOffset: null, topic: 't', value: given, timestamp })
}
function outcome(work: () => unknown): string {
  try {
    return JSON.stringify(work())
  } catch (error) {
    return String(error)
  }
}

test('fused and one after another come to the same', () => {
  let done = 0
  for (let round = 0; round < 1_500; round++) {
    const stages = random.list(2 + random.below(3), () => {
      const [stage, config] = random.pick(MAKE)()
      stage.configure(config)
      return stage
    })
    const fused = stages[0]?.fuse?.(stages.slice(1))
    assert.ok(fused != null)
    assert.equal(fused.count, stages.length)
    const shapes = [value(), value()]
    for (const given of [shapes[0], shapes[1], shapes[0]]) {
      const at = record(given)
      const one: ValueSlot = { schema: null, value: given }
      const expected = outcome(() => {
        for (const stage of stages) stage.rewriteValue?.(one, at)
        return one.value
      })
      const all: ValueSlot = { schema: null, value: given }
      let did = true
      const found = outcome(() => {
        did = fused.rewrite(all, at)
        return all.value
      })
      if (!did) continue
      done++
      // Of two stages that would fail either may be the first: the chain asks them one by one to know.
      if (expected.startsWith('{')) assert.equal(found, expected)
      else assert.ok(!found.startsWith('{'), `${expected} but ${found}`)
    }
  }
  assert.ok(done > 1_000, String(done))
})

test('what is no plain map without a schema, and what is not known, is left to the stages', () => {
  const replace = new ReplaceField('value')
  replace.configure({ exclude: 'a' })
  const fused = replace.fuse([replace])
  for (const given of [null, 'x', [1], new Map([['a', 1]])]) {
    const slot: ValueSlot = { schema: null, value: given }
    assert.equal(fused?.rewrite(slot, record(given)), false)
    assert.equal(slot.value, given)
  }
  const flatten = new Flatten('value')
  flatten.configure({})
  assert.equal(replace.fuse([flatten]), null)
  assert.equal(replace.fuse([replace, flatten, replace])?.count, 2)
  const whole = new Cast('value')
  whole.configure({ spec: 'string' })
  assert.equal(replace.fuse([whole]), null)
  assert.equal(new ReplaceField('key').fuse([replace]), null)
  assert.equal(replace.fuse([]), null)
})
