// What ProtobufConverter does with its registry: which schemas it registers and reads with, and which message of a file a record is.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataException, Headers, type Schema, SchemaBuilder, Schemas, timestampBuilder } from '@millrace/api'
import { SchemaRegistryClient } from '../registry/client.ts'
import { MemoryRegistry } from '../registry/testing/memory-registry.ts'
import { ProtobufConverter } from './protobuf-converter.ts'

const USER = SchemaBuilder.struct()
  .name('ex.User')
  .field('id', Schemas.INT64)
  .field('name', Schemas.OPTIONAL_STRING)
  .build()
const TIMED = SchemaBuilder.struct().name('ex.Timed').field('at', timestampBuilder().build()).build()
const NO_RETRY = { 'max.retries': '0' }

function make(registry: MemoryRegistry, configs: Readonly<Record<string, string>> = {}): ProtobufConverter {
  const converter = new ProtobufConverter()
  converter.configure({ 'schema.registry.url': registry.url, ...NO_RETRY, ...configs }, false)
  return converter
}
async function register(
  registry: MemoryRegistry,
  subject: string,
  schema: string,
  references: readonly { name: string; subject: string; version: number }[] = [],
): Promise<number> {
  const client = new SchemaRegistryClient({ 'schema.registry.url': registry.url })
  const { id } = await client.register(subject, { schemaType: 'PROTOBUF', schema, references })
  client.close()
  registry.taken()
  return id
}
const bytesOf = async (converter: ProtobufConverter, schema: Schema, value: unknown, headers: Headers | null = null) =>
  Buffer.from((await converter.fromConnectData('t', headers, schema, value)) as Uint8Array)
/** Of a record under the schema of an id. */
const frame = (id: number, rest: string) => Buffer.from(`000000000${id}${rest.replaceAll(' ', '')}`, 'hex')

test('registers a file once, and then answers without a promise', async () => {
  await using registry = await MemoryRegistry.start()
  const converter = make(registry)
  const bytes = await bytesOf(converter, USER, { id: 1, name: 'a' })
  assert.equal(bytes.toString('hex'), '0000000001000801120161')
  assert.ok(Buffer.isBuffer(converter.fromConnectData('t', null, USER, { id: 2, name: null })))
  const [{ body } = { body: '' }] = registry.requests
  assert.deepEqual(JSON.parse(body), {
    schemaType: 'PROTOBUF',
    schema: 'syntax = "proto3";\npackage ex;\n\nmessage User {\n  int64 id = 1;\n  string name = 2;\n}\n',
  })
  assert.deepEqual(registry.taken(), ['POST /subjects/t-value/versions?normalize=false'])
  const reading = converter.toConnectData('t', null, bytes)
  assert.ok(reading instanceof Promise)
  assert.deepEqual((await reading).value, { id: 1, name: 'a' })
  assert.ok(!(converter.toConnectData('t', null, bytes) instanceof Promise))
  converter.close()
})

test('names the message within its file', async () => {
  await using registry = await MemoryRegistry.start()
  const text = `syntax = "proto3";
    package ex;
    message A { int32 a = 1; message In { int32 i = 1; message Deep { int32 d = 1; } } message Other { string o = 1; } }
    enum E { ZERO = 0; }
    message B { string b = 1; map<string, A> m = 2; message In { bool i = 1; } }`
  const id = await register(registry, 't-value', text)
  const converter = make(registry)
  const read = async (rest: string) => {
    const { schema, value } = await converter.toConnectData('t', null, frame(id, rest))
    return [schema?.name, value]
  }
  assert.deepEqual(await read('00 0805'), ['A', { a: 5 }])
  assert.deepEqual(await read('0200 0805'), ['A', { a: 5 }])
  assert.deepEqual(await read('040000 0805'), ['In', { i: 5 }])
  assert.deepEqual(await read('06000000 0805'), ['Deep', { d: 5 }])
  assert.deepEqual(await read('040002 0a0161'), ['Other', { o: 'a' }])
  assert.deepEqual(await read('0202 0a0161'), ['B', { b: 'a', m: new Map() }])
  assert.deepEqual(await read('040200 0801'), ['In', { i: true }])
  const fails = (rest: string, what: RegExp) =>
    assert.rejects(
      async () => read(rest),
      (error) => error instanceof DataException && what.test(error.message),
    )
  await fails('0204', /no message of the indexes \[2\]/)
  await fails('0201', /no message of the indexes \[-1\]/)
  await fails('040202', /no message of the indexes \[1, 1\]/)
  await fails('01', /said to be -1/)
  await fails('feffffff0f', /said to be 2147483647/)
  await fails('04', /end within the indexes/)
  await fails('', /end within the indexes/)
  converter.close()
})

