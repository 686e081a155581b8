// Consumer configuration: defaults of the Java consumer, and the rules between keys.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CONSUMER_KEYS, checkConsumerValues, parseOffsetReset } from './consumer.ts'

describe('consumer configuration', () => {
  it('takes assignors by protocol name and Java class name, and refuses others', () => {
    const strategy = 'partition.assignment.strategy'
    const java =
      'org.apache.kafka.clients.consumer.CooperativeStickyAssignor, org.apache.kafka.clients.consumer.RangeAssignor'
    assert.equal(CONSUMER_KEYS.parse({ [strategy]: java })[strategy].length, 2)
    assert.throws(
      () => CONSUMER_KEYS.parse({ [strategy]: 'com.example.Mine' }),
      /no assignor "com.example.Mine".*cooperative-sticky/,
    )
    assert.throws(() => CONSUMER_KEYS.parse({ [strategy]: 'range,RangeAssignor' }), /listed twice/)
  })

  it('reads every form of auto.offset.reset', () => {
    assert.deepEqual(parseOffsetReset('EARLIEST'), { kind: 'earliest' })
    assert.deepEqual(parseOffsetReset('by_duration:P1DT2H3M4.5S'), { kind: 'duration', ms: 93_784_500 })
    for (const bad of ['', 'first', 'by_duration:', 'by_duration:P', 'by_duration:PT', 'by_duration:-PT1S']) {
      assert.equal(parseOffsetReset(bad), undefined, bad)
    }
  })

  const parse = (props: Record<string, string>) =>
    checkConsumerValues(CONSUMER_KEYS.parse(props), new Set(Object.keys(props)))

  it("refuses keys that do not go with the group protocol, in the Java consumer's words", () => {
    for (const [key, value] of [
      ['partition.assignment.strategy', 'range'],
      ['session.timeout.ms', '10000'],
      ['heartbeat.interval.ms', '100'],
    ] as const) {
      assert.throws(() => parse({ 'group.protocol': 'Consumer', [key]: value }), {
        message: `${key} cannot be set when group.protocol=CONSUMER`,
      })
      parse({ [key]: value })
    }
    assert.throws(() => parse({ 'group.remote.assignor': 'uniform' }), {
      message: 'group.remote.assignor cannot be set when group.protocol=CLASSIC',
    })
    parse({ 'group.protocol': 'consumer', 'group.remote.assignor': 'uniform' })
    assert.throws(() => CONSUMER_KEYS.parse({ 'group.protocol': 'mine' }), {
      message:
        'Invalid value mine for configuration group.protocol: String must be one of (case insensitive): CONSUMER, CLASSIC',
    })
  })

  it('refuses keys that contradict each other', () => {
    assert.throws(
      () => parse({ 'heartbeat.interval.ms': '45000' }),
      /heartbeat.interval.ms.*less than session.timeout.ms/,
    )
    assert.throws(() => parse({ 'enable.auto.commit': 'true' }), /group.id/)
    parse({ 'group.id': 'g', 'enable.auto.commit': 'true' })
    parse({})
  })
})
