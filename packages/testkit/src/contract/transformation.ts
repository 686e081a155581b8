// The contract of transformations as tests: records are never changed in place, whatever kind they are.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  ConfigException,
  type ConnectRecord,
  DataException,
  type RawConfig,
  type RecordChanges,
  SinkRecord,
  SourceRecord,
  type Transformation,
} from '@millrace/api'

/** A record that it is tried on. */
export interface TransformationCase {
  /** For the name of the test. */
  readonly name: string
  readonly configs: RawConfig
  /** What differs from a record of topic `t`, partition 0, without key, value and headers. */
  readonly record: RecordChanges
  /** What is checked of the result; null for a record that is dropped. */
  readonly check: null | ((record: ConnectRecord) => void)
}

/** A transformation under test. */
export interface TransformationSubject {
  readonly transformation: new () => Transformation
  readonly cases: readonly TransformationCase[]
}

/** Declares the tests of the transformation contract. */
export function transformationContract(name: string, subject: TransformationSubject): void {
  const make = async (configs: RawConfig): Promise<Transformation> => {
    const transformation = new subject.transformation()
    await transformation.configure(configs)
    return transformation
  }

  describe(`${name} keeps the transformation contract`, () => {
    it('has a definition that explains itself, and misses the keys it requires', async () => {
      const { config } = new subject.transformation()
      const first = subject.cases[0]
      for (const key of config.keys.values()) {
        assert.ok(key.doc.length >= 10, `${key.name} is explained`)
        if (!key.required || first === undefined) continue
        const { [key.name]: _, ...rest } = first.configs
        await assert.rejects(make(rest), ConfigException, `without ${key.name}`)
      }
    })

    for (const one of subject.cases) {
      for (const record of recordsOf(one.record)) {
        it(`${one.name}, of a ${record.constructor.name}`, async () => {
          const transformation = await make(one.configs)
          const before = picture(record)
          const result = await transformation.apply(record)
          assert.deepEqual(picture(record), before, 'the record given is as it was')
          if (one.check === null) assert.equal(result, null)
          else checkResult(record, result, one.check)
          const again = await transformation.apply(record)
          assert.deepEqual(
            again === null ? null : picture(again),
            result === null ? null : picture(result),
            'the same again',
          )
          await transformation.close?.()
        })
      }
    }

    it('takes a tombstone, or refuses it as data', async () => {
      for (const { configs } of subject.cases) {
        for (const record of recordsOf({})) {
          try {
            await (await make(configs)).apply(record)
          } catch (error) {
            assert.ok(error instanceof DataException, String(error))
          }
        }
      }
    })

    it('can be closed without ever having been used', async () => {
      await new subject.transformation().close?.()
    })
  })
}

function recordsOf(changes: RecordChanges): ConnectRecord[] {
  return [
    new SourceRecord({
      sourcePartition: { p: 1 },
      sourceOffset: { o: 1 },
      topic: 't',
      kafkaPartition: 0,
      timestamp: 1,
    }),
    new SinkRecord('t', 0, null, null, null, null, 42, 1, 'CreateTime'),
  ].map((record) => record.with(changes))
}

/** What it is and where it came from stays, whatever was done to it. */
function checkResult(given: ConnectRecord, result: ConnectRecord | null, check: (record: ConnectRecord) => void): void {
  assert.ok(result !== null, 'the record is not dropped')
  assert.equal(result.constructor, given.constructor)
  if (given instanceof SourceRecord && result instanceof SourceRecord) {
    assert.equal(result.sourcePartition, given.sourcePartition)
    assert.equal(result.sourceOffset, given.sourceOffset)
  }
  if (given instanceof SinkRecord && result instanceof SinkRecord) {
    assert.deepEqual([result.kafkaOffset, result.timestampType], [given.kafkaOffset, given.timestampType])
    assert.deepEqual(
      [result.originalTopic, result.originalKafkaPartition],
      [given.originalTopic, given.originalKafkaPartition],
    )
  }
  check(result)
}

/** All of a record that a transformation may touch, as plain data of its own. */
function picture(record: ConnectRecord): unknown {
  return structuredClone({
    topic: record.topic,
    kafkaPartition: record.kafkaPartition,
    keySchema: record.keySchema,
    key: record.key,
    valueSchema: record.valueSchema,
    value: record.value,
    timestamp: record.timestamp,
    headers: record.hasHeaders ? [...record.headers] : [],
  })
}