test('messages behind maps count where the text declares them', async () => {
  await using registry = await MemoryRegistry.start()
  const text = `syntax = "proto3";
    message A {
      repeated MEntry m = 1; Last last = 2;
      message MEntry { option map_entry = true; string key = 1; int32 value = 2; }
      message Last { int32 x = 1; }
    }`
  const id = await register(registry, 't-value', text)
  const converter = make(registry)
  assert.deepEqual((await converter.toConnectData('t', null, frame(id, '040002 0805'))).value, { x: 5 })
  const { value } = await converter.toConnectData('t', null, frame(id, '00 0a050a01611007 12020801'))
  assert.deepEqual(value, { m: new Map([['a', 7]]), last: { x: 1 } })
})

test('a file that only imports another publicly offers the messages of that one', async () => {
  await using registry = await MemoryRegistry.start()
  await register(
    registry,
    'inner',
    'syntax = "proto3"; package ex; message Z { int32 z = 1; } message User { int64 id = 1; string name = 2; }',
  )
  const references = [{ name: 'ex/user.proto', subject: 'inner', version: 1 }]
  const id = await register(registry, 't-value', 'syntax = "proto3"; import public "ex/user.proto";', references)
  const bytes = frame(id, '0202 0807 12016e')
  assert.deepEqual((await make(registry).toConnectData('t', null, bytes)).value, { id: 7, name: 'n' })
  const latest = {
    'auto.register.schemas': 'false',
    'use.latest.version': 'true',
    'latest.compatibility.strict': 'false',
  }
  assert.deepEqual(await bytesOf(make(registry, latest), USER, { id: 7, name: 'n' }), bytes)
})

test('a primitive value is the fifth message of the file of wrappers', async () => {
  await using registry = await MemoryRegistry.start()
  const converter = make(registry)
  const bytes = await bytesOf(converter, Schemas.INT32, 5)
  assert.equal(bytes.toString('hex'), '00000000010208 0805'.replace(' ', ''))
  const { schema, value } = await converter.toConnectData('t', null, bytes)
  assert.deepEqual([schema?.type, schema?.optional, schema?.version, value], ['INT32', false, 1, 5])
  const raw = make(registry, { 'wrapper.for.raw.primitives': 'false' })
  assert.deepEqual((await raw.toConnectData('t', null, bytes)).value, { value: 5 })
  // The record's name is that of its message.
  const named = make(registry, { 'value.subject.name.strategy': 'RecordNameStrategy' })
  registry.taken()
  await bytesOf(named, Schemas.STRING, 'x')
  assert.deepEqual(registry.taken(), ['POST /subjects/google.protobuf.StringValue/versions?normalize=false'])
})

test('puts the GUID and the indexes into a header', async () => {
  await using registry = await MemoryRegistry.start()
  const converter = make(registry, {
    'value.schema.id.serializer': 'io.confluent.kafka.serializers.schema.id.HeaderSchemaIdSerializer',
  })
  const headers = new Headers()
  const bytes = await bytesOf(converter, Schemas.STRING, 'x', headers)
  assert.equal(bytes.toString('hex'), '0a0178')
  const header = headers.lastWithName('__value_schema_id')?.value as Buffer
  assert.equal(header.subarray(17).toString('hex'), '020e')
  assert.equal((await converter.toConnectData('t', headers, bytes)).value, 'x')
  const prefixed = Buffer.concat([header, bytes])
  assert.equal((await converter.toConnectData('t', new Headers(), prefixed)).value, 'x')
})

