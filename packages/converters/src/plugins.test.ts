// The plugins this package declares: names, kinds, version, and that their code loads.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { plugins } from './index.ts'
import { VERSION } from './version.ts'

test('every plugin loads a class that can be configured', async () => {
  for (const plugin of plugins) {
    const Plugin = (await plugin.load()) as new () => { configure(configs: object, isKey?: boolean): void }
    const made = new Plugin()
    if (plugin.kind === 'converter')
      made.configure({ 'converter.type': 'key', 'schema.registry.url': 'http://localhost:8081' }, true)
    else made.configure({ 'converter.type': 'header' })
    assert.equal(plugin.version, VERSION)
    assert.equal(plugin.className.slice(plugin.className.lastIndexOf('.') + 1), Plugin.name)
  }
})

test('what needs no registry is a converter and a header converter', () => {
  const names = (kind: string) => plugins.filter((one) => one.kind === kind).map((one) => one.className)
  const own = (name: string) => /^(?:org\.apache|millrace)\.|^io\.debezium\.converters\.B/.test(name)
  assert.equal(names('converter').filter((name) => name.startsWith('org.apache.')).length, 9)
  assert.deepEqual(
    names('header_converter').filter((name) => name !== 'org.apache.kafka.connect.storage.SimpleHeaderConverter'),
    names('converter').filter(own),
  )
})

test('simple names that two classes share are those of one by its own word', () => {
  const owners = new Map<string, Set<string>>()
  for (const { className } of plugins) {
    const simple = className.slice(className.lastIndexOf('.') + 1)
    owners.set(simple, (owners.get(simple) ?? new Set()).add(className))
  }
  const shared = [...owners].filter(([, classes]) => classes.size > 1).map(([simple]) => simple)
  assert.deepEqual(shared, ['ByteArrayConverter'])
  for (const simple of shared) {
    const declared = plugins.filter((one) => one.aliases?.includes(simple))
    assert.deepEqual(
      declared.map(({ kind, className }) => `${kind} ${className}`),
      ['converter', 'header_converter'].map((kind) => `${kind} org.apache.kafka.connect.converters.ByteArrayConverter`),
    )
  }
})

test('the version is the one of package.json', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  assert.equal(VERSION, manifest.version)
})
