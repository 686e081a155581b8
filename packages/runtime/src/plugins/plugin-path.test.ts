// plugin.path: packages of ours are found, archives of Java are named and left alone.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { scanPluginPath } from './plugin-path.ts'
import { PluginRegistry } from './registry.ts'

test('packages are found in a folder and one level below it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-plugins-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const add = (name: string, manifest: object) => {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'package.json'), JSON.stringify({ type: 'module', ...manifest }))
    writeFileSync(
      join(folder, name, 'entry.js'),
      "export const plugins = [{ kind: 'sink', className: 'x.Y', version: '1', load() {} }]\n",
    )
    return pathToFileURL(join(folder, name, 'entry.js')).href
  }
  const mine = add('mine', { main: 'entry.js', dependencies: { '@millrace/api': '*' } })
  const exported = add('exported', {
    exports: { '.': { default: './entry.js' } },
    peerDependencies: { '@millrace/api': '*' },
  })
  add('other', { main: 'entry.js' })
  mkdirSync(join(folder, 'java'))
  writeFileSync(join(folder, 'java', 'connector.jar'), '')

  const scan = await scanPluginPath([folder, join(folder, 'missing')])
  assert.deepEqual([...scan.modules].sort(), [exported, mine].sort())
  assert.equal(scan.warnings.length, 2)
  assert.match(scan.warnings[0] ?? '', /holds 1 Java archives, which cannot be loaded/)
  assert.match(scan.warnings[1] ?? '', /missing cannot be read and is left out: ENOENT/)
  assert.deepEqual((await scanPluginPath([join(folder, 'mine')])).modules, [mine])
  assert.equal((await PluginRegistry.load(scan.modules)).connector('Y').className, 'x.Y')
})
