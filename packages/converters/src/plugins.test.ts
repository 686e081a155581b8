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
    if (plugin.kind === 'converter') made.configure({ 'converter.type': 'key' }, true)
    else made.configure({ 'converter.type': 'header' })
    assert.equal(plugin.version, VERSION)
    assert.equal(plugin.className.slice(plugin.className.lastIndexOf('.') + 1), Plugin.name)
  }
})

test('all but SimpleHeaderConverter are converters and header converters', () => {
  const names = (kind: string) => plugins.filter((one) => one.kind === kind).map((one) => one.className)
  assert.equal(names('converter').length, 9)
  assert.deepEqual(names('header_converter'), [
    ...names('converter'),
    'org.apache.kafka.connect.storage.SimpleHeaderConverter',
  ])
})

test('the version is the one of package.json', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  assert.equal(VERSION, manifest.version)
})
