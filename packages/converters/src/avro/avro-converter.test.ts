// What AvroConverter does with its registry: which schema it writes and reads with, where the id stands, and when it waits.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ConnectException,
  DataException,
  Headers,
  RetriableException,
  type Schema,
  SchemaBuilder,
  Schemas,
} from '@millrace/api'
import { SchemaRegistryClient } from '../registry/client.ts'
import { MemoryRegistry } from '../registry/testing/memory-registry.ts'
import { AvroConverter } from './avro-converter.ts'

const USER = SchemaBuilder.struct()
  .name('ex.User')
  .field('id', Schemas.INT64)
  .field('name', Schemas.OPTIONAL_STRING)
  .build()
const ID_ONLY = SchemaBuilder.struct().name('ex.User').field('id', Schemas.INT64).build()
const NO_RETRY = { 'max.retries': '0' }

function make(registry: MemoryRegistry, configs: Readonly<Record<string, string>> = {}, isKey = false): AvroConverter {
  const converter = new AvroConverter()
  converter.configure({ 'schema.registry.url': registry.url, ...NO_RETRY, ...configs }, isKey)
  return converter
}
const avro = (...fields: readonly unknown[]) =>
  JSON.stringify({ type: 'record', name: 'User', namespace: 'ex', fields })
async function register(registry: MemoryRegistry, subject: string, schema: string): Promise<number> {
  const client = new SchemaRegistryClient({ 'schema.registry.url': registry.url })
  const { id } = await client.register(subject, { schemaType: 'AVRO', schema, references: [] })
  client.close()
  registry.taken()
  return id
}

test('registers once for each topic and schema, and then answers without a promise', async () => {
  await using registry = await MemoryRegistry.start()
  const converter = make(registry)
  const first = converter.fromConnectData('t', null, USER, { id: 1, name: 'a' })
  assert.ok(first instanceof Promise)
  const bytes = Buffer.from((await first) as Uint8Array)
  assert.equal(bytes.toString('hex'), '000000000102020261')
  assert.ok(Buffer.isBuffer(converter.fromConnectData('t', null, USER, { id: 2, name: null })))
  // An equal schema that is another object is no new question.
  const again = SchemaBuilder.struct()
    .name('ex.User')
    .field('id', Schemas.INT64)
    .field('name', Schemas.OPTIONAL_STRING)
    .build()
  assert.ok(Buffer.isBuffer(converter.fromConnectData('t', null, again, { id: 2, name: null })))
  assert.deepEqual(registry.taken(), ['POST /subjects/t-value/versions?normalize=false'])
  const reading = converter.toConnectData('t', null, bytes)
  assert.ok(reading instanceof Promise)
  assert.deepEqual((await reading).value, { id: 1, name: 'a' })
  assert.ok(!(converter.toConnectData('t', null, bytes) instanceof Promise))
  assert.deepEqual(registry.taken(), ['GET /schemas/ids/1?fetchMaxId=false&subject=t-value'])
  converter.close()
})

test('a null under an optional schema is null bytes, and no question', async () => {
  await using registry = await MemoryRegistry.start()
  const converter = make(registry)
  assert.equal(converter.fromConnectData('t', null, Schemas.OPTIONAL_STRING, null), null)
  assert.equal(converter.fromConnectData('t', null, null, null), null)
  assert.throws(() => converter.fromConnectData('t', null, Schemas.STRING, null), DataException)
  assert.deepEqual(registry.taken(), [])
})

test('names subjects by topic, by record, or by both', async () => {
  await using registry = await MemoryRegistry.start()
  const subjectOf = async (strategy: string, isKey: boolean, schema: Schema = USER) => {
    const key = `${isKey ? 'key' : 'value'}.subject.name.strategy`
    const converter = make(registry, { [key]: `io.confluent.kafka.serializers.subject.${strategy}` }, isKey)
    const bytes = await converter.fromConnectData('t', null, schema, { id: 1, name: null })
    assert.deepEqual((await converter.toConnectData('t', null, Buffer.from(bytes as Uint8Array))).value, {
      id: 1,
      name: null,
    })
    converter.close()
    return registry
      .taken()
      .find((request) => request.startsWith('POST'))
      ?.split('/')[2]
  }
  assert.equal(await subjectOf('TopicNameStrategy', true), 't-key')
  assert.equal(await subjectOf('RecordNameStrategy', false), 'ex.User')
  assert.equal(await subjectOf('TopicRecordNameStrategy', true), 't-ex.User')
  // A registry without associations: by topic.
  assert.equal(await subjectOf('AssociatedNameStrategy', false), 't-value')
  const converter = make(registry, { 'value.subject.name.strategy': 'RecordNameStrategy' })
  await assert.rejects(
    async () => converter.fromConnectData('t', null, Schemas.STRING, 'x'),
    /the message value must only be a record schema/,
  )
  assert.throws(() => make(registry, { 'value.subject.name.strategy': 'my.Own' }), /a JVM class cannot be loaded here/)
})

