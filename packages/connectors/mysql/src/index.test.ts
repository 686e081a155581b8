// What the package says about itself.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { plugins } from './index.ts'
import { VERSION } from './version.ts'

describe('the MySQL plugins', () => {
  it('have the version of the package, and load under their class names', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    assert.equal(VERSION, version)
    for (const plugin of plugins) {
      const type = await plugin.load()
      assert.equal(type.name, plugin.className.split('.').at(-1))
      assert.equal((new type() as { version: string }).version, plugin.version)
    }
  })
})
