// The client asks what it does not know, once; fails over, tries again, and says what is wrong without the secrets.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigException } from '@millrace/api'
import { SchemaRegistryClient } from './client.ts'
import type { SchemaText } from './entities.ts'
import { RegistryException } from './errors.ts'
import { MemoryRegistry } from './testing/memory-registry.ts'

const INT: SchemaText = { schemaType: 'AVRO', schema: '"int"', references: [] }
const NO_WAIT = { 'retries.wait.ms': '0' }

test('asks once for what it registers and finds, then answers without a promise', async () => {
  await using registry = await MemoryRegistry.start()
  const client = new SchemaRegistryClient({ 'schema.registry.url': registry.url })
  const [first, second] = await Promise.all([client.register('t-value', INT), client.register('t-value', INT)])
  assert.equal(first, second)
  assert.deepEqual([first.id, first.version, first.schema], [1, 1, '"int"'])
  assert.equal(client.register('t-value', INT), first)
  const found = await client.schemaById(1, 't-value')
  assert.equal(client.schemaById(1, 't-value'), found)
  assert.equal((await client.schemaByGuid(String(first.guid))).schema, '"int"')
  assert.equal((await client.lookup('t-value', INT, { deleted: true })).version, 1)
  assert.equal((await client.latest('t-value')).version, 1)
  assert.deepEqual(await client.versions('t-value'), [1])
  assert.deepEqual(await client.subjects(), ['t-value'])
  assert.deepEqual(registry.taken(), [
    'POST /subjects/t-value/versions?normalize=false',
    'GET /schemas/ids/1?fetchMaxId=false&subject=t-value',
    `GET /schemas/guids/${first.guid}`,
    'POST /subjects/t-value?normalize=false&deleted=true',
    'GET /subjects/t-value/versions/latest',
    'GET /subjects/t-value/versions',
    'GET /subjects',
  ])
  client.close()
})

test('asks for the latest version again when its time is over, and after a registration', async () => {
  await using registry = await MemoryRegistry.start()
  let now = 0
  const client = new SchemaRegistryClient(
    { 'schema.registry.url': registry.url, 'latest.cache.ttl.sec': '60' },
    () => now,
  )
  await client.register('s', INT)
  assert.equal((await client.latest('s')).version, 1)
  await client.register('s', { ...INT, schema: '"long"' })
  assert.equal((await client.latest('s')).version, 2)
  registry.taken()
  now = 59_999
  assert.equal((client.latest('s') as { version: number }).version, 2)
  assert.deepEqual(registry.taken(), [])
  now = 60_000
  await client.latest('s')
  assert.deepEqual(registry.taken(), ['GET /subjects/s/versions/latest'])
  client.close()
})

test('remembers what does not exist as long as it is told to', async () => {
  await using registry = await MemoryRegistry.start()
  let now = 0
  const configs = { 'schema.registry.url': registry.url, 'missing.id.cache.ttl.sec': '5' }
  const client = new SchemaRegistryClient(configs, () => now)
  const isMissing = (error: unknown) => error instanceof RegistryException && error.errorCode === 40403
  await assert.rejects(async () => client.schemaById(7), isMissing)
  assert.throws(() => client.schemaById(7), isMissing)
  now = 5000
  await assert.rejects(async () => client.schemaById(7), isMissing)
  assert.equal(registry.taken().length, 2)
  // Versions have a time of their own: none.
  for (let at = 0; at < 2; at++) await assert.rejects(async () => client.version('s', 1))
  assert.equal(registry.taken().length, 2)
  client.close()
})

test('brings the texts of references, those of references before them', async () => {
  await using registry = await MemoryRegistry.start()
  const client = new SchemaRegistryClient({ 'schema.registry.url': registry.url })
  await client.register('inner', { ...INT, schema: '{"type":"enum","name":"I","symbols":["A"]}' })
  const outer = { ...INT, schema: '"I"', references: [{ name: 'I', subject: 'inner', version: 1 }] }
  await client.register('outer', outer)
  const texts = await client.referencedTexts([{ name: 'O', subject: 'outer', version: 1 }])
  assert.deepEqual([...texts.keys()], ['I', 'O'])
  client.close()
})

test('goes to the next URL when one does not answer, and stays there', async () => {
  await using registry = await MemoryRegistry.start()
  const gone = await MemoryRegistry.start()
  const { url } = gone
  await gone[Symbol.asyncDispose]()
  const client = new SchemaRegistryClient({ 'schema.registry.url': `${url},${registry.url}`, 'max.retries': '0' })
  assert.equal((await client.register('s', INT)).id, 1)
  client.close()
})

