// Protobuf with the registry of this house, through whole workers: from a file into a topic, from there through two
// transformations into a file, with the id before the bytes and in a header; on every broker.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, before, it } from 'node:test'
import { type RunningRegistry, startRegistry } from '@millrace/broker/registry'
import { onEveryBroker } from '@millrace/testkit'
import { WorkerUnderTest } from './harness.ts'

const PROTOBUF = 'io.confluent.connect.protobuf.ProtobufConverter'
const TRANSFORMS = 'org.apache.kafka.connect.transforms'

onEveryBroker('Protobuf with a registry', {}, (broker) => {
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

  for (const [name, more] of [
    ['prefix', {}],
    [
      'header',
      {
        'value.converter.value.schema.id.serializer':
          'io.confluent.kafka.serializers.schema.id.HeaderSchemaIdSerializer',
      },
    ],
  ] as const) {
    it(`goes there and back with the schema's id as a ${name}`, async () => {
      const converter = { 'value.converter': PROTOBUF, 'value.converter.schema.registry.url': registry.url, ...more }
      const topic = worker.unique(`proto-${name}-topic`)
      const input = worker.folder.file(`${name}.in`)
      const output = worker.folder.file(`${name}.out`)
      writeFileSync(input, 'one\ntwo ü 😀\n')
      await worker.makeTopic(topic)
      await worker.create(worker.unique(`proto-${name}-source`), {
        'connector.class': 'FileStreamSource',
        file: input,
        topic,
        transforms: 'hoist',
        'transforms.hoist.type': `${TRANSFORMS}.HoistField$Value`,
        'transforms.hoist.field': 'line',
        ...converter,
      })
      const landed = await worker.landed(topic, 2)
      assert.deepEqual(
        landed.map(({ headers }) => Object.keys(headers)),
        name === 'header' ? [['__value_schema_id'], ['__value_schema_id']] : [[], []],
      )
      await worker.create(worker.unique(`proto-${name}-sink`), {
        'connector.class': 'FileStreamSink',
        file: output,
        topics: topic,
        transforms: 'insert,rename',
        'transforms.insert.type': `${TRANSFORMS}.InsertField$Value`,
        'transforms.insert.static.field': 'from',
        'transforms.insert.static.value': 'protobuf',
        'transforms.rename.type': `${TRANSFORMS}.ReplaceField$Value`,
        'transforms.rename.renames': 'line:text',
        ...converter,
      })
      await worker.fileIs(output, 'Struct{text=one,from=protobuf}\nStruct{text=two ü 😀,from=protobuf}\n')
      const answer = await fetch(`${registry.url}/subjects/${topic}-value/versions/latest`)
      const { schema, schemaType } = (await answer.json()) as { schema: string; schemaType: string }
      assert.deepEqual(
        [schemaType, schema],
        ['PROTOBUF', 'syntax = "proto3";\n\nmessage ConnectDefault1 {\n  string line = 1;\n}\n'],
      )
    })
  }
})
