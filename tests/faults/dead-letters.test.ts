// kill -9 of worker and broker while every seventh record of a source goes to its dead letter queue: what came in is in the topic or in the
// queue, none of it lost, and with exactly-once none of it twice. MILLRACE_FAULT_KILLS sets how often (1), MILLRACE_FAULT_SEED when.
import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { it } from 'node:test'
import { onEveryBroker, temporaryFolder } from '@millrace/testkit'
import { Flow, randomMoments } from './flow.ts'

const KILLS = Number(process.env.MILLRACE_FAULT_KILLS ?? 1)
const MOST_BETWEEN_MS = 1_500
/** The queue holds what JsonConverter writes: with it on both sides, one sink reads topic and queue as if they were one. */
const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'
const CONVERTERS = { 'key.converter': JSON_CONVERTER, 'value.converter': JSON_CONVERTER }

function options(folder: string, guarantee: 'at-least-once' | 'exactly-once') {
  const id = basename(folder)
  const once = guarantee === 'exactly-once'
  return {
    distributed: once,
    worker: { ...CONVERTERS, ...(once && { 'exactly.once.source.support': 'enabled' }) },
    source: {
      transforms: 'refuse',
      'transforms.refuse.type': 'millrace.Script',
      'transforms.refuse.script':
        '(record) => { if (Number(record.value) % 7 === 3) throw new Error("every seventh"); return record }',
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.name': `${id}-dead`,
      'errors.deadletterqueue.topic.replication.factor': 1,
    },
    sink: {
      topics: `${id}-numbers,${id}-dead`,
      ...(once && { 'consumer.override.isolation.level': 'read_committed' }),
    },
  }
}

onEveryBroker('dead letters of a source', { own: true }, (broker) => {
  for (const guarantee of ['at-least-once', 'exactly-once'] as const) {
    it(`${guarantee}, with kill -9 of worker and broker, ${KILLS} times`, async (test) => {
      await using folder = await temporaryFolder('millrace-letters-')
      await using flow = await Flow.start(folder, broker().bootstrap, options(folder.path, guarantee))
      const moments = randomMoments()
      test.diagnostic(`seed ${moments.seed}`)
      await flow.flows()
      for (let kill = 0; kill < KILLS; kill++) {
        await moments.pause(MOST_BETWEEN_MS)
        const both = moments.next() < 0.5
        if (both) await broker().kill()
        await flow.kill()
        if (both) await broker().restart()
        await flow.restart()
      }
      await flow.flows()
      const { problems, lost, duplicatesInKafka, ...counts } = await flow.finish()
      test.diagnostic(JSON.stringify({ duplicatesInKafka, ...counts }))
      assert.deepEqual([problems, lost], [[], []])
      if (guarantee === 'exactly-once') assert.equal(duplicatesInKafka, 0)
      assert.ok(counts.acknowledged > 1_000, 'enough was sent for the check to mean something')
    })
  }
})
