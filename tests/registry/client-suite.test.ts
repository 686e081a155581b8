// Our registry client, the same tests against two registries: the embedded one, and one that nobody here wrote.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startRegistry } from '@millrace/broker/registry'
import {
  RegistryErrorCode,
  RegistryException,
  SchemaRegistryClient,
  type SchemaText,
} from '@millrace/converters/registry'
import { startApicurio, startEmbeddedBroker, whyNoApicurio } from '@millrace/testkit'

interface Backend extends AsyncDisposable {
  readonly url: string
}

const BACKENDS: readonly { title: string; missing: string | undefined; start(): Promise<Backend> }[] = [
  { title: 'the embedded registry', missing: undefined, start: startEmbedded },
  { title: 'Apicurio Registry', missing: whyNoApicurio(), start: startApicurio },
]

const A = '{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}'
const AB = '{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"string","default":""}]}'
const AC = '{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"c","type":"string"}]}'
const avro = (schema: string, references: SchemaText['references'] = []): SchemaText => ({
  schemaType: 'AVRO',
  schema,
  references,
})

for (const { title, missing, start } of BACKENDS) {
  const required = process.env.MILLRACE_REQUIRE_SERVICES === '1'
  describe(`our registry client with ${title}`, { skip: required ? undefined : missing }, () => {
    let backend: Backend
    const client = () => new SchemaRegistryClient({ 'schema.registry.url': backend.url })
    before(async () => {
      backend = await start()
      // Apicurio's default is NONE.
      await fetch(`${backend.url}/config`, {
        method: 'PUT',
        body: '{"compatibility":"BACKWARD"}',
        headers: { 'content-type': 'application/json' },
      })
    })
    after(() => backend[Symbol.asyncDispose]())

    test('registers, and finds what is registered by id, version and text', async () => {
      const first = await client().register('orders-value', avro(A))
      assert.equal((await client().register('orders-value', avro(A))).id, first.id)
      const second = await client().register('orders-value', avro(AB))
      assert.notEqual(second.id, first.id)
      assert.deepEqual(JSON.parse((await client().schemaById(first.id)).schema), JSON.parse(A))
      const latest = await client().latest('orders-value')
      assert.deepEqual([latest.version, latest.id, latest.schemaType], [2, second.id, 'AVRO'])
      assert.equal((await client().version('orders-value', 1)).id, first.id)
      const found = await client().lookup('orders-value', avro(AB))
      assert.deepEqual([found.version, found.id], [2, second.id])
      assert.deepEqual(await client().versions('orders-value'), [1, 2])
      assert.ok((await client().subjects()).includes('orders-value'))
    })

    test('tells errors apart by their codes', async () => {
      await client().register('checked-value', avro(A))
      await fails(RegistryErrorCode.SCHEMA_NOT_FOUND, () => client().schemaById(99_999))
      await fails(RegistryErrorCode.SUBJECT_NOT_FOUND, () => client().latest('nothing'))
      await fails(RegistryErrorCode.VERSION_NOT_FOUND, () => client().version('checked-value', 9))
      await fails(RegistryErrorCode.SCHEMA_NOT_FOUND, () => client().lookup('checked-value', avro(AB)))
      await fails(42201, () => client().register('checked-value', avro('{"type":"nothing"}')))
      await assert.rejects(
        async () => client().register('checked-value', avro(AC)),
        (error) => error instanceof RegistryException && /^409/.test(String(error.errorCode)),
      )
    })

    test('brings references with their texts', async () => {
      await client().register('inner', avro('{"type":"fixed","name":"Inner","size":4}'))
      const outer = '{"type":"record","name":"Outer","fields":[{"name":"i","type":"Inner"}]}'
      const references = [{ name: 'Inner', subject: 'inner', version: 1 }]
      const { id } = await client().register('outer', avro(outer, references))
      const found = await client().schemaById(id)
      assert.deepEqual(found.references, references)
      const texts = await client().referencedTexts(found.references)
      assert.deepEqual(JSON.parse(texts.get('Inner') ?? ''), { type: 'fixed', name: 'Inner', size: 4 })
    })

    test('keeps ids over registration from many clients at once', async () => {
      const schemas = Array.from({ length: 20 }, (_, at) => A.replace('"R"', `"R${at >> 1}"`))
      const ids = await Promise.all(
        schemas.map(async (schema, at) => (await client().register(`many-${at >> 1}`, avro(schema))).id),
      )
      assert.equal(new Set(ids).size, 10)
      for (const [at, id] of ids.entries()) assert.equal(id, ids[at ^ 1])
    })
  })
}

async function fails(code: number, call: () => unknown): Promise<void> {
  await assert.rejects(
    async () => call(),
    (error) => {
      assert.ok(error instanceof RegistryException, String(error))
      assert.equal(error.errorCode, code)
      return true
    },
  )
}

async function startEmbedded(): Promise<Backend> {
  const broker = await startEmbeddedBroker({ inProcess: true })
  const registry = await startRegistry({
    props: {
      'kafkastore.bootstrap.servers': broker.bootstrap,
      'kafkastore.timeout.ms': '20000',
      listeners: 'http://127.0.0.1:0',
      'host.name': '127.0.0.1',
    },
  })
  const stop = async () => {
    await registry.close()
    await broker.stop()
  }
  return { url: registry.url, [Symbol.asyncDispose]: stop }
}
