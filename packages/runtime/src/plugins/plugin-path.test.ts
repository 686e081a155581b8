// plugin.path: packages and single modules are found without their code being run, archives of Java are named.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { javaWarning } from './java-archives.ts'
import { syncManifest } from './manifest.ts'
import { scanPluginPath } from './plugin-path.ts'
import { instantiate, PluginRegistry } from './registry.ts'

/** A folder for plugins, and a way to put packages there whose import leaves a mark. */
function folderOfPlugins(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-plugins-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const marks = join(folder, 'marks.txt')
  const code = (className: string, version: string) => `
    import { appendFileSync } from 'node:fs'
    import { isMainThread } from 'node:worker_threads'
    appendFileSync(${JSON.stringify(marks)}, '${className} ' + (isMainThread ? 'main' : 'thread') + '\\n')
    class One { version = '${version}' }
    export const plugins = [{ kind: 'sink', className: '${className}', version: '${version}', load: async () => One }]
  `
  const add = (name: string, manifest: object, className = 'x.Y', version = '1') => {
    mkdirSync(join(folder, name), { recursive: true })
    writeFileSync(join(folder, name, 'package.json'), JSON.stringify({ type: 'module', ...manifest }))
    writeFileSync(join(folder, name, 'entry.js'), code(className, version))
    return pathToFileURL(join(folder, name, 'entry.js')).href
  }
  const imports = () => (existsSync(marks) ? readFileSync(marks, 'utf8').trim().split('\n') : [])
  return { folder, add, imports, code }
}
const MANIFEST = (className: string, version = '1') => ({
  main: 'entry.js',
  millrace: { plugins: [{ kind: 'sink', className, version, aliases: ['Why'] }] },
})

test('packages are found in a folder and below it, single modules too, each imported once in a thread', async (t) => {
  const { folder, add, imports, code } = folderOfPlugins(t)
  const mine = add('mine', { main: 'entry.js', dependencies: { '@millrace/api': '*' } })
  const exported = add('exported', {
    exports: { '.': { default: './entry.js' } },
    peerDependencies: { '@millrace/api': '*' },
  })
  const scoped = add('node_modules/@scope/inner', MANIFEST('x.Scoped'))
  add('other', { main: 'entry.js' }, 'x.Other')
  writeFileSync(join(folder, 'single.mjs'), code('x.Single', '1'))
  const single = pathToFileURL(join(folder, 'single.mjs')).href
  writeFileSync(join(folder, 'single.test.mjs'), 'throw new Error("a test is no plugin")')
  writeFileSync(join(folder, 'broken.mjs'), 'export const nothing = 1')
  const scan = await scanPluginPath([folder, join(folder, 'missing')])
  assert.deepEqual(scan.modules.map((one) => one.module).sort(), [exported, mine, scoped, single].sort())
  assert.deepEqual(imports().sort(), ['x.Single thread', 'x.Y thread', 'x.Y thread'])
  assert.equal(scan.warnings.length, 2)
  assert.match(scan.warnings[0] ?? '', /broken.mjs on plugin.path is left out: .* has no export `plugins`/)
  assert.match(scan.warnings[1] ?? '', /missing cannot be read and is left out: ENOENT/)
  assert.deepEqual(
    (await scanPluginPath([join(folder, 'mine')])).modules.map((one) => one.module),
    [mine],
  )
  assert.equal(imports().length, 3, 'what did not change is not imported again')
  assert.equal((await PluginRegistry.load(scan.modules)).connector('Y').className, 'x.Y')
})

test('a package with a manifest is listed without its code, and imported once when a plugin is made', async (t) => {
  const { folder, add, imports } = folderOfPlugins(t)
  add('listed', MANIFEST('x.Listed'), 'x.Listed')
  const { modules, warnings } = await scanPluginPath([folder])
  assert.deepEqual(warnings, [])
  const registry = await PluginRegistry.load(modules)
  assert.equal(registry.connector('Why').className, 'x.Listed')
  assert.deepEqual(imports(), [])
  await instantiate(registry.connector('x.Listed'))
  await instantiate(registry.connector('x.Listed'))
  assert.deepEqual(imports(), ['x.Listed main'])
})

test('a thousand packages are listed without a thousand imports', async (t) => {
  const { folder, add, imports } = folderOfPlugins(t)
  for (let n = 0; n < 1000; n++) add(`p${n}`, MANIFEST(`x.C${n}`))
  const begun = performance.now()
  const { modules } = await scanPluginPath([folder])
  t.diagnostic(`1000 packages in ${(performance.now() - begun).toFixed(0)} ms`)
  assert.equal(modules.length, 1000)
  assert.deepEqual(imports(), [])
})

