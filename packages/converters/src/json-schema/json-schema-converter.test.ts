// What JsonSchemaConverter does with its registry, with nulls, and with what a schema does not allow.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataException, type Schema, SchemaBuilder, Schemas } from '@millrace/api'
import type { SchemaReference } from '@millrace/schemas'
import { SchemaRegistryClient } from '../registry/client.ts'
import { MemoryRegistry } from '../registry/testing/memory-registry.ts'
import { indented } from './indent.ts'
import { JsonSchemaConverter } from './json-schema-converter.ts'

const USER = SchemaBuilder.struct()
  .name('ex.User')
  .field('id', Schemas.INT64)
  .field('name', Schemas.OPTIONAL_STRING)
  .build()
const USER_TEXT =
  '{"type":"object","title":"ex.User","properties":{"name":{"connect.index":1,"oneOf":[{"type":"null"},{"type":"string"}]},' +
  '"id":{"type":"integer","connect.index":0,"connect.type":"int64"}}}'
const FRAME = 5

function make(
  registry: MemoryRegistry,
  configs: Readonly<Record<string, string>> = {},
  isKey = false,
): JsonSchemaConverter {
  const converter = new JsonSchemaConverter()
  converter.configure({ 'schema.registry.url': registry.url, 'max.retries': '0', ...configs }, isKey)
  return converter
}
async function register(
  registry: MemoryRegistry,
  schema: unknown,
  subject = 't-value',
  references: readonly SchemaReference[] = [],
): Promise<number> {
  const client = new SchemaRegistryClient({ 'schema.registry.url': registry.url })
  const { id } = await client.register(subject, { schemaType: 'JSON', schema: JSON.stringify(schema), references })
  client.close()
  return id
}
function framed(id: number, text: string): Buffer {
  const frame = Buffer.alloc(FRAME)
  frame.writeInt32BE(id, 1)
  return Buffer.concat([frame, Buffer.from(text)])
}
async function textOf(converter: JsonSchemaConverter, schema: Schema, value: unknown): Promise<string | null> {
  const bytes = await converter.fromConnectData('t', null, schema, value)
  return bytes === null ? null : Buffer.from(bytes).toString('utf8', FRAME)
}
/** Registers a schema and reads a text under it. */
async function read(
  registry: MemoryRegistry,
  schema: unknown,
  text: string,
  configs: Readonly<Record<string, string>> = {},
): Promise<{ readonly schema: Schema | null; readonly value: unknown }> {
  const id = await register(registry, schema)
  return make(registry, configs).toConnectData('t', null, framed(id, text))
}

test('registers the schema once, and then answers without a promise', async () => {
  await using registry = await MemoryRegistry.start()
  const converter = make(registry)
  const first = converter.fromConnectData('t', null, USER, { id: 1, name: 'a' })
  assert.ok(first instanceof Promise)
  const bytes = Buffer.from((await first) as Uint8Array)
  assert.equal(bytes.toString('latin1'), '\0\0\0\0\x01{"id":1,"name":"a"}')
  assert.equal(JSON.parse(registry.requests[0]?.body ?? '').schema, USER_TEXT)
  assert.equal(JSON.parse(registry.requests[0]?.body ?? '').schemaType, 'JSON')
  assert.ok(Buffer.isBuffer(converter.fromConnectData('t', null, USER, { id: 2n ** 62n, name: null })))
  assert.deepEqual(registry.taken(), ['POST /subjects/t-value/versions?normalize=false'])
  const back = await converter.toConnectData('t', null, bytes)
  assert.deepEqual(back.value, { id: 1, name: 'a' })
  assert.deepEqual([back.schema?.name, back.schema?.version], ['ex.User', 1])
  assert.ok(!(converter.toConnectData('t', null, bytes) instanceof Promise))
  converter.close()
})

test('a null that the schema allows is a null of JSON, any other is null bytes', async () => {
  await using registry = await MemoryRegistry.start()
  const converter = make(registry)
  assert.equal(converter.fromConnectData('t', null, Schemas.STRING, null), null)
  assert.equal(converter.fromConnectData('t', null, null, null), null)
  assert.deepEqual(registry.taken(), [])
  assert.equal(await textOf(converter, Schemas.OPTIONAL_STRING, null), 'null')
  assert.equal(await textOf(converter, SchemaBuilder.string().default('d').build(), null), '"d"')
  const ignoring = make(registry, { 'ignore.default.for.nullables': 'true' })
  assert.equal(ignoring.fromConnectData('t', null, SchemaBuilder.string().default('d').build(), null), null)
  assert.equal(await textOf(ignoring, SchemaBuilder.string().optional().default('d').build(), null), 'null')
  // In a struct it is left out.
  assert.equal(await textOf(converter, USER, { id: null, name: null }), '{"name":null}')
})

