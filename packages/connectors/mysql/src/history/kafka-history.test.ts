// The history's topic: made when it is not there, read whole, appended to.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { startEmbeddedBroker } from '@millrace/testkit'
import { KafkaHistory } from './kafka-history.ts'

it('keeps the schema history in a topic of one partition', async () => {
  await using kafka = await startEmbeddedBroker()
  const open = () => new KafkaHistory({ topic: 'history', bootstrap: kafka.bootstrap, producer: {}, consumer: {} })
  const first = open()
  assert.deepEqual(await first.read(), [])
  for (const record of ['{"a":1}', '{"b":"é"}']) await first.append(record)
  await first.close()
  const second = open()
  assert.deepEqual(await second.read(), ['{"a":1}', '{"b":"é"}'])
  await second.append('{"c":3}')
  assert.equal((await second.read()).length, 3)
  await second.close()
})