test('code that was changed since it was listed is not loaded, and says so', async (t) => {
  const { folder, add } = folderOfPlugins(t)
  add('edited', MANIFEST('x.Edited'), 'x.Edited')
  const registry = await PluginRegistry.load((await scanPluginPath([folder])).modules)
  utimesSync(join(folder, 'edited', 'entry.js'), 1, 1)
  await assert.rejects(instantiate(registry.connector('x.Edited')), /was changed since this worker found it. Restart/)
})

test('a manifest is written, checked, and must be true', async (t) => {
  const { folder, add } = folderOfPlugins(t)
  add('mine', { main: 'entry.js', description: 'kept' }, 'x.Y', '3.1')
  const path = join(folder, 'mine')
  assert.equal((await syncManifest(path, 'check')).upToDate, false)
  assert.equal((await syncManifest(path, 'write')).upToDate, false)
  assert.equal((await syncManifest(path, 'check')).upToDate, true)
  const json = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
  assert.equal(json.description, 'kept')
  assert.deepEqual(json.millrace.plugins, [{ kind: 'sink', className: 'x.Y', version: '3.1' }])
  add('mine', { main: 'entry.js', millrace: json.millrace }, 'x.Y', '3.2')
  const registry = await PluginRegistry.load((await scanPluginPath([folder])).modules)
  await assert.rejects(instantiate(registry.connector('Y')), /names x.Y version 3.1, but .* has version 3.2 of it/)
  add('bad', { millrace: { plugins: [{ kind: 'sauce' }] } })
  assert.match((await scanPluginPath([join(folder, 'bad')])).warnings[0] ?? '', /manifest in .* cannot be read/)
})

test('versions stand side by side', async (t) => {
  const { folder, add } = folderOfPlugins(t)
  for (const version of ['1.0', '1.10', '1.9', '2.0-rc1']) {
    add(`v${version}`, MANIFEST('x.Many', version), 'x.Many', version)
  }
  const registry = await PluginRegistry.load((await scanPluginPath([folder])).modules)
  const made = async (version?: string) => (await instantiate(registry.connector('Many', version))).version
  assert.deepEqual(registry.versionsOf('sink', 'x.Many'), ['1.0', '1.9', '1.10', '2.0-rc1'])
  assert.equal(await made(), '2.0-rc1')
  assert.equal(await made('latest'), '2.0-rc1')
  assert.equal(await made('1.9'), '1.9')
  assert.equal(await made('[1.0,1.10)'), '1.9')
  assert.equal(await made('[1.0,2.0-alpha)'), '1.10')
  assert.throws(
    () => registry.connector('Many', '[3,)'),
    /Plugin x.Many not found that matches the version range \[3,\), available versions: \[1.0, 1.9, 1.10, 2.0-rc1\]/,
  )
})

test('a Java plugin gets one warning that names what stands in for it', async (t) => {
  const { folder } = folderOfPlugins(t)
  const services = 'META-INF/services/org.apache.kafka.connect.sink.SinkConnector'
  mkdirSync(join(folder, 'java', 'lib'), { recursive: true })
  writeFileSync(join(folder, 'java', 'a.jar'), stored(services, '# one\nx.Here\n\nx.Missing # two\n'))
  writeFileSync(join(folder, 'java', 'library.jar'), stored('x/Library.class', ''))
  writeFileSync(join(folder, 'alone.jar'), 'no archive at all')
  const { java, modules } = await scanPluginPath([folder])
  assert.deepEqual(modules, [])
  assert.deepEqual(
    java.map((one) => [one.path, one.classes]),
    [
      [join(folder, 'java'), ['x.Here', 'x.Missing']],
      [join(folder, 'alone.jar'), []],
    ],
  )
  const [first, second] = java.map((one) => javaWarning(one, (name) => name === 'x.Here'))
  assert.match(first ?? '', /java \(.*\) is a Java plugin, which cannot run on Node.js/)
  assert.match(first ?? '', /stands in for x.Here: configurations that name it work as they are/)
  assert.match(first ?? '', /Nothing here goes by x.Missing: put an npm package/)
  assert.match(second ?? '', /See `millrace plugins`/)
})

/** An archive of one file that is not compressed. */
function stored(name: string, text: string): Buffer {
  const [path, data] = [Buffer.from(name), Buffer.from(text)]
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50)
  local.writeUInt16LE(path.length, 26)
  const central = Buffer.alloc(46)
  central.writeUInt32LE(0x02014b50)
  central.writeUInt32LE(data.length, 20)
  central.writeUInt16LE(path.length, 28)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50)
  end.writeUInt32LE(46 + path.length, 12)
  end.writeUInt32LE(30 + path.length + data.length, 16)
  return Buffer.concat([local, path, data, central, path, end])
}
