// The rules between the producer's keys, as the Java client has them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PRODUCER_KEYS, producerRules } from './producer.ts'

function rules(props: Readonly<Record<string, string>>, requestTimeoutMs = 30_000) {
  return producerRules(PRODUCER_KEYS.parse(props), new Set(Object.keys(props)), requestTimeoutMs)
}

test('idempotence is on by default and needs nothing', () => {
  assert.deepEqual(rules({}), { acks: -1, idempotent: true, deliveryTimeoutMs: 120_000, notes: [] })
})

test('a default gives way to what the user set, and says so', () => {
  for (const [key, value] of [
    ['acks', '1'],
    ['retries', '0'],
    ['max.in.flight.requests.per.connection', '6'],
  ] as const) {
    const got = rules({ [key]: value })
    assert.equal(got.idempotent, false)
    assert.match(got.notes[0]!, new RegExp(`because ${key.replaceAll('.', '\\.')}=${value}`))
  }
})

test('two things the user set must not contradict each other', () => {
  assert.throws(() => rules({ 'enable.idempotence': 'true', acks: '1' }), {
    name: 'ConfigException',
    message: 'Invalid value 1 for configuration acks: enable.idempotence=true needs acks=all',
  })
  assert.throws(() => rules({ 'transactional.id': 't', retries: '0' }), /transactional\.id needs retries above 0/)
  assert.throws(() => rules({ 'transactional.id': 't', 'enable.idempotence': 'false' }), /transactional\.id needs it/)
  assert.throws(
    () => rules({ 'delivery.timeout.ms': '30000' }),
    /at least linger.ms \+ request.timeout.ms, which is 30005/,
  )
})

test('the default delivery timeout is raised to what the others need', () => {
  const got = rules({ 'linger.ms': '100' }, 200_000)
  assert.equal(got.deliveryTimeoutMs, 200_100)
  assert.equal(got.notes.length, 1)
})

test('values out of range name their key', () => {
  assert.throws(() => PRODUCER_KEYS.parse({ acks: '2' }), /acks/)
  assert.throws(() => PRODUCER_KEYS.parse({ 'compression.type': 'brotli' }), /compression\.type/)
  assert.throws(() => PRODUCER_KEYS.parse({ 'compression.gzip.level': '0' }), /compression\.gzip\.level/)
  assert.throws(() => PRODUCER_KEYS.parse({ 'partitioner.class': 'com.acme.Mine' }), /partitioner\.class/)
})