test('a value without a schema is refused, with what to do', async () => {
  await using registry = await MemoryRegistry.start()
  await assert.rejects(
    async () => make(registry).fromConnectData('t', null, null, { a: 1 }),
    /a converter of values without schemas/,
  )
})

test('reads with the latest version, and writes under it', async () => {
  await using registry = await MemoryRegistry.start()
  const old = await register(registry, { type: 'object', properties: { id: { type: 'integer' } } })
  await register(registry, {
    type: 'object',
    title: 'New',
    properties: { id: { type: 'integer' }, x: { type: 'string' } },
  })
  const converter = make(registry, {
    'auto.register.schemas': 'false',
    'use.latest.version': 'true',
    'latest.compatibility.strict': 'false',
  })
  const back = await converter.toConnectData('t', null, framed(old, '{"id":5}'))
  assert.deepEqual(back.value, { x: null, id: 5 })
  assert.equal(back.schema?.name, 'New')
  const bytes = (await converter.fromConnectData('t', null, USER, { id: 1, name: null })) as Buffer
  assert.equal(bytes.readInt32BE(1), old + 1)
})

test('references lead to other subjects', async () => {
  await using registry = await MemoryRegistry.start()
  await register(registry, { type: 'object', title: 'Address', properties: { city: { type: 'string' } } }, 'address')
  const schema = { type: 'object', properties: { home: { $ref: 'address.json' }, work: { $ref: 'address.json' } } }
  const id = await register(registry, schema, 't-value', [{ name: 'address.json', subject: 'address', version: 1 }])
  const bytes = framed(id, '{"home":{"city":"Utrecht"},"work":{"city":"Delft"}}')
  for (const validate of ['false', 'true']) {
    const converter = make(registry, { 'json.fail.invalid.schema': validate })
    const { value, schema: connect } = await converter.toConnectData('t', null, bytes)
    assert.deepEqual(value, { work: { city: 'Delft' }, home: { city: 'Utrecht' } })
    assert.equal(connect?.fields[0]?.schema.name, 'Address')
  }
  const strict = make(registry, { 'json.fail.invalid.schema': 'true' })
  await assert.rejects(
    async () => strict.toConnectData('t', null, framed(id, '{"home":{"city":5}}')),
    /does not fit its JSON schema: \/home\/city must be string/,
  )
})

test('a schema that contains itself is read and written', async () => {
  await using registry = await MemoryRegistry.start()
  const schema = {
    type: 'object',
    title: 'Tree',
    properties: { name: { type: 'string' }, nodes: { type: 'array', items: { $ref: '#' } } },
  }
  const text = '{"nodes":[{"nodes":[{"nodes":[],"name":"c"}],"name":"b"}],"name":"a"}'
  const read = await make(registry).toConnectData('t', null, framed(await register(registry, schema), text))
  assert.deepEqual(read.value, JSON.parse(text))
  assert.equal(await textOf(make(registry), read.schema as Schema, read.value), text)
  const written = JSON.parse(registry.requests.at(-1)?.body ?? '').schema
  assert.match(written, /"items":\{"\$ref":"#id1"\}/)
})

test('values that do not fit their schema fail when they are to be checked, under every draft', async () => {
  await using registry = await MemoryRegistry.start()
  const strict = { 'json.fail.invalid.schema': 'true' }
  for (const draft of [
    'http://json-schema.org/draft-04/schema#',
    'http://json-schema.org/draft-06/schema#',
    'http://json-schema.org/draft-07/schema#',
    'https://json-schema.org/draft/2019-09/schema',
    'https://json-schema.org/draft/2020-12/schema',
  ]) {
    const schema = {
      $schema: draft,
      type: 'object',
      properties: { n: { $ref: '#/definitions/N' }, at: { type: 'string', format: 'date-time' } },
      required: ['n'],
      definitions: { N: { type: 'integer', maximum: 10 } },
    }
    assert.deepEqual((await read(registry, schema, '{"n":10}', strict)).value, { at: null, n: 10 })
    await assert.rejects(read(registry, schema, '{"n":11}', strict), /\/n must be <= 10/)
    await assert.rejects(read(registry, schema, '{}', strict), /the value must have required property 'n'/)
    const dated = read(registry, schema, '{"n":1,"at":"yesterday"}', strict)
    if (draft.startsWith('https:')) assert.equal((await dated).schema?.type, 'STRUCT')
    else await assert.rejects(dated, /\/at must match format "date-time"/)
    assert.equal((await read(registry, schema, '{"n":11}')).schema?.type, 'STRUCT')
  }
})

test('multiples are those of decimals', async () => {
  await using registry = await MemoryRegistry.start()
  const strict = { 'json.fail.invalid.schema': 'true' }
  const price = { type: 'number', multipleOf: 0.01 }
  for (const text of ['19.99', '1.13', '0', '-4', '1e21', '123456789.37']) {
    assert.equal((await read(registry, price, text, strict)).value, Number(text))
  }
  await assert.rejects(read(registry, price, '19.995', strict), /the value must be a multiple/)
  await assert.rejects(read(registry, { type: 'integer', multipleOf: 3 }, '10', strict), /the value must be a multiple/)
})

