// The REST API over the embedded broker: statuses, error codes and bodies as clients of the reference know them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Ask, freshRegistry } from './testing/harness.ts'

const record = (...fields: object[]) => ({ schema: JSON.stringify({ type: 'record', name: 'R', fields }) })
const A = record({ name: 'a', type: 'int' })
const AB = record({ name: 'a', type: 'int' }, { name: 'b', type: 'string', default: '' })
const AC = record({ name: 'a', type: 'int' }, { name: 'c', type: 'string' })

async function ok(ask: Ask, method: string, path: string, body?: unknown) {
  const answer = await ask(method, path, body)
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}

async function fails(ask: Ask, code: number, method: string, path: string, body?: unknown) {
  const answer = await ask(method, path, body)
  assert.deepEqual([answer.status, answer.body.error_code], [Number(String(code).slice(0, 3)), code], path)
  return answer.body.message as string
}

test('registers, finds and lists schemas', async (t) => {
  const { ask } = await freshRegistry(t)
  const first = await ok(ask, 'POST', '/subjects/orders-value/versions', A)
  const text = '{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}'
  // The GUID is the MD5 of the canonical text: `printf '%s' TEXT | md5sum`.
  const guid = 'e4d94c3f-c345-bad6-d759-ac6f42ea94f7'
  assert.deepEqual(first, { id: 1, version: 1, guid, schemaType: 'AVRO', schema: text })
  assert.equal((await ok(ask, 'POST', '/subjects/orders-value/versions', A)).id, 1)
  assert.equal((await ok(ask, 'POST', '/subjects/other/versions', A)).id, 1)
  assert.equal((await ok(ask, 'POST', '/subjects/orders-value/versions', AB)).id, 2)
  assert.deepEqual(await ok(ask, 'GET', '/subjects'), ['orders-value', 'other'])
  assert.deepEqual(await ok(ask, 'GET', '/subjects?subjectPrefix=ord'), ['orders-value'])
  assert.deepEqual(await ok(ask, 'GET', '/subjects?offset=1&limit=1'), ['other'])
  assert.deepEqual(await ok(ask, 'GET', '/subjects/orders-value/versions'), [1, 2])
  const latest = await ok(ask, 'GET', '/subjects/orders-value/versions/latest')
  assert.deepEqual([latest.subject, latest.version, latest.id, latest.deleted], ['orders-value', 2, 2, false])
  assert.equal(await ok(ask, 'GET', '/subjects/orders-value/versions/1/schema').then(JSON.stringify), text)
  const byId = await ok(ask, 'GET', '/schemas/ids/1')
  assert.deepEqual([byId.schema, byId.subject, byId.schemaType], [text, undefined, 'AVRO'])
  assert.equal((await ok(ask, 'GET', '/schemas/ids/1?subject=other&fetchMaxId=true')).maxId, 2)
  assert.deepEqual(await ok(ask, 'GET', '/schemas/ids/1/subjects'), ['orders-value', 'other'])
  assert.deepEqual(await ok(ask, 'GET', '/schemas/ids/1/versions'), [
    { subject: 'orders-value', version: 1 },
    { subject: 'other', version: 1 },
  ])
  assert.equal((await ok(ask, 'GET', `/schemas/guids/${guid}`)).schema, text)
  assert.deepEqual(await ok(ask, 'GET', `/schemas/guids/${guid}/ids`), [{ context: '.', id: 1 }])
  assert.equal((await ok(ask, 'POST', '/subjects/orders-value', AB)).version, 2)
  const all = await ok(ask, 'GET', '/schemas?latestOnly=true')
  assert.deepEqual(
    all.map((one: { subject: string; version: number }) => [one.subject, one.version]),
    [
      ['orders-value', 2],
      ['other', 1],
    ],
  )
  const { contentType } = await ask('GET', '/subjects')
  assert.equal(contentType, 'application/vnd.schemaregistry.v1+json')
})

test('says what is not there, and what is no request', async (t) => {
  const { ask } = await freshRegistry(t)
  assert.equal(await fails(ask, 40401, 'GET', '/subjects/x/versions'), "Subject 'x' not found.")
  assert.equal(await fails(ask, 40403, 'GET', '/schemas/ids/7'), 'Schema 7 not found')
  await fails(ask, 40401, 'POST', '/subjects/x', A)
  await ok(ask, 'POST', '/subjects/x/versions', A)
  await fails(ask, 40402, 'GET', '/subjects/x/versions/5')
  await fails(ask, 40403, 'POST', '/subjects/x', AB)
  await fails(ask, 42202, 'GET', '/subjects/x/versions/0')
  await fails(ask, 42202, 'GET', '/subjects/x/versions/first')
  assert.match(
    await fails(ask, 42201, 'POST', '/subjects/x/versions', { schema: '{"type":"no"}' }),
    /type AVRO, details/,
  )
  await fails(ask, 42201, 'POST', '/subjects/x/versions', { schema: '"int"', schemaType: 'XML' })
  await fails(ask, 42208, 'POST', '/subjects/__GLOBAL/versions', A)
  await fails(ask, 422, 'POST', '/subjects/x/versions')
  await fails(ask, 400, 'POST', '/subjects/x/versions', '{')
  await fails(ask, 404, 'GET', '/nothing')
  await fails(ask, 405, 'DELETE', '/subjects')
  await fails(ask, 40408, 'GET', '/config/x')
  await fails(ask, 40409, 'GET', '/mode/x')
})

