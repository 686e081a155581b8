// What config providers may read, and providers that others write: the vault of docs/config-providers.md among them.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references look like this
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type ConfigProvider, type ConnectorProps, defineConfig, definePlugins } from '@millrace/api'
import { PluginRegistry } from '../../plugins/registry.ts'
import { plugins } from '../../plugins/runtime-plugins.ts'
import { plugins as vault } from '../../testing/vault-config-provider.ts'
import { ConfigTransformer } from '../config-transformer.ts'
import { DirectoryConfigProvider } from './directory.ts'
import { EnvVarConfigProvider } from './env.ts'
import { FileConfigProvider } from './file.ts'

function tree(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'millrace-providers-'))
  t.after(() => rmSync(root, { recursive: true }))
  for (const name of ['allowed', 'allowed/in', 'allowed-too', 'other']) mkdirSync(join(root, name))
  for (const name of ['allowed/in', 'allowed-too', 'other']) writeFileSync(join(root, name, 'f'), `k=${name}`)
  return root
}

test('files and folders outside of allowed.paths give nothing, by whatever path they are named', async (t) => {
  const root = tree(t)
  const file = new FileConfigProvider()
  const directory = new DirectoryConfigProvider()
  for (const allowed of [`${root}/allowed`, `${root}/other/../allowed/`, `${root}/allowed-too/f, ${root}/allowed`]) {
    file.configure({ 'allowed.paths': allowed })
    directory.configure({ 'allowed.paths': allowed })
    assert.deepEqual((await file.get(`${root}/allowed/in/f`)).data, { k: 'allowed/in' })
    assert.deepEqual((await directory.get(`${root}/allowed/in`)).data, { f: 'k=allowed/in' })
    for (const path of [`${root}/other`, `${root}/allowed/../other`, `${root}/allowed-too`]) {
      assert.deepEqual((await directory.get(path)).data, {}, path)
      if (path.endsWith('other')) assert.deepEqual((await file.get(`${path}/f`)).data, {}, path)
    }
  }
  assert.deepEqual((await file.get(`${root}/allowed-too/f`)).data, { k: 'allowed-too' })
  assert.throws(() => file.configure({ 'allowed.paths': 'relative' }), /Path relative is not absolute/)
  assert.throws(() => directory.configure({ 'allowed.paths': `${root}/none` }), /none does not exist/)
})

test('variables whose whole name the pattern does not match are not there', (t) => {
  process.env.MILLRACE_TEST_A = 'a'
  process.env.MILLRACE_TEST_AB = 'ab'
  t.after(() => {
    delete process.env.MILLRACE_TEST_A
    delete process.env.MILLRACE_TEST_AB
  })
  const wanted = new Set(['MILLRACE_TEST_A', 'MILLRACE_TEST_AB', 'MILLRACE_TEST_NONE'])
  const provider = new EnvVarConfigProvider()
  const read = (configs: Record<string, string>) => {
    provider.configure(configs)
    return provider.get('', wanted).data
  }
  assert.deepEqual(read({ 'allowlist.pattern': 'MILLRACE_TEST_.' }), { MILLRACE_TEST_A: 'a' })
  assert.deepEqual(read({ 'allowlist.pattern': 'MILLRACE_TEST_.*' }), { MILLRACE_TEST_A: 'a', MILLRACE_TEST_AB: 'ab' })
  assert.deepEqual(read({ 'allowlist.pattern': '' }), {})
  assert.throws(() => read({ 'allowlist.pattern': '(' }), /allowlist\.pattern/)
  assert.deepEqual(new EnvVarConfigProvider().get('', wanted).data, { MILLRACE_TEST_A: 'a', MILLRACE_TEST_AB: 'ab' })
})