test('well-known files are left to the registry, unless they are to be registered, too', async () => {
  await using registry = await MemoryRegistry.start()
  const value = { at: new Date(1000) }
  const bytes = await bytesOf(make(registry), TIMED, value)
  assert.equal(bytes.toString('hex'), '000000000100 0a020801'.replace(' ', ''))
  assert.equal(JSON.parse(registry.requests[0]?.body ?? '').references, undefined)
  registry.taken()
  const all = { 'skip.known.types': 'false', 'value.subject.name.strategy': 'RecordNameStrategy' }
  const converter = make(registry, all)
  const own = await bytesOf(converter, TIMED, value)
  const [first, last] = registry.requests
  assert.match(JSON.parse(first?.body ?? '').schema, /message Timestamp \{\n {2}int64 seconds = 1/)
  assert.deepEqual(JSON.parse(last?.body ?? '').references, [
    { name: 'google/protobuf/timestamp.proto', subject: 'google/protobuf/timestamp.proto', version: 1 },
  ])
  assert.deepEqual((await converter.toConnectData('t', null, own)).value, value)
  registry.taken()
  const qualified = 'io.confluent.kafka.serializers.subject.QualifiedReferenceSubjectNameStrategy'
  await bytesOf(make(registry, { ...all, 'reference.subject.name.strategy': qualified }), TIMED, value)
  assert.equal(registry.taken()[0], 'POST /subjects/google.protobuf.timestamp/versions?normalize=false')
  // Only looked up: it is not there under the topic's name.
  const only = make(registry, { ...all, 'reference.lookup.only': 'true', 'reference.subject.name.strategy': qualified })
  await bytesOf(only, TIMED, value)
  assert.match(registry.taken()[0] ?? '', /^POST \/subjects\/google.protobuf.timestamp\?normalize/)
  assert.throws(
    () => make(registry, { 'reference.subject.name.strategy': 'my.Own' }),
    /Classes of the JVM cannot be loaded/,
  )
})

test('reads files that import others, and what those import', async () => {
  await using registry = await MemoryRegistry.start()
  await register(registry, 'color', 'syntax = "proto3"; package ex; enum Color { RED = 0; BLUE = 1; }')
  await register(
    registry,
    'paint',
    'syntax = "proto3"; package ex; import public "ex/color.proto"; message Paint { Color color = 1; }',
    [{ name: 'ex/color.proto', subject: 'color', version: 1 }],
  )
  const id = await register(
    registry,
    't-value',
    `syntax = "proto3"; package shop; import "ex/paint.proto"; import "google/protobuf/duration.proto";
     message Order { ex.Paint paint = 1; ex.Color main = 2; google.protobuf.Duration took = 3; }`,
    [{ name: 'ex/paint.proto', subject: 'paint', version: 1 }],
  )
  const { schema, value } = await make(registry).toConnectData('t', null, frame(id, '00 0a020801 1001 1a020805'))
  assert.deepEqual(value, { paint: { color: 'BLUE' }, main: 'BLUE', took: { seconds: 5, nanos: 0 } })
  assert.deepEqual([schema?.name, schema?.version], ['Order', 1])
})

test('reads as the latest version when asked to, by the name of the message', async () => {
  await using registry = await MemoryRegistry.start()
  const id = await register(
    registry,
    't-value',
    'syntax = "proto3"; message A { int32 a = 1; } message B { int32 b = 1; }',
  )
  await register(
    registry,
    't-value',
    'syntax = "proto3"; message B { int64 c = 1; string d = 2; } message C { int32 c = 3; }',
  )
  const latest = make(registry, { 'use.latest.version': 'true' })
  assert.deepEqual((await latest.toConnectData('t', null, frame(id, '0202 0805'))).value, { c: 5, d: '' })
  // A message that it does not have is read as its first.
  assert.deepEqual((await latest.toConnectData('t', null, frame(id, '00 0805'))).value, { c: 5, d: '' })
  assert.deepEqual((await make(registry).toConnectData('t', null, frame(id, '0202 0805'))).value, { b: 5 })
})

test('writes the numbers of its own schema with the indexes of the registered one', async () => {
  await using registry = await MemoryRegistry.start()
  const text =
    'syntax = "proto3"; package ex; message Other { int32 x = 1; } message User { int64 id = 1; string name = 2; bool more = 3; }'
  const id = await register(registry, 't-value', text)
  const latest = { 'auto.register.schemas': 'false', 'use.latest.version': 'true' }
  const bytes = await bytesOf(make(registry, latest), USER, { id: 7, name: 'n' })
  assert.deepEqual(bytes, frame(id, '0202 0807 12016e'))
  await register(registry, 't-value', 'syntax = "proto3"; message Other { int32 x = 1; }')
  const loose = { ...latest, 'latest.compatibility.strict': 'false' }
  await assert.rejects(
    async () => bytesOf(make(registry, loose), USER, { id: 7, name: 'n' }),
    /The registered schema has no message ex\.User: it declares Other/,
  )
})

test('a struct that was read takes a new field, whose number is free', async () => {
  await using registry = await MemoryRegistry.start()
  const id = await register(
    registry,
    't-value',
    'syntax = "proto3"; message M { int32 a = 1; string b = 5; oneof o { bool c = 7; } }',
  )
  const converter = make(registry)
  const { schema, value } = await converter.toConnectData('t', null, frame(id, '00 0805 2a0162 3801'))
  const more = SchemaBuilder.struct().name('M')
  for (const field of schema?.fields ?? []) more.field(field.name, field.schema)
  const made = more.field('added', Schemas.STRING).field('last', Schemas.INT32).build()
  const bytes = await bytesOf(converter, made, { ...(value as object), added: 'x', last: 1 })
  assert.equal(bytes.subarray(6).toString('hex'), '0805 120178 1801 2a0162 3801'.replaceAll(' ', ''))
  // In the reference this one takes the number of another field, and fails.
  const only = SchemaBuilder.struct()
    .name('M')
    .field('a', schema?.fields[1]?.schema as Schema)
    .field('z', Schemas.INT32)
    .build()
  const single = SchemaBuilder.struct()
    .name('M')
    .field('z', Schemas.INT32)
    .field('a', schema?.fields[1]?.schema as Schema)
    .build()
  assert.equal((await bytesOf(converter, only, { a: 1, z: 2 })).subarray(6).toString('hex'), '08011002')
  assert.equal((await bytesOf(converter, single, { a: 1, z: 2 })).subarray(6).toString('hex'), '08011002')
  assert.deepEqual((await converter.toConnectData('t', null, bytes)).value, {
    o_0: { c: true },
    a: 5,
    b: 'b',
    added: 'x',
    last: 1,
  })
})

test('messages that contain themselves are read and written, as Connect schemas that do', async () => {
  await using registry = await MemoryRegistry.start()
  const text = `syntax = "proto3";
    message Tree { int32 v = 1; Tree left = 2; repeated Tree more = 3; map<string, Tree> named = 4; Leaf leaf = 5; }
    message Leaf { Tree tree = 1; }`
  const id = await register(registry, 't-value', text)
  const converter = make(registry, { 'auto.register.schemas': 'false', 'use.schema.id': String(id) })
  const bytes = frame(id, '00 0801 12020802 1a0412020803 22070a016b12020804 2a040a020805')
  const { schema, value } = await converter.toConnectData('t', null, bytes)
  const tree = (v: number, rest: object = {}) => ({ v, left: null, more: [], named: new Map(), leaf: null, ...rest })
  assert.deepEqual(
    value,
    tree(1, {
      left: tree(2),
      more: [tree(0, { left: tree(3) })],
      named: new Map([['k', tree(4)]]),
      leaf: { tree: tree(5) },
    }),
  )
  const own = make(registry, { 'value.subject.name.strategy': 'RecordNameStrategy' })
  const again = await bytesOf(own, schema as Schema, value)
  assert.deepEqual((await own.toConnectData('t', null, again)).value, value)
  // Structs of defaults for what is not there have no end.
  const endless = make(registry, { 'generate.struct.for.nulls': 'true' })
  await assert.rejects(async () => endless.toConnectData('t', null, bytes), /deeper than 100/)
})

test('errors name the place, in the value or in the bytes', async () => {
  await using registry = await MemoryRegistry.start()
  const line = SchemaBuilder.struct().name('Line').field('code', Schemas.STRING).field('count', Schemas.INT32).build()
  const order = SchemaBuilder.struct()
    .name('shop.Order')
    .field('user', USER)
    .field('lines', SchemaBuilder.array(line).build())
    .field('by_name', SchemaBuilder.map(Schemas.STRING, line).build())
    .build()
  const converter = make(registry)
  const fails = (value: unknown, what: RegExp) =>
    assert.rejects(
      async () => bytesOf(converter, order, value),
      (error) => error instanceof DataException && what.test(error.message),
    )
  const good = { code: 'a', count: 1 }
  await fails({ user: { id: 1.5 } }, /Invalid type for INT64: class java\.lang\.Double \(1\.5\) \(at user\.id\)$/)
  await fails({ lines: [good, { code: 1 }] }, /Invalid type for STRING: .*\(at lines\[1\]\.code\)$/)
  await fails({ by_name: new Map([['k', { count: 'x' }]]) }, /\(at by_name\["k"\]\.count\)$/)
  await fails({ lines: 'x' }, /Invalid type for ARRAY: .*\(at lines\)$/)
  const bytes = await bytesOf(converter, order, { lines: [good, good] })
  bytes[bytes.length - 3] = 0xff
  await assert.rejects(
    async () => converter.toConnectData('t', null, bytes),
    /Cannot read Protobuf: a string is not valid UTF-8 at byte 12, in shop\.Order\.lines\.code$/,
  )
})

test('a value needs a schema', async () => {
  await using registry = await MemoryRegistry.start()
  const converter = make(registry)
  assert.throws(() => converter.fromConnectData('t', null, null, 'x'), /needs a schema/)
  assert.equal(converter.fromConnectData('t', null, USER, null), null)
  assert.deepEqual(registry.taken(), [])
})
