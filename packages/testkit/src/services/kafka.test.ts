// The launcher of Apache Kafka: starts, keeps its data over kill -9, and says what is missing.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../folder.ts'
import { findKafkaLib, runKafkaTool, startKafka, whyNoKafka } from './kafka.ts'

const missing = process.env.MILLRACE_REQUIRE_SERVICES === '1' ? undefined : whyNoKafka()

describe('Apache Kafka for tests', { skip: missing }, () => {
  it('answers, and keeps its topics over kill -9 and a new start', async () => {
    await using kafka = await startKafka({ own: true })
    const topics = (...args: string[]) =>
      runKafkaTool('org.apache.kafka.tools.TopicCommand', '--bootstrap-server', kafka.bootstrap, ...args)
    await topics('--create', '--topic', 'kept')
    await kafka.kill()
    await kafka.restart()
    assert.match(await topics('--list'), /^kept$/m)
  })
})

describe('the search for Apache Kafka', () => {
  it('says what to do when the named folder has no jars', async () => {
    await using folder = await temporaryFolder()
    const before = process.env.MILLRACE_KAFKA_LIB
    process.env.MILLRACE_KAFKA_LIB = folder.path
    try {
      await assert.rejects(findKafkaLib(), /MILLRACE_KAFKA_LIB is .* holds no kafka/)
    } finally {
      if (before === undefined) delete process.env.MILLRACE_KAFKA_LIB
      else process.env.MILLRACE_KAFKA_LIB = before
    }
  })
})