test('holds JSON schemas to the rules of their language, with references', async (t) => {
  const { ask } = await freshRegistry(t)
  const json = (schema: object, more: object = {}) => ({ schemaType: 'JSON', schema: JSON.stringify(schema), ...more })
  const row = (properties: object) => json({ type: 'object', properties, additionalProperties: false })
  const first = await ok(ask, 'POST', '/subjects/row/versions', row({ a: { type: 'integer' } }))
  assert.equal(first.schemaType, 'JSON')
  assert.deepEqual(await ok(ask, 'GET', `/schemas/ids/${first.id}`).then(({ schemaType }) => schemaType), 'JSON')
  const message = await fails(ask, 40901, 'POST', '/subjects/row/versions', row({ a: { type: 'string' } }))
  assert.match(message, /TYPE_CHANGED.*#\/properties\/a/)
  assert.equal((await ok(ask, 'POST', '/subjects/row/versions', row({ a: { type: 'number' }, b: {} }))).version, 2)
  await fails(ask, 42201, 'POST', '/subjects/bad/versions', json({ type: 'strin' }))
  const references = [{ name: 'row.json', subject: 'row', version: 2 }]
  const table = json({ type: 'array', items: { $ref: 'row.json' } }, { references })
  assert.equal((await ok(ask, 'POST', '/subjects/table/versions', table)).version, 1)
  await fails(ask, 42201, 'POST', '/subjects/table/versions', { ...table, references: [] })
})

test('holds compatibility, and says what is in the way', async (t) => {
  const { ask } = await freshRegistry(t)
  await ok(ask, 'POST', '/subjects/x/versions', A)
  const message = await fails(ask, 40901, 'POST', '/subjects/x/versions', AC)
  assert.match(message, /READER_FIELD_MISSING_DEFAULT_VALUE.*'c' at path '\/fields\/1'.*oldSchemaVersion: 1/)
  const path = '/compatibility/subjects/x/versions'
  assert.deepEqual(await ok(ask, 'POST', `${path}/latest`, AC), { is_compatible: false })
  assert.deepEqual(await ok(ask, 'POST', `${path}/1?verbose=true`, AB), { is_compatible: true, messages: [] })
  const verbose = await ok(ask, 'POST', `${path}?verbose=true`, AC)
  assert.equal(verbose.messages.at(-1), "{validateFields: 'false', compatibility: 'BACKWARD'}")
  assert.deepEqual(await ok(ask, 'PUT', '/config/x', { compatibility: 'forward' }), { compatibility: 'FORWARD' })
  assert.equal((await ok(ask, 'POST', '/subjects/x/versions', AC)).version, 2)
  await fails(ask, 42203, 'PUT', '/config', { compatibility: 'SOME' })
  await ok(ask, 'PUT', '/config', { compatibility: 'NONE', normalize: true })
  assert.deepEqual(await ok(ask, 'GET', '/config'), { compatibilityLevel: 'NONE', normalize: true })
  assert.deepEqual(await ok(ask, 'GET', '/config/x'), { compatibilityLevel: 'FORWARD' })
  assert.deepEqual(await ok(ask, 'GET', '/config/y?defaultToGlobal=true'), {
    compatibilityLevel: 'NONE',
    normalize: true,
  })
  assert.deepEqual(await ok(ask, 'DELETE', '/config/x'), { compatibilityLevel: 'FORWARD' })
  await ok(ask, 'POST', '/subjects/x/versions', { schema: '"bytes"' })
})

test('deletes softly, then for good, and brings back what was deleted softly', async (t) => {
  const { ask } = await freshRegistry(t)
  await ok(ask, 'POST', '/subjects/x/versions', A)
  await ok(ask, 'POST', '/subjects/x/versions', AB)
  await fails(ask, 40407, 'DELETE', '/subjects/x/versions/1?permanent=true')
  assert.equal(await ok(ask, 'DELETE', '/subjects/x/versions/1'), 1)
  await fails(ask, 40406, 'DELETE', '/subjects/x/versions/1')
  assert.deepEqual(await ok(ask, 'GET', '/subjects/x/versions'), [2])
  assert.deepEqual(await ok(ask, 'GET', '/subjects/x/versions?deleted=true'), [1, 2])
  assert.deepEqual(await ok(ask, 'GET', '/subjects/x/versions?deletedOnly=true'), [1])
  assert.deepEqual(await ok(ask, 'GET', '/subjects/x/versions?deletedAsNegative=true'), [-1, 2])
  // Readers of records must still find it.
  assert.equal((await ok(ask, 'GET', '/schemas/ids/1')).deleted, true)
  await fails(ask, 40405, 'DELETE', '/subjects/x?permanent=true')
  assert.deepEqual(await ok(ask, 'DELETE', '/subjects/x'), [2])
  await fails(ask, 40404, 'DELETE', '/subjects/x')
  await fails(ask, 40401, 'GET', '/subjects/x/versions/latest')
  assert.deepEqual(await ok(ask, 'GET', '/subjects?deletedOnly=true'), ['x'])
  // Registered again it keeps its id, and replaces the deleted version.
  assert.deepEqual(await ok(ask, 'POST', '/subjects/x/versions', A).then(({ id, version }) => [id, version]), [1, 3])
  assert.deepEqual(await ok(ask, 'GET', '/subjects/x/versions?deleted=true'), [2, 3])
  await ok(ask, 'DELETE', '/subjects/x')
  assert.deepEqual(await ok(ask, 'DELETE', '/subjects/x?permanent=true'), [2, 3])
  await fails(ask, 40403, 'GET', '/schemas/ids/1')
  // Ids are never given twice.
  assert.equal((await ok(ask, 'POST', '/subjects/x/versions', A)).id, 3)
})

test('keeps references, and what they refer to', async (t) => {
  const { ask } = await freshRegistry(t)
  await ok(ask, 'POST', '/subjects/inner/versions', { schema: '{"type":"fixed","name":"Inner","size":4}' })
  const outer = {
    schema: '{"type":"record","name":"Outer","fields":[{"name":"i","type":"Inner"}]}',
    references: [{ name: 'Inner', subject: 'inner', version: -1 }],
  }
  await fails(ask, 42201, 'POST', '/subjects/outer/versions', { ...outer, references: [] })
  await fails(ask, 42201, 'POST', '/subjects/outer/versions', {
    ...outer,
    references: [{ name: 'Inner', subject: 'gone', version: 1 }],
  })
  const { id } = await ok(ask, 'POST', '/subjects/outer/versions', outer)
  const { references } = await ok(ask, 'GET', `/schemas/ids/${id}`)
  assert.deepEqual(references, [{ name: 'Inner', subject: 'inner', version: 1 }])
  assert.deepEqual(await ok(ask, 'GET', '/subjects/inner/versions/1/referencedby'), [id])
  const message = await fails(ask, 42206, 'DELETE', '/subjects/inner/versions/1')
  assert.match(message, /\{magic=1,keytype=SCHEMA,subject=inner,version=1\}/)
  await fails(ask, 42206, 'DELETE', '/subjects/inner')
  await ok(ask, 'DELETE', '/subjects/outer')
  assert.deepEqual(await ok(ask, 'GET', '/subjects/inner/versions/1/referencedby'), [])
  assert.deepEqual(await ok(ask, 'GET', '/subjects/inner/versions/1/referencedby?deleted=true'), [id])
  assert.deepEqual(await ok(ask, 'DELETE', '/subjects/inner'), [1])
  await fails(ask, 42206, 'DELETE', '/subjects/inner?permanent=true')
})

test('modes forbid what they forbid, and let ids come from outside', async (t) => {
  const { ask } = await freshRegistry(t)
  await fails(ask, 42204, 'PUT', '/mode', { mode: 'SLOW' })
  await ok(ask, 'PUT', '/mode/x', { mode: 'READONLY' })
  assert.match(await fails(ask, 42205, 'POST', '/subjects/x/versions', A), /read-only mode/)
  await fails(ask, 42205, 'PUT', '/config/x', { compatibility: 'NONE' })
  await fails(ask, 42205, 'POST', '/subjects/y/versions', { ...A, id: 50 })
  assert.deepEqual(await ok(ask, 'DELETE', '/mode/x'), { mode: 'READONLY' })
  await ok(ask, 'POST', '/subjects/y/versions', AC)
  await fails(ask, 42205, 'PUT', '/mode', { mode: 'IMPORT' })
  await ok(ask, 'PUT', '/mode/x', { mode: 'IMPORT' })
  await fails(ask, 42205, 'POST', '/subjects/x/versions', A)
  const imported = await ok(ask, 'POST', '/subjects/x/versions', { ...A, id: 50, version: 7 })
  assert.deepEqual([imported.id, imported.version], [50, 7])
  assert.match(
    await fails(ask, 42205, 'POST', '/subjects/x/versions', { ...AB, id: 50 }),
    /Overwrite new schema with id 50/,
  )
  assert.deepEqual(await ok(ask, 'GET', '/mode/x'), { mode: 'IMPORT' })
  assert.deepEqual(await ok(ask, 'GET', '/mode'), { mode: 'READWRITE' })
  assert.equal((await ok(ask, 'POST', '/subjects/y/versions', { ...AC, version: -1 })).id, 1)
  await ok(ask, 'PUT', '/config/y', { compatibility: 'NONE' })
  assert.equal((await ok(ask, 'POST', '/subjects/y/versions', AB)).id, 51)
})

test('contexts keep ids and settings of their own; aliases stand for subjects', async (t) => {
  const { ask } = await freshRegistry(t)
  await ok(ask, 'POST', '/subjects/x/versions', AB)
  const qualified = encodeURIComponent(':.staging:x')
  assert.equal((await ok(ask, 'POST', `/subjects/${qualified}/versions`, A)).id, 1)
  assert.deepEqual(await ok(ask, 'GET', '/contexts'), ['.', '.staging'])
  assert.deepEqual(await ok(ask, 'GET', '/subjects'), [':.staging:x', 'x'])
  assert.deepEqual(await ok(ask, 'GET', '/subjects?subjectPrefix='), ['x'])
  assert.deepEqual(await ok(ask, 'GET', '/contexts/.staging/subjects'), [':.staging:x'])
  assert.match(
    (await ok(ask, 'GET', '/contexts/.staging/schemas/ids/1')).schema,
    /"fields":\[\{"name":"a","type":"int"\}\]/,
  )
  assert.match((await ok(ask, 'GET', '/schemas/ids/1')).schema, /"name":"b"/)
  assert.deepEqual(await ok(ask, 'PUT', '/contexts/.staging/config', { compatibility: 'FULL' }), {
    compatibility: 'FULL',
  })
  assert.deepEqual(await ok(ask, 'GET', `/config/${qualified}?defaultToGlobal=true`), { compatibilityLevel: 'FULL' })
  assert.deepEqual(await ok(ask, 'GET', '/config'), { compatibilityLevel: 'BACKWARD' })
  await fails(ask, 42211, 'DELETE', '/contexts/.staging')
  await ok(ask, 'DELETE', `/subjects/${qualified}`)
  await ok(ask, 'DELETE', `/subjects/${qualified}?permanent=true`)
  assert.equal((await ask('DELETE', '/contexts/.staging')).status, 204)
  assert.deepEqual(await ok(ask, 'GET', '/contexts'), ['.'])
  await ok(ask, 'PUT', '/config/nickname', { alias: 'x' })
  assert.equal((await ok(ask, 'GET', '/subjects/nickname/versions/latest')).subject, 'x')
})

test('metadata of settings and of the version before go into a new version', async (t) => {
  const { ask } = await freshRegistry(t)
  await ok(ask, 'PUT', '/config/x', { overrideMetadata: { properties: { team: 'b' } } })
  const metadata = { properties: { team: 'a', owner: 'o' }, tags: { '**.a': ['PII'] } }
  const first = await ok(ask, 'POST', '/subjects/x/versions', { ...A, metadata })
  assert.deepEqual(first.metadata, { tags: { '**.a': ['PII'] }, properties: { owner: 'o', team: 'b' } })
  const second = await ok(ask, 'POST', '/subjects/x/versions', AB)
  assert.deepEqual(second.metadata.properties, { owner: 'o', team: 'b' })
  const found = await ok(ask, 'GET', '/subjects/x/metadata?key=team&value=b')
  assert.equal(found.version, 2)
  assert.equal((await ok(ask, 'POST', '/subjects/x', A)).version, 1)
})

test('says what it is', async (t) => {
  const { ask } = await freshRegistry(t)
  assert.deepEqual(await ok(ask, 'GET', '/'), {})
  const id = await ok(ask, 'GET', '/v1/metadata/id')
  assert.equal(id.scope.clusters['schema-registry-cluster'], 'schema-registry')
  assert.match(id.scope.clusters['kafka-cluster'], /^\S{22}$/)
  assert.match((await ok(ask, 'GET', '/v1/metadata/version')).version, /^\d+\.\d+\.\d+/)
  assert.ok((await ok(ask, 'GET', '/schemas/types')).includes('AVRO'))
})
