// Consumers that share a cluster, driven by seed through orders of events: answers that come late, refusals, cut connections, lost
// sessions, leaders that move, open and aborted transactions, pauses, seeks, assignments, consumers that come and go. Each must be
// given exactly the committed records, in order, and all of them once the brokers are well again.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { until } from '@millrace/testkit'
import { ErrorCode } from '../protocol/index.ts'
import { type Random, seeded } from '../records/fixtures/random.ts'
import { Consumer } from './index.ts'
import { ScriptedBrokers } from './testing/scripted-broker.ts'

const SCHEDULES = Number(process.env.MILLRACE_SCHEDULES ?? 60)
const FIRST_SEED = Number(process.env.MILLRACE_SEED ?? 1)
const AT_ONCE = 20
const ROUNDS = 20
const MOST_STEPS = 30
const CALM_MS = 40
const PARTITIONS = 3
const PRODUCERS = 2
const CONSUMERS = 3
const HEAL_MS = 20_000

/** A consumer under test, and where it must go on in each partition. */
class Reader {
  readonly consumer: Consumer
  readonly #brokers: ScriptedBrokers
  readonly next = new Map<number, number>()

  constructor(brokers: ScriptedBrokers, name: string) {
    this.#brokers = brokers
    const props = {
      'bootstrap.servers': 'nowhere:1',
      'client.id': name,
      'isolation.level': 'read_committed',
      'auto.offset.reset': 'earliest',
      'fetch.max.wait.ms': '4',
      'retry.backoff.ms': '1',
      'retry.backoff.max.ms': '3',
      'max.poll.records': '7',
    }
    this.consumer = Consumer.create(props, { cluster: brokers.client(name) })
  }

  assign(partitions: readonly number[]): void {
    const { topic } = this.#brokers
    this.consumer.assign(partitions.map((partition) => ({ topic, partition })))
    for (const partition of this.next.keys()) if (!partitions.includes(partition)) this.next.delete(partition)
    for (const partition of partitions) if (!this.next.has(partition)) this.next.set(partition, 0)
  }