test('without registration the schema must be there', async () => {
  await using registry = await MemoryRegistry.start()
  const converter = make(registry, { 'auto.register.schemas': 'false' })
  const write = async () => converter.fromConnectData('t', null, ID_ONLY, { id: 1 })
  await assert.rejects(write, (error) => error instanceof DataException && /40401/.test(error.message))
  const id = await register(
    registry,
    't-value',
    '{"type":"record","name":"User","namespace":"ex","fields":[{"name":"id","type":"long"}],"connect.name":"ex.User"}',
  )
  assert.equal(Buffer.from((await write()) as Uint8Array).readInt32BE(1), id)
})

test('writes with the latest version, by names, and with defaults for what the record does not have', async () => {
  await using registry = await MemoryRegistry.start()
  const latest = { 'auto.register.schemas': 'false', 'use.latest.version': 'true' }
  const id = await register(
    registry,
    't-value',
    avro(
      { name: 'extra', type: 'string', default: 'e' },
      { name: 'name', type: ['null', 'string'] },
      { name: 'id', type: 'long' },
    ),
  )
  const converter = make(registry, latest)
  const bytes = Buffer.from((await converter.fromConnectData('t', null, USER, { id: 7, name: 'n' })) as Uint8Array)
  assert.deepEqual([bytes.readInt32BE(1), bytes.subarray(5).toString('hex')], [id, '026502026e0e'])
  // One that cannot read what is written is refused, unless that is allowed; then it still must be written.
  await register(registry, 'u-value', avro({ name: 'id', type: 'int' }))
  const refuse = async (configs: Record<string, string>, message: RegExp) => {
    const strict = make(registry, { ...latest, ...configs })
    await assert.rejects(
      async () => strict.fromConnectData('u', null, ID_ONLY, { id: 1 }),
      (error) => error instanceof DataException && message.test(error.message),
    )
  }
  await refuse({}, /latest.compatibility.strict=false/)
  await refuse({ 'latest.compatibility.strict': 'false' }, /cannot be written under the registered one/)
})

test('writes with the schema of an id', async () => {
  await using registry = await MemoryRegistry.start()
  const id = await register(registry, 'other', avro({ name: 'id', type: 'long' }))
  const converter = make(registry, { 'auto.register.schemas': 'false', 'use.schema.id': String(id) })
  const bytes = Buffer.from((await converter.fromConnectData('t', null, ID_ONLY, { id: 3 })) as Uint8Array)
  assert.equal(bytes.toString('hex'), `000000000${id}06`)
  assert.deepEqual(registry.taken(), [`GET /schemas/ids/${id}?fetchMaxId=false&subject=t-value`])
})

test('reads as the latest version when asked to, and as it was written otherwise', async () => {
  await using registry = await MemoryRegistry.start()
  await register(registry, 't-value', avro({ name: 'id', type: 'int' }))
  await register(
    registry,
    't-value',
    avro({ name: 'name', type: 'string', default: 'none' }, { name: 'id', type: 'long' }),
  )
  const bytes = Buffer.from('000000000106', 'hex')
  const plain = await make(registry).toConnectData('t', null, bytes)
  assert.deepEqual([plain.value, plain.schema?.version], [{ id: 3 }, 1])
  const latest = await make(registry, { 'use.latest.version': 'true' }).toConnectData('t', null, bytes)
  assert.deepEqual(latest.value, { name: 'none', id: 3 })
  assert.deepEqual(Object.keys(latest.value as object), ['name', 'id'])
})

test('a schema of another subject is read, without a version', async () => {
  await using registry = await MemoryRegistry.start()
  await register(registry, 'elsewhere', avro({ name: 'id', type: 'long' }))
  const { schema, value } = await make(registry).toConnectData('t', null, Buffer.from('000000000106', 'hex'))
  assert.deepEqual([value, schema?.version], [{ id: 3 }, null])
})

test('reads a schema that refers to others, and those that they refer to', async () => {
  await using registry = await MemoryRegistry.start()
  const client = new SchemaRegistryClient({ 'schema.registry.url': registry.url })
  const send = (subject: string, schema: string, name?: string, of?: string) => {
    const references = name === undefined || of === undefined ? [] : [{ name, subject: of, version: 1 }]
    return client.register(subject, { schemaType: 'AVRO', schema, references })
  }
  await send('color', '{"type":"enum","name":"ex.Color","symbols":["RED","BLUE"]}')
  await send(
    'paint',
    '{"type":"record","name":"ex.Paint","fields":[{"name":"color","type":"Color"}]}',
    'ex.Color',
    'color',
  )
  const { id } = await send(
    't-value',
    avro({ name: 'a', type: 'ex.Paint' }, { name: 'b', type: 'Paint' }),
    'ex.Paint',
    'paint',
  )
  client.close()
  const { value } = await make(registry).toConnectData('t', null, Buffer.from(`000000000${id}0200`, 'hex'))
  assert.deepEqual(value, { a: { color: 'BLUE' }, b: { color: 'RED' } })
})

