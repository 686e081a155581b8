// Avro and Protobuf with the registry of this house, through whole workers: from a file into a topic, from there through two
// transformations into a file, with the id before the bytes and in a header; on every broker.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, before, it } from 'node:test'
import { type RunningRegistry, startRegistry } from '@millrace/broker/registry'
import { onEveryBroker } from '@millrace/testkit'
import { WorkerUnderTest } from './harness.ts'

const LANGUAGES = [
  {
    name: 'avro',
    className: 'io.confluent.connect.avro.AvroConverter',
    schema:
      '{"type":"record","name":"ConnectDefault","namespace":"io.confluent.connect.avro","fields":[{"name":"line","type":"string"}]}',
  },
  {
    name: 'protobuf',
    className: 'io.confluent.connect.protobuf.ProtobufConverter',
    schema: 'syntax = "proto3";\n\nmessage ConnectDefault1 {\n  string line = 1;\n}\n',
  },
] as const
type Language = (typeof LANGUAGES)[number]
const TRANSFORMS = 'org.apache.kafka.connect.transforms'

onEveryBroker('Converters with a registry', {}, (broker) => {
  let worker: WorkerUnderTest
  let registry: RunningRegistry
  before(async () => {
    const { bootstrap } = broker()
    registry = await startRegistry({
      props: {
        'kafkastore.bootstrap.servers': bootstrap,
        'kafkastore.timeout.ms': '20000',
        listeners: 'http://127.0.0.1:0',
        'host.name': '127.0.0.1',
      },
    })
    worker = await WorkerUnderTest.start(bootstrap)
  })
  after(async () => {
    await worker?.[Symbol.asyncDispose]()
    await registry?.close()
  })

  const converter = ({ className }: Language, more: Readonly<Record<string, string>> = {}) => ({
    'value.converter': className,
    'value.converter.schema.registry.url': registry.url,
    ...Object.fromEntries(Object.entries(more).map(([key, value]) => [`value.converter.${key}`, value])),
  })
  const hoist = {
    transforms: 'hoist',
    'transforms.hoist.type': `${TRANSFORMS}.HoistField$Value`,
    'transforms.hoist.field': 'line',
  }

  async function throughKafka(language: Language, way: string, more: Readonly<Record<string, string>>) {
    const name = `${language.name}-${way}`
    const topic = worker.unique(`${name}-topic`)
    const input = worker.folder.file(`${name}.in`)
    const output = worker.folder.file(`${name}.out`)
    writeFileSync(input, 'one\ntwo ü 😀\n')
    await worker.makeTopic(topic)
    const source = { 'connector.class': 'FileStreamSource', file: input, topic, ...hoist, ...converter(language, more) }
    await worker.create(worker.unique(`${name}-source`), source)
    const landed = await worker.landed(topic, 2)
    await worker.create(worker.unique(`${name}-sink`), {
      'connector.class': 'FileStreamSink',
      file: output,
      topics: topic,
      transforms: 'insert,rename',
      'transforms.insert.type': `${TRANSFORMS}.InsertField$Value`,
      'transforms.insert.static.field': 'from',
      'transforms.insert.static.value': language.name,
      'transforms.rename.type': `${TRANSFORMS}.ReplaceField$Value`,
      'transforms.rename.renames': 'line:text',
      ...converter(language),
    })
    const { name: from } = language
    await worker.fileIs(output, `Struct{text=one,from=${from}}\nStruct{text=two ü 😀,from=${from}}\n`)
    return { topic, landed }
  }

  for (const language of LANGUAGES) {
    it(`${language.name} goes there and back with the id before the bytes`, async () => {
      const { topic, landed } = await throughKafka(language, 'prefix', {})
      assert.deepEqual(
        landed.map(({ headers }) => headers),
        [{}, {}],
      )
      const answer = await fetch(`${registry.url}/subjects/${topic}-value/versions/latest`)
      const { schema } = (await answer.json()) as { schema: string }
      assert.equal(schema, language.schema)
    })

    it(`${language.name} goes there and back with the GUID in a header`, async () => {
      const { landed } = await throughKafka(language, 'header', {
        'value.schema.id.serializer': 'io.confluent.kafka.serializers.schema.id.HeaderSchemaIdSerializer',
      })
      assert.deepEqual(
        landed.map(({ headers }) => Object.keys(headers)),
        [['__value_schema_id'], ['__value_schema_id']],
      )
    })
  }

  it('says what is wrong with bytes that have no schema', async () => {
    const topic = worker.unique('odd-topic')
    await worker.makeTopic(topic)
    await worker.send({ topic, value: 'text' })
    const name = worker.unique('odd-sink')
    await worker.create(name, {
      'connector.class': 'FileStreamSink',
      file: worker.folder.file('odd.out'),
      topics: topic,
      ...converter(LANGUAGES[0]),
    })
    const { tasks } = await worker.tasksIn(name, 'FAILED')
    assert.match(
      tasks[0]?.trace ?? '',
      /Unknown magic byte! .*their first byte is 116, expected 0 \(id\) or 1 \(GUID\)/,
    )
  })
})
