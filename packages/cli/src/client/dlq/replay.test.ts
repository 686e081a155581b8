// Replays against brokers: each letter once, whatever the filters, also when two replay at once or one dies in the middle.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'
import { Admin, Producer } from '@millrace/kafka'
import { onEveryBroker } from '@millrace/testkit'
import { unchanged } from './fix.ts'
import { CONTEXT_PREFIX, type Letter, placeOf } from './letter.ts'
import { describeQueue, lettersOf, type Queue } from './queue.ts'
import { groupOf, type ReplayPlan, replay } from './replay.ts'

onEveryBroker('a replay', {}, (broker) => {
  const brokers = () => ({ bootstrapServers: broker().bootstrap })
  const queueOf = async (topic: string) => (await describeQueue(brokers(), topic)) as Queue

  /** A queue over two partitions with `count` letters, from a topic with two. */
  async function scene(count: number) {
    const id = randomBytes(4).toString('hex')
    const [topic, dead] = [`orders-${id}`, `dead-${id}`]
    await using admin = Admin.create({ 'bootstrap.servers': broker().bootstrap })
    await admin.createTopics([topic, dead].map((name) => ({ name, numPartitions: 2, replicationFactor: 1 })))
    await using producer = Producer.create({ 'bootstrap.servers': broker().bootstrap })
    const sent = Array.from({ length: count }, (_, at) =>
      producer.send({
        topic: dead,
        partition: at % 2,
        key: `k${at}`,
        value: String(at),
        headers: [
          { key: 'own', value: 'h' },
          { key: `${CONTEXT_PREFIX}topic`, value: topic },
          { key: `${CONTEXT_PREFIX}partition`, value: '1' },
          { key: `${CONTEXT_PREFIX}exception.class.name`, value: at % 3 === 0 ? 'a.Third' : 'a.Other' },
        ],
      }),
    )
    await Promise.all(sent)
    const plan = async (more: Partial<ReplayPlan> = {}): Promise<ReplayPlan> => ({
      brokers: brokers(),
      queue: await queueOf(dead),
      group: groupOf(dead),
      filter: () => true,
      fix: unchanged,
      fixes: false,
      limit: Number.POSITIVE_INFINITY,
      again: false,
      dryRun: false,
      ...more,
    })
    const records = async (): Promise<Letter[]> => collected(lettersOf(brokers(), await queueOf(topic)))
    const values = async () => (await records()).map((one) => Number(one.value)).sort((a, b) => a - b)
    return { topic, dead, plan, records, values }
  }
  const numbers = (count: number) => Array.from({ length: count }, (_, at) => at)
  const third = ({ context }: Letter) => context['exception.class.name'] === 'a.Third'

  it('writes each letter once, whatever was chosen before', async () => {
    const { topic, dead, plan, values, records } = await scene(30)
    const dry = await replay(await plan({ dryRun: true }))
    assert.deepEqual([dry.replayed, [...dry.topics], await values()], [30, [[topic, 30]], []])
    assert.equal((await replay(await plan({ filter: third, limit: 3 }))).replayed, 3)
    assert.equal((await replay(await plan({ filter: third }))).replayed, 7)
    assert.deepEqual(
      await values(),
      numbers(30).filter((one) => one % 3 === 0),
    )
    const rest = await replay(await plan())
    assert.deepEqual([rest.replayed, rest.done], [20, 10])
    assert.deepEqual(await values(), numbers(30))
    const none = await replay(await plan())
    assert.deepEqual([none.replayed, await values()], [0, numbers(30)])
    const all = await records()
    assert.ok(all.every((one) => one.partition === 1 && Object.keys(one.context).length === 0))
    assert.deepEqual(
      all[0]?.headers.map(({ key, value }) => [key, value?.toString().replace(/\d:\d+$/, '')]),
      [
        ['own', 'h'],
        ['millrace.replayed.from', `${dead}-`],
      ],
    )
    assert.equal((await replay(await plan({ again: true, limit: 5 }))).replayed, 5)
    assert.equal((await values()).length, 35)
  })

  it('what cannot be written stays, and is replayed when it can be', async () => {
    const { topic, plan, values } = await scene(6)
    const bad = await replay(
      await plan({
        fix: async (letter) => {
          const value = Number(letter.value)
          if (value === 1) throw new TypeError('not this one')
          if (value === 2) return null
          return { ...(await unchanged(letter))!, topic: value === 3 ? `${topic}-nowhere` : null }
        },
      }),
    )
    assert.deepEqual(
      [bad.replayed, bad.left, bad.failed.map((one) => one.reason).sort()],
      [3, 1, [`not this one`, `there is no topic ${topic}-nowhere`].sort()],
    )
    assert.equal((await replay(await plan())).replayed, 3)
    assert.deepEqual(await values(), numbers(6))
  })

  it('that dies in the middle leaves nothing half done, and a second one at the same time ends the first', async () => {
    const { plan, values } = await scene(1_200)
    let seen = 0
    const first = replay(
      await plan({
        fix: async (letter) => {
          // Some of the letters are committed by then, some written and not committed; another takes over.
          if (++seen === 550) await replay(await plan({ limit: 10 }))
          return unchanged(letter)
        },
      }),
    )
    await assert.rejects(first, /Another replay of .* has begun meanwhile/)
    await replay(await plan())
    assert.deepEqual(await values(), numbers(1_200))
  })

  it('of what a source polled needs a word about it', async () => {
    const { dead, plan, topic } = await scene(0)
    await using producer = Producer.create({ 'bootstrap.servers': broker().bootstrap })
    const headers = { topic, 'source.partition': '{}', 'source.offset': '{"n":1}' }
    await producer.send({
      topic: dead,
      partition: 0,
      value: '{"schema":null,"payload":1}',
      headers: Object.entries(headers).map(([key, value]) => ({ key: CONTEXT_PREFIX + key, value })),
    })
    const { failed } = await replay(await plan())
    assert.match(failed[0]?.reason ?? '', /a source polled it for orders/)
    assert.equal((await replay(await plan({ fixes: true }))).replayed, 1)
  })

  it('does not touch offsets that are not its own', async () => {
    const { dead, plan } = await scene(2)
    await using admin = Admin.create({ 'bootstrap.servers': broker().bootstrap })
    await admin.alterGroupOffsets('somebody', [{ topic: dead, partition: 0, offset: 1, metadata: 'mine' }])
    await assert.rejects(replay(await plan({ group: 'somebody' })), /no replay has set/)
    const places = (await collected(lettersOf(brokers(), await queueOf(dead)))).map(placeOf)
    assert.deepEqual(places, ['0:0', '1:0'])
  })
})

async function collected<T>(all: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const one of all) found.push(one)
  return found
}