test('tries again what may pass, and not what will not', async () => {
  await using registry = await MemoryRegistry.start()
  const client = new SchemaRegistryClient({ 'schema.registry.url': registry.url, 'max.retries': '2', ...NO_WAIT })
  const statuses = [503, 429]
  registry.fault = (_request, response) => {
    const status = statuses.shift()
    if (status !== undefined) response.writeHead(status).end('{"error_code":50001,"message":"busy"}')
    return status !== undefined
  }
  assert.equal((await client.register('s', INT)).id, 1)
  assert.equal(registry.taken().length, 3)
  statuses.push(500, 500, 500, 422)
  await assert.rejects(
    async () => client.register('s2', INT),
    (error) => error instanceof RegistryException && error.mayPass && /busy; error code: 50001/.test(error.message),
  )
  await assert.rejects(
    async () => client.register('s2', INT),
    (error) => error instanceof RegistryException && error.status === 422 && !error.mayPass,
  )
  assert.equal(registry.taken().length, 4)
  client.close()
})

test('a registry that never answers is a failure that may pass', async () => {
  await using registry = await MemoryRegistry.start()
  registry.fault = () => true
  const configs = { 'schema.registry.url': registry.url, 'max.retries': '0', 'http.read.timeout.ms': '50' }
  const client = new SchemaRegistryClient(configs)
  await assert.rejects(
    async () => client.schemaById(1),
    (error) => error instanceof RegistryException && error.mayPass && /did not answer within 50 ms/.test(error.message),
  )
  client.close()
})

test('says that a page is not a registry', async () => {
  await using registry = await MemoryRegistry.start()
  registry.fault = (_request, response) => {
    response.end('<html>hello</html>')
    return true
  }
  const client = new SchemaRegistryClient({ 'schema.registry.url': registry.url })
  await assert.rejects(
    async () => client.schemaById(1),
    (error) => error instanceof RegistryException && !error.mayPass && /check schema.registry.url/.test(error.message),
  )
  assert.equal(registry.taken().length, 1)
  client.close()
})

test('sends credentials from each source, and shows them in no error', async () => {
  await using registry = await MemoryRegistry.start()
  const authorized = async (configs: Readonly<Record<string, string>>): Promise<string | undefined> => {
    const client = new SchemaRegistryClient({ 'schema.registry.url': registry.url, ...configs })
    const error = await Promise.resolve()
      .then(() => client.schemaById(1))
      .catch((caught: unknown) => caught)
    assert.ok(error instanceof RegistryException)
    assert.doesNotMatch(error.message, /secret|se%40cret/)
    client.close()
    return registry.requests.splice(0)[0]?.headers.authorization
  }
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  const userInfo = { 'basic.auth.credentials.source': 'USER_INFO' }
  assert.equal(await authorized({ ...userInfo, 'basic.auth.user.info': 'user:secret' }), basic('user:secret'))
  assert.equal(
    await authorized({ ...userInfo, 'schema.registry.basic.auth.user.info': 'user:secret' }),
    basic('user:secret'),
  )
  const withUser = `http://user:se%40cret@localhost:${registry.port}`
  assert.equal(await authorized({ 'schema.registry.url': withUser }), basic('user:se@cret'))
  const inherit = {
    'basic.auth.credentials.source': 'SASL_INHERIT',
    'sasl.jaas.config': 'x.PlainLoginModule required username="user" password="secret";',
  }
  assert.equal(await authorized(inherit), basic('user:secret'))
  const bearer = { 'bearer.auth.credentials.source': 'STATIC_TOKEN', 'bearer.auth.token': 'secret' }
  assert.equal(await authorized(bearer), 'Bearer secret')
  assert.equal(await authorized({ 'request.header.Authorization': 'Own secret' }), 'Own secret')
  assert.equal(await authorized({}), undefined)
})

test('refuses keys that cannot be used, without their secrets', () => {
  const url = { 'schema.registry.url': 'http://localhost:1' }
  const refused = (configs: Readonly<Record<string, string>>, message: RegExp) => {
    assert.throws(
      () => new SchemaRegistryClient(configs),
      (error) => error instanceof ConfigException && message.test(error.message) && !/secret/.test(error.message),
    )
  }
  refused({}, /schema.registry.url/)
  refused({ 'schema.registry.url': 'ftp://user:secret@host' }, /http:\/\/ or https:/)
  refused({ ...url, 'basic.auth.credentials.source': 'USER_INFO', 'basic.auth.user.info': 'secret' }, /user:password/)
  refused({ ...url, 'basic.auth.credentials.source': 'OTHER' }, /Expected one of URL/)
  refused({ ...url, 'bearer.auth.credentials.source': 'STATIC_TOKEN' }, /needs bearer.auth.token/)
  refused({ ...url, 'bearer.auth.credentials.source': 'CUSTOM' }, /use STATIC_TOKEN/)
  refused({ ...url, 'proxy.host': 'proxy' }, /proxy.port/)
})