  seek(partition: number, offset: number): void {
    this.consumer.seek({ topic: this.#brokers.topic, partition }, offset)
    this.next.set(partition, offset)
  }

  async poll(timeoutMs: number): Promise<void> {
    for (const { reader, partition, count } of (await this.consumer.poll(timeoutMs)).chunks) {
      for (let i = 0; i < count; i++) {
        assert.ok(reader.next())
        const expected = this.#brokers.partitions[partition]!.next(this.next.get(partition) ?? -1)
        assert.equal(reader.offset, expected, `${this.consumer.clientId}: the next record of partition ${partition}`)
        assert.equal(reader.value.text(), String(reader.offset))
        this.next.set(partition, reader.offset + 1)
      }
    }
  }

  get missing(): string[] {
    return [...this.next].flatMap(([partition, offset]) => {
      const due = this.#brokers.partitions[partition]!.next(offset)
      return due === undefined ? [] : [`${this.consumer.clientId} misses offset ${due} of partition ${partition}`]
    })
  }
}

/** @returns how many fetches readers sent together */
async function schedule(seed: number): Promise<number> {
  const random = seeded(seed)
  const brokers = new ScriptedBrokers(PARTITIONS, random)
  const readers: Reader[] = []
  let made = 0
  const come = () => {
    const reader = new Reader(brokers, `seed ${seed} reader ${made++}`)
    reader.assign(some(random))
    readers.push(reader)
  }
  for (let i = 0; i < CONSUMERS; i++) come()
  for (let round = 0; round < ROUNDS; round++) {
    for (let step = random.int(MOST_STEPS); step > 0; step--) {
      await disturb(random, brokers, readers, come)
      if (random.int(3) === 0) await setImmediate()
    }
    // Nothing new for a while: they begin to wait together.
    const calmUntil = performance.now() + random.int(2) * CALM_MS
    while (performance.now() < calmUntil) await calm(brokers, readers)
  }
  const deadline = performance.now() + HEAL_MS
  // Nothing new comes that would wake who waits for the wrong thing.
  for (const one of brokers.partitions) one.finishAll()
  for (const { consumer } of readers) consumer.resume(consumer.paused())
  for (;;) {
    await calm(brokers, readers)
    const missing = readers.flatMap((one) => one.missing)
    if (missing.length === 0) break
    if (performance.now() > deadline) throw new Error(`Seed ${seed}: ${missing.join('; ')}`)
  }
  await Promise.all(readers.map(({ consumer }) => consumer.close()))
  for (const fetch of [...brokers.waiting]) brokers.cut(fetch)
  return brokers.sharedFetches
}

/** All is well: everybody polls, and brokers answer as they should. */
async function calm(brokers: ScriptedBrokers, readers: readonly Reader[]): Promise<void> {
  for (const fetch of [...brokers.waiting]) {
    if (fetch.answer === undefined && brokers.isDue(fetch)) brokers.look(fetch, false)
    if (fetch.answer !== undefined) brokers.deliver(fetch)
  }
  await Promise.all(readers.map((one) => one.poll(1)))
}

/** One event. */
async function disturb(random: Random, brokers: ScriptedBrokers, readers: Reader[], come: () => void): Promise<void> {
  const partition = random.int(PARTITIONS)
  const log = brokers.partitions[partition]!
  const fetch = brokers.waiting.length === 0 ? undefined : random.pick(brokers.waiting)
  const reader = random.pick(readers)
  const assigned = [...reader.next.keys()]
  const what = random.int(100)
  if (what < 30) await reader.poll(random.int(3))
  else if (what < 45 && fetch !== undefined) {
    if (fetch.answer === undefined && (brokers.isDue(fetch) || random.int(3) === 0))
      brokers.look(fetch, random.int(8) === 0)
  } else if (what < 65 && fetch?.answer !== undefined) brokers.deliver(fetch)
  else if (what < 67 && fetch !== undefined) {
    if (fetch.answer === undefined && random.int(2) === 0) brokers.look(fetch, false)
    brokers.cut(fetch)
  } else if (what < 72) log.append(1 + random.int(3))
  else if (what < 80) log.append(1 + random.int(3), random.int(PRODUCERS))
  else if (what < 87) log.finish(random.int(PRODUCERS), random.int(2) === 0)
  else if (what < 89) brokers.move(partition)
  else if (what < 90) brokers.forgetSessions()
  else if (what < 92 && assigned.length > 0)
    reader.consumer.pause([{ topic: brokers.topic, partition: random.pick(assigned) }])
  else if (what < 95) reader.consumer.resume(reader.consumer.paused())
  else if (what < 96 && assigned.length > 0) reader.seek(random.pick(assigned), random.int(log.end + 1))
  else if (what < 98) reader.assign(some(random))
  else if (what < 99 && readers.length > 1) {
    readers.splice(readers.indexOf(reader), 1)
    await reader.consumer.close()
  } else if (readers.length < CONSUMERS) come()
}

function some(random: Random): number[] {
  const all = Array.from({ length: PARTITIONS }, (_, partition) => partition)
  return all.filter((partition) => partition === random.int(PARTITIONS) || random.int(2) === 0)
}

it(`consumers get every committed record in order through ${SCHEDULES} schedules of faults`, async () => {
  let seed = FIRST_SEED
  let shared = 0
  const lane = async () => {
    while (seed < FIRST_SEED + SCHEDULES) {
      const together = await schedule(seed++)
      shared += together
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  assert.ok(shared > SCHEDULES, `they have waited together, ${shared} times`)
})

it('a partition whose error was thrown is asked for again', async () => {
  const brokers = new ScriptedBrokers(1, seeded(1))
  brokers.partitions[0]!.append(3)
  brokers.refusal = ErrorCode.TOPIC_AUTHORIZATION_FAILED
  const reader = new Reader(brokers, 'refused')
  reader.assign([0])
  const polls = async () => {
    for (const end = performance.now() + HEAL_MS; performance.now() < end; ) await calm(brokers, [reader])
  }
  for (let thrown = 0; thrown < 3; thrown++) await assert.rejects(polls, { name: 'TopicAuthorizationException' })
  brokers.refusal = ErrorCode.NONE
  await until('all is read', async () => {
    await calm(brokers, [reader])
    return reader.missing.length === 0
  })
  await reader.consumer.close()
})