test('what is written is checked, too', async () => {
  await using registry = await MemoryRegistry.start()
  await register(registry, { type: 'object', properties: { id: { type: 'integer', maximum: 10 } } })
  const converter = make(registry, {
    'json.fail.invalid.schema': 'true',
    'auto.register.schemas': 'false',
    'use.latest.version': 'true',
    'latest.compatibility.strict': 'false',
  })
  assert.equal(await textOf(converter, USER, { id: 10, name: null }), '{"id":10,"name":null}')
  await assert.rejects(textOf(converter, USER, { id: 11, name: null }), /\/id must be <= 10/)
})

test('numbers keep their digits, and texts for what JSON has no number for are read', async () => {
  await using registry = await MemoryRegistry.start()
  const schema = {
    type: 'object',
    properties: {
      long: { type: 'integer' },
      double: { type: 'number' },
      decimal: {
        type: 'number',
        title: 'org.apache.kafka.connect.data.Decimal',
        'connect.type': 'bytes',
        'connect.parameters': { scale: '2' },
      },
    },
  }
  const { value } = await read(registry, schema, '{"long":9223372036854775807,"double":NaN,"decimal":1.10}')
  const members = value as Record<string, unknown>
  assert.equal(members.long, 2n ** 63n - 1n)
  assert.ok(Number.isNaN(members.double))
  assert.equal(String(members.decimal), '1.10')
  assert.deepEqual((await read(registry, { type: 'number' }, '"-Infinity"')).value, Number.NEGATIVE_INFINITY)
})

test('a union tells 1.0 from 1', async () => {
  await using registry = await MemoryRegistry.start()
  const schema = { type: 'object', properties: { u: { oneOf: [{ type: 'integer' }, { type: 'number' }] } } }
  const chosen = async (text: string) =>
    Object.values((await read(registry, schema, `{"u":${text}}`)).value as object).flatMap(Object.values)
  assert.deepEqual(await chosen('1'), [1, null])
  assert.deepEqual(await chosen('1.0'), [null, 1])
  assert.deepEqual(await chosen('9007199254740993'), [9007199254740993n, null])
})

test('errors say where', async () => {
  await using registry = await MemoryRegistry.start()
  const schema = {
    type: 'object',
    properties: { rows: { type: 'array', items: { type: 'object', properties: { id: { type: 'integer' } } } } },
  }
  await assert.rejects(read(registry, schema, '{"rows":[{"id":1},{"id":null}]}'), /\(at rows\[1\]\.id\)/)
  await assert.rejects(
    read(registry, schema, '{"rows":[{"id":1},{}]}'),
    /required field "id" of type INT64 \(at rows\[1\]\)/,
  )
  await assert.rejects(textOf(make(registry), USER, { id: 'x', name: null }), /Invalid type for INT64.*\(at id\)/)
  await assert.rejects(read(registry, { type: 'integer' }, ''), /There is no JSON/)
  await assert.rejects(read(registry, { not: { type: 'string' } }, '1'), DataException)
})

test('what a schema does not name is kept on demand, and written back', async () => {
  await using registry = await MemoryRegistry.start()
  const keep = { 'preserve.additional.properties': 'true' }
  const schema = { type: 'object', properties: { a: { type: 'string' } } }
  const text = '{"a":"x","b":[1,2.50,null,"y"],"c":{"d":9007199254740993,"e":true}}'
  const kept = await read(registry, schema, text, keep)
  assert.equal(await textOf(make(registry, keep), kept.schema as Schema, kept.value), text)
  assert.doesNotMatch(JSON.parse(registry.requests.at(-1)?.body ?? '').schema, /additional/)
  assert.deepEqual((await read(registry, schema, text)).value, { a: 'x' })
})

test('keys have the escapes of the reference', async () => {
  await using registry = await MemoryRegistry.start()
  assert.equal(await textOf(make(registry, {}, true), Schemas.STRING, '\u001f'), '"\\u001F"')
})

test('values stand over several lines on demand', async () => {
  await using registry = await MemoryRegistry.start()
  const converter = make(registry, { 'json.indent.output': 'true' })
  assert.equal(await textOf(converter, USER, { id: 1, name: 'a:{' }), '{\n  "id" : 1,\n  "name" : "a:{"\n}')
  // As Jackson lays it out.
  assert.equal(
    indented('{"a":[1,{"b":"x,\\"y"},[]],"c":{},"d":[{"e":null},-1.5E7]}'),
    '{\n  "a" : [ 1, {\n    "b" : "x,\\"y"\n  }, [ ] ],\n  "c" : { },\n  "d" : [ {\n    "e" : null\n  }, -1.5E7 ]\n}',
  )
})