test('looks for the latest version again when its time is over', async () => {
  await using registry = await MemoryRegistry.start()
  const latest = { 'auto.register.schemas': 'false', 'use.latest.version': 'true', 'latest.cache.ttl.sec': '0' }
  await register(registry, 't-value', avro({ name: 'id', type: 'long' }))
  const converter = make(registry, latest)
  const idOf = async () =>
    Buffer.from((await converter.fromConnectData('t', null, ID_ONLY, { id: 1 })) as Uint8Array).readInt32BE(1)
  assert.equal(await idOf(), 1)
  await register(registry, 't-value', avro({ name: 'id', type: 'long' }, { name: 'x', type: 'int', default: 0 }))
  assert.equal(await idOf(), 2)
  const bytes = Buffer.from('000000000106', 'hex')
  for (let at = 0; at < 2; at++) {
    assert.deepEqual((await converter.toConnectData('t', null, bytes)).value, { id: 3, x: 0 })
  }
})

test('schemas that contain themselves are read and written', async () => {
  await using registry = await MemoryRegistry.start()
  const list =
    '{"type":"record","name":"ex.List","fields":[{"name":"v","type":"int"},{"name":"next","type":["null","List"]}]}'
  const id = await register(registry, 't-value', list)
  const converter = make(registry, { 'auto.register.schemas': 'false', 'use.schema.id': String(id) })
  const bytes = Buffer.from(`000000000${id}020204020600`, 'hex')
  const { schema, value } = await converter.toConnectData('t', null, bytes)
  assert.deepEqual(value, { v: 1, next: { v: 2, next: { v: 3, next: null } } })
  assert.deepEqual(await converter.fromConnectData('t', null, schema, value), bytes)
})

test('puts the GUID into a header, once, and finds it there', async () => {
  await using registry = await MemoryRegistry.start()
  const converter = make(registry, {
    'value.schema.id.serializer': 'io.confluent.kafka.serializers.schema.id.HeaderSchemaIdSerializer',
  })
  assert.deepEqual([converter.writesHeaders, converter.readsHeaders], [true, true])
  const headers = new Headers()
  const bytes = Buffer.from((await converter.fromConnectData('t', headers, ID_ONLY, { id: 3 })) as Uint8Array)
  converter.fromConnectData('t', headers, ID_ONLY, { id: 4 })
  assert.equal(bytes.toString('hex'), '06')
  const [header, ...more] = [...headers]
  const guid = header?.value as Buffer
  assert.deepEqual([header?.key, more.length, guid.length], ['__value_schema_id', 0, 17])
  assert.deepEqual((await converter.toConnectData('t', headers, bytes)).value, { id: 3 })
  // The same id before the bytes, as some send it.
  const prefixed = Buffer.concat([guid, bytes])
  assert.deepEqual((await converter.toConnectData('t', new Headers(), prefixed)).value, { id: 3 })
  assert.throws(() => converter.fromConnectData('t', null, ID_ONLY, { id: 3 }), DataException)
})

test('tells what may pass from what will not', async () => {
  await using registry = await MemoryRegistry.start()
  const converter = make(registry)
  let status = 503
  registry.fault = (_request, response) => {
    response.writeHead(status).end('{}')
    return true
  }
  const kind = async () => {
    const error = await Promise.resolve()
      .then(() => converter.fromConnectData('t', null, ID_ONLY, { id: 1 }))
      .catch((caught: unknown) => caught)
    assert.match(String(error), /schema for the value of topic t/)
    return error
  }
  assert.ok((await kind()) instanceof RetriableException)
  status = 422
  assert.ok((await kind()) instanceof DataException)
  status = 401
  const refused = await kind()
  assert.ok(refused instanceof ConnectException && !(refused instanceof DataException) && !refused.retriable)
  registry.fault = null
  assert.ok((await converter.fromConnectData('t', null, ID_ONLY, { id: 1 })) !== null)
})

test('refuses trailing bytes only when told to', async () => {
  await using registry = await MemoryRegistry.start()
  await register(registry, 't-value', avro({ name: 'id', type: 'long' }))
  const bytes = Buffer.from('00000000010600', 'hex')
  assert.deepEqual((await make(registry).toConnectData('t', null, bytes)).value, { id: 3 })
  const strict = make(registry, { 'avro.fail.on.trailing.data': 'true' })
  await assert.rejects(async () => strict.toConnectData('t', null, bytes), /1 bytes follow the Avro value/)
})
