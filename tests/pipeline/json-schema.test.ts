// JSON Schema with the registry of this house, through whole workers: from a file into a topic and back out, and what others
// wrote under schemas that refer to one another; on every broker.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, before, it } from 'node:test'
import { type RunningRegistry, startRegistry } from '@millrace/broker/registry'
import { SchemaRegistryClient } from '@millrace/converters/registry'
import { onEveryBroker } from '@millrace/testkit'
import { WorkerUnderTest } from './harness.ts'

const JSON_SCHEMA = 'io.confluent.connect.json.JsonSchemaConverter'
const TRANSFORMS = 'org.apache.kafka.connect.transforms'

onEveryBroker('JSON Schema with a registry', {}, (broker) => {
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

  const converter = (more: Readonly<Record<string, string>> = {}) => ({
    'value.converter': JSON_SCHEMA,
    'value.converter.schema.registry.url': registry.url,
    ...Object.fromEntries(Object.entries(more).map(([key, value]) => [`value.converter.${key}`, value])),
  })

  it('goes there and back', async () => {
    const topic = worker.unique('there-topic')
    const input = worker.folder.file('there.in')
    const output = worker.folder.file('there.out')
    writeFileSync(input, 'one\ntwo ü 😀\n')
    await worker.makeTopic(topic)
    await worker.create(worker.unique('there-source'), {
      'connector.class': 'FileStreamSource',
      file: input,
      topic,
      transforms: 'hoist',
      'transforms.hoist.type': `${TRANSFORMS}.HoistField$Value`,
      'transforms.hoist.field': 'line',
      ...converter(),
    })
    const landed = await worker.landed(topic, 2)
    assert.deepEqual(
      landed.map(({ value }) => value?.slice(5)),
      ['{"line":"one"}', '{"line":"two ü 😀"}'],
    )
    const answer = await fetch(`${registry.url}/subjects/${topic}-value/versions/latest`)
    const { schema, schemaType } = (await answer.json()) as Record<string, string>
    assert.equal(schemaType, 'JSON')
    assert.equal(schema, '{"type":"object","properties":{"line":{"type":"string","connect.index":0}}}')
    await worker.create(worker.unique('there-sink'), {
      'connector.class': 'FileStreamSink',
      file: output,
      topics: topic,
      ...converter({ 'json.fail.invalid.schema': 'true' }),
    })
    await worker.fileIs(output, 'Struct{line=one}\nStruct{line=two ü 😀}\n')
  })

  it('reads what others wrote under schemas that refer to one another, and says what does not fit', async () => {
    const topic = worker.unique('others-topic')
    const [address, output, name] = [worker.unique('address'), worker.folder.file('others.out'), worker.unique('sink')]
    await worker.makeTopic(topic)
    const client = new SchemaRegistryClient({ 'schema.registry.url': registry.url })
    const city = { type: 'object', title: 'Address', properties: { city: { type: 'string' } } }
    await client.register(address, { schemaType: 'JSON', schema: JSON.stringify(city), references: [] })
    const user = {
      type: 'object',
      properties: { home: { $ref: 'address.json' }, tags: { type: ['array', 'null'], items: { type: 'string' } } },
    }
    const references = [{ name: 'address.json', subject: address, version: 1 }]
    const { id } = await client.register(`${topic}-value`, {
      schemaType: 'JSON',
      schema: JSON.stringify(user),
      references,
    })
    client.close()
    const send = async (text: string) => {
      const frame = Buffer.alloc(5)
      frame.writeInt32BE(id, 1)
      await worker.send({ topic, value: Buffer.concat([frame, Buffer.from(text)]) })
    }
    await send('{ "home": {"city": "Delft"}, "tags": ["a", "b"] }')
    await send('{"tags": null, "home": {"city": "Gouda"}}')
    const sink = { 'connector.class': 'FileStreamSink', file: output, topics: topic }
    await worker.create(name, { ...sink, ...converter({ 'json.fail.invalid.schema': 'true' }) })
    await worker.fileIs(output, 'Struct{home=Struct{city=Delft},tags=[a, b]}\nStruct{home=Struct{city=Gouda}}\n')
    await send('{"home": {"city": 5}}')
    const { tasks } = await worker.tasksIn(name, 'FAILED')
    assert.match(tasks[0]?.trace ?? '', /The value does not fit its JSON schema: \/home\/city must be string/)
  })
})
