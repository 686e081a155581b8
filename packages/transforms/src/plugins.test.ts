// The plugins this package declares: names, kinds, version, and that their code loads.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { plugins } from './index.ts'
import { VERSION } from './version.ts'

test('every plugin loads a class that explains its configuration', async () => {
  for (const plugin of plugins) {
    const Plugin = (await plugin.load()) as new () => { config: { keys: ReadonlyMap<string, unknown> } }
    assert.ok(new Plugin().config.keys.size >= 0, plugin.className)
  }
})

test('all of Apache Connect 4.3 is there', () => {
  const names = plugins.map((one) => one.className).filter((name) => name.startsWith('org.apache.'))
  assert.equal(names.filter((name) => !name.includes('.predicates.')).length, 26)
  assert.equal(names.filter((name) => name.includes('.predicates.')).length, 3)
  assert.equal(new Set(names).size, names.length)
})

test('the version is the one of package.json', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  assert.equal(VERSION, manifest.version)
})