test('the vault of the page answers, with a token that another provider gives', async (t) => {
  const asked: unknown[] = []
  const server = createServer((request, response) => {
    asked.push([request.url, request.headers['x-vault-token']])
    const found = request.url === '/v1/secret/data/orders'
    response.writeHead(found ? 200 : 404)
    response.end(JSON.stringify({ lease_duration: 60, data: { data: { user: 'u', password: 'p' } } }))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.after(() => server.close())
  process.env.MILLRACE_TEST_TOKEN = 'the-token'
  t.after(() => {
    delete process.env.MILLRACE_TEST_TOKEN
  })
  const transformer = await ConfigTransformer.create(
    {
      'config.providers': 'vault,env',
      'config.providers.env.class': 'EnvVarConfigProvider',
      'config.providers.vault.class': 'my.VaultConfigProvider',
      'config.providers.vault.param.address': `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      'config.providers.vault.param.token': '${env:MILLRACE_TEST_TOKEN}',
    },
    new PluginRegistry([...plugins, ...vault]),
  )
  assert.deepEqual(await transformer.resolve({ password: '${vault:secret/data/orders:password}' }), {
    props: { password: 'p' },
    secrets: ['p'],
    ttlMs: 60_000,
  })
  assert.deepEqual(asked, [['/v1/secret/data/orders', 'the-token']])
  await assert.rejects(transformer.resolve({ x: '${vault:none:k}' }), /The vault answered 404 for none/)
  const page = readFileSync(new URL('../../../../../docs/config-providers.md', import.meta.url), 'utf8')
  const example = readFileSync(new URL('../../testing/vault-config-provider.ts', import.meta.url), 'utf8')
  assert.ok(page.includes(`\`\`\`ts\n${example}\`\`\``), 'docs/config-providers.md does not have the provider as it is')
})

/** A provider that answers by `get`, under the name `p`, and counts how often it is closed. */
async function providing(get: ConfigProvider['get'], more: ConnectorProps = {}) {
  const seen = { closed: 0 }
  class Given implements ConfigProvider {
    readonly config = defineConfig({})
    configure(): void {}
    get = get
    close(): void {
      seen.closed++
    }
  }
  const own = definePlugins([{ kind: 'config_provider', className: 'my.Given', version: '1', load: async () => Given }])
  const props = { 'config.providers': 'p', 'config.providers.p.class': 'my.Given', ...more }
  const create = () => ConfigTransformer.create(props, new PluginRegistry([...plugins, ...own]))
  return { seen, create }
}

test('what a provider does wrong is said with its name; inherited names are not secrets', async () => {
  const broken: readonly [ConfigProvider['get'], RegExp][] = [
    [() => Promise.reject(new TypeError('no route')), /The config provider 'p' failed at path 'x': no route/],
    [() => ({ data: { k: 1 as unknown as string } }), /The config provider 'p' gave no text for k of path 'x'/],
    [() => ({}) as never, /The config provider 'p' gave no data for path 'x'/],
  ]
  for (const [get, message] of broken) {
    const transformer = await (await providing(get)).create()
    await assert.rejects(transformer.resolve({ a: '${p:x:k}' }), { name: 'ConfigException', message })
  }
  const transformer = await (await providing(() => ({ data: {} }))).create()
  assert.deepEqual((await transformer.resolve({ a: '${p:constructor}' })).props, { a: '${p:constructor}' })
})

test('the shortest time counts, and never more than a timer can wait', async () => {
  const transformer = await (await providing((path) => ({ data: {}, ttlMs: Number(path) }))).create()
  const ttlOf = async (text: string) => (await transformer.resolve({ a: text })).ttlMs
  assert.equal(await ttlOf('${p:70:k} ${p:50:k}'), 50)
  assert.equal(await ttlOf(`\${p:${32 * 24 * 3600 * 1000}:k}`), 2 ** 31 - 1)
  assert.equal(await ttlOf('${p:-1:k}'), undefined)
})

test('providers are closed when one after them cannot be made', async () => {
  const { seen, create } = await providing(() => ({ data: {} }), { 'config.providers': 'p,q' })
  await assert.rejects(create(), /The config provider 'q' has no class/)
  assert.equal(seen.closed, 1)
})
