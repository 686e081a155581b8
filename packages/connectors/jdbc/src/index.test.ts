// What the package says about itself.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { plugins } from './index.ts'
import { VERSION } from './version.ts'

describe('the JDBC plugins', () => {
  it('have the version of the package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    assert.equal(VERSION, version)
  })

  it('load under their class names', async () => {
    for (const plugin of plugins) {
      const type = await plugin.load()
      assert.ok(type.name.endsWith(String(plugin.className.split('.').at(-1))))
      assert.equal((new type() as { version: string }).version, plugin.version)
    }
  })
})
