// The examples of docs/scripts.md, run: each does what its first line says, the file and the error of the page among them.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type ConnectRecord, SchemaBuilder, Schemas, SinkRecord } from '@millrace/api'
import { Script } from './script.ts'
import { canImportTypeScript } from './strip-types.ts'

const page = readFileSync(new URL('../../../../docs/scripts.md', import.meta.url), 'utf8')
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map((match) => match[1] as string)
const record = (value: unknown, schema: Parameters<typeof SchemaBuilder.array>[0] = null) =>
  new SinkRecord('orders', 0, null, null, schema, value, 7)

/** What a result is, as the page writes it. */
function told(result: ConnectRecord | null): string {
  if (result === null) return 'dropped'
  const topic = result.topic === 'orders' ? '' : ` in topic ${result.topic}`
  const headers = [...result.headers].map(({ key, value }) => ` with header ${key} ${value}`)
  return JSON.stringify(result.value) + topic + headers.join('')
}

for (const script of blocks('js')) {
  const title = script.slice(0, script.indexOf('\n'))
  test(title, async () => {
    const [, given = '', becomes] = /^\/\/ (.*) -> (.*)$/.exec(title) ?? []
    const transformation = new Script()
    assert.deepEqual(await transformation.validate({ script }), [])
    await transformation.configure({ script })
    const results = given.split(/(?<=\}) /).map((value) => told(transformation.apply(record(JSON.parse(value)))))
    assert.equal(results.join(' '), becomes)
  })
}

const ORDER = SchemaBuilder.struct().field('price', Schemas.FLOAT64).field('count', Schemas.INT32).build()

test('the configuration and the file of the page give the same', async (t) => {
  const configured = /^transforms\.total\.script=(.*)$/m.exec(page)?.[1]
  assert.ok(configured !== undefined)
  const transformation = new Script()
  await transformation.configure({ script: configured })
  const value = { price: 2.5, count: 4 }
  assert.deepEqual(transformation.apply(record(value))?.value, { ...value, total: 10 })
  if (!canImportTypeScript) return
  const folder = mkdtempSync(join(tmpdir(), 'millrace-example-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'total.mts')
  writeFileSync(path, blocks('ts')[0] as string)
  const file = new Script()
  assert.deepEqual(await file.validate({ 'script.file': path }), [])
  await file.configure({ 'script.file': path })
  const result = file.apply(record(value, ORDER))
  assert.deepEqual(result?.value, { ...value, total: 10 })
  assert.equal(result?.valueSchema?.fields.at(-1)?.name, 'total')
})
