// The history's topic: made when it is not there, read whole, appended to.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { startEmbeddedBroker } from '@millrace/testkit'
import { KafkaHistoryStore } from './kafka-store.ts'

it('keeps the schema history in a topic of one partition', async () => {
  await using kafka = await startEmbeddedBroker()
  const options = {
    topic: 'history',
    bootstrap: kafka.bootstrap,
    producer: {},
    consumer: {},
    timeoutMs: 60_000,
    pollMs: 100,
  }
  const all = async (store: KafkaHistoryStore) => {
    const texts: string[] = []
    await store.replay((text) => texts.push(text))
    return texts
  }
  const first = new KafkaHistoryStore(options)
  assert.equal(await first.exists(), false)
  for (const record of ['{"a":1}', '{"b":"é"}']) await first.append(record)
  await first.close()
  const second = new KafkaHistoryStore(options)
  assert.deepEqual(await all(second), ['{"a":1}', '{"b":"é"}'])
  await second.append('{"c":3}')
  assert.equal((await all(second)).length, 3)
  await second.close()
})
