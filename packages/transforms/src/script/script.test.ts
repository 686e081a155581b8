// millrace.Script: what scripts may be and give back, and where their errors are said to be.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  ConfigException,
  type ConnectRecord,
  DataException,
  RetriableException,
  SchemaBuilder,
  Schemas,
  SinkRecord,
} from '@millrace/api'
import { transformationContract } from '@millrace/testkit'
import { Script } from './script.ts'
import { canImportTypeScript, canStripTypes } from './strip-types.ts'

const ORDER = SchemaBuilder.struct().name('Order').field('price', Schemas.FLOAT64).field('count', Schemas.INT32).build()
const VALUE = { price: 2.5, count: 4 }
const record = (value: unknown = VALUE, schema: typeof ORDER | null = null) =>
  new SinkRecord('orders', 0, null, 'k', schema, value, 7, 1)
const folder = mkdtempSync(join(tmpdir(), 'millrace-script-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

async function made(configs: Record<string, string>): Promise<Script> {
  const script = new Script()
  await script.configure(configs)
  return script
}
const inline = (script: string, more: Record<string, string> = {}) => made({ script, ...more })
const problem = async (configs: Record<string, string>) => {
  const problems = await new Script().validate(configs)
  assert.equal(problems.length, 1)
  return problems[0] as { key: string; message: string }
}
async function failure(script: string, given: ConnectRecord = record()): Promise<Error> {
  const made = await inline(script)
  let found: unknown
  assert.throws(
    () => made.apply(given),
    (error) => {
      found = error
      return true
    },
  )
  return found as Error
}

transformationContract('Script', {
  transformation: Script,
  cases: [
    {
      name: 'changes a value',
      configs: { script: '(record) => record.value && { value: { ...record.value, total: 10 } }' },
      record: { value: VALUE },
      check: (result) => assert.deepEqual(result.value, { ...VALUE, total: 10 }),
    },
    {
      name: 'changes a struct and its schema',
      configs: {
        script: `({ key, value, valueSchema }, { api, extend }) => value === null ? null : ({
          topic: 'totals', key: String(key), timestamp: 5, kafkaPartition: 3,
          valueSchema: extend(valueSchema, 'total', (schema) => schema.field('total', api.Schemas.FLOAT64)),
          value: { ...value, total: value.price * value.count },
        })`,
      },
      record: { value: VALUE, valueSchema: ORDER },
      check: (result) => {
        assert.deepEqual(result.value, { ...VALUE, total: 10 })
        assert.equal(result.valueSchema?.name, 'Order')
        assert.deepEqual(
          result.valueSchema?.fields.map((field) => field.name),
          ['price', 'count', 'total'],
        )
        assert.deepEqual([result.topic, result.timestamp, result.kafkaPartition], ['totals', 5, 3])
      },
    },
    {
      name: 'adds a header to a copy',
      configs: { script: "(record) => ({ headers: record.headers.duplicate().add('h', 'v', null) })" },
      record: { value: VALUE },
      check: (result) => assert.equal(result.headers.lastWithName('h')?.value, 'v'),
    },
    { name: 'drops a record', configs: { script: '() => null' }, record: { value: VALUE }, check: null },
  ],
})

test('the same record is passed on as it is, also derived of itself', async () => {
  const given = record()
  assert.equal((await inline('(record) => record')).apply(given), given)
  const derived = (await inline("(record) => record.with({ topic: 'x' })")).apply(given)
  assert.equal(derived?.topic, 'x')
})

test('an object has state, parameters, an opening and an end', async () => {
  const script = await inline(
    `{
      count: 0,
      open(context) { this.limit = Number(context.params.limit) },
      apply(record, { state }) { state.set('last', record.kafkaOffset); return ++this.count > this.limit ? null : record },
      close() { globalThis.scriptClosed = this.count },
    }`,
    { 'script.param.limit': '1' },
  )
  assert.notEqual(script.apply(record()), null)
  assert.equal(script.apply(record()), null)
  await script.close()
  assert.equal((globalThis as { scriptClosed?: number }).scriptClosed, 2)
})

test('a schema is made once for each schema', async () => {
  const script = await inline(
    "(r, c) => ({ valueSchema: c.extend(r.valueSchema, 'x', (s) => s.field('x', c.api.Schemas.OPTIONAL_STRING)) })",
  )
  const first = script.apply(record(VALUE, ORDER))?.valueSchema
  assert.equal(script.apply(record(VALUE, ORDER))?.valueSchema, first)
  assert.equal(script.apply(record())?.valueSchema, null)
})

test('what cannot be a record is told in words', async () => {
  const says = async (script: string, message: RegExp, given?: ConnectRecord) => {
    const error = await failure(script, given)
    assert.ok(error instanceof DataException)
    assert.match(error.message, message)
  }
  await says('(record) => {}', /^script: the script returned nothing: it must return the record/)
  await says('(record) => true', /the script returned a boolean/)
  await says('(record) => [record]', /the script returned an array/)
  await says('(record) => Promise.resolve(record)', /returned a promise: it must be synchronous/)
  await says(
    '(record) => ({ vale: 1 })',
    /an object with 'vale', which is no part of a record \(did you mean value\?\)/,
  )
  await says('(record) => ({ value: record.value.nothing })', /returned value as undefined/)
  await says('(record) => ({ topic: 7 })', /returned a topic that is java\.lang\.Long: it must be a text/)
  await says('(record) => ({ headers: {} })', /it must be Headers/)
  await says(
    '(record) => ({ value: { ...record.value, total: 1 } })',
    /a value with 'total', which is no field of its schema: return a valueSchema/,
    record(VALUE, ORDER),
  )
  await says(
    "(record) => ({ value: { ...record.value, count: 'four' } })",
    /a value that its schema does not allow: Invalid Java object for schema with type INT32.*field: "count"/,
    record(VALUE, ORDER),
  )
  const kept = await inline('{ apply(record) { return this.first ??= record } }')
  kept.apply(record())
  assert.throws(() => kept.apply(new SinkRecord('orders', 0, null, 'k', null, VALUE, 8)), /another record than the one/)
})

test('an error has the line and column in the text of the script', async () => {
  const error = await failure('(record) => {\n  const { a } = record.value\n  return a.b\n}')
  assert.equal(error.message, "script:3:12: Cannot read properties of undefined (reading 'b')")
  assert.ok(error.cause instanceof TypeError)
  const called = await failure('() => JSON.parse("{")')
  assert.match(called.message, /^script:1:12: /)
  const own = await failure("(record, { api }) => { throw new api.RetriableException('later') }")
  assert.ok(own instanceof RetriableException)
  assert.equal(own.message, 'script:1:30: later')
  assert.match((await failure("() => { throw 'text' }")).message, /^script: text$/)
})

test('what does not compile is found by validation, with its place, and nothing is run', async () => {
  assert.deepEqual(await new Script().validate({ script: '(globalThis.scriptRan = true, (record) => record)' }), [])
  assert.equal('scriptRan' in globalThis, false)
  const bad = await problem({ script: '(record) => {\n  const a = ;\n}' })
  assert.equal(bad.key, 'script')
  assert.match(bad.message, /^script:2:13: .*\n {2}const a = ;\n {12}\^$/)
  assert.match((await problem({ script: 'record => record.value +' })).message, /^script:1:25: /)
  assert.match((await problem({ script: 'record => { return record }}' })).message, /^script:1:28: /)
  assert.match(
    (await problem({ script: 'const x = 1\nreturn record' })).message,
    /^script:1:1: .*\nconst x = 1\n\^\nA script is one expression: \(record\) => /,
  )
  await assert.rejects(inline('record => {'), (error) => {
    assert.ok(error instanceof ConfigException)
    assert.equal(error.context.configKey, 'script')
    return true
  })
  assert.deepEqual(await problem({}), {
    key: 'script',
    message: 'Missing the script: set script to its text, or script.file to the path of its file.',
  })
  assert.equal((await problem({ script: 'x', 'script.file': 'y.js' })).key, 'script.file')
})

test('what compiles and is no script is refused before the first record', async () => {
  await assert.rejects(inline('42'), /script: the expression must be a function .* but it is a number/)
  await assert.rejects(inline('({ aply() {} })'), /an object without apply/)
  await assert.rejects(inline('async (record) => record'), /the function is async/)
  await assert.rejects(
    inline('(() => {\n  nothing.here()\n})()'),
    /^ConfigException: script:2:3: nothing is not defined/,
  )
})

test('forms of an inline script', async () => {
  for (const text of [
    'record => record;',
    '// first\n(record) => record // last',
    'export default (record) => record',
    '(record) => (`\nexport default`, record)',
    'function pass(record) { return record }',
    '(() => { const seen = new Set(); return (record) => (seen.add(record.key), record) })()',
  ]) {
    assert.notEqual((await inline(text)).apply(record()), null, text)
  }
})

test('TypeScript inline, its places kept', { skip: !canStripTypes && 'this Node.js cannot strip types' }, async () => {
  const typed = `import type { ScriptRecord } from '@millrace/transforms/script'
export default (record: ScriptRecord<{ price: number } | null>) => {
  const price = record.value!.price as number
  return { value: price.amount.net }
}`
  const error = await failure(typed)
  assert.equal(error.message, "script:4:32: Cannot read properties of undefined (reading 'net')")
  assert.match((await problem({ script: '(a: number): number => {\n  const b: = a\n}' })).message, /^script:2:12: /)
  assert.match((await problem({ script: '() => {\n  enum A { B }\n}' })).message, /^script:2:3: .*enum/)
})

test('a file: its own imports, an instance for each task, errors with its name', async () => {
  file('price.mjs', 'export const total = ({ price, count }) => price * count')
  const path = file(
    'total.mjs',
    `import { total } from './price.mjs'
let seen = 0
export default (record) => {
  if (record.value === null) throw new Error('no order')
  return { value: { ...record.value, total: total(record.value), seen: ++seen } }
}
`,
  )
  const one = await made({ 'script.file': path })
  const other = await made({ 'script.file': path })
  assert.deepEqual(one.apply(record())?.value, { ...VALUE, total: 10, seen: 1 })
  assert.deepEqual(other.apply(record())?.value, { ...VALUE, total: 10, seen: 1 })
  assert.throws(() => one.apply(record(null)), { message: `${path}:4:36: no order` })
  writeFileSync(path, 'export default () => null')
  assert.equal((await made({ 'script.file': path })).apply(record()), null)
})

test('a file of CommonJS has an instance for each task, too', async () => {
  const path = file('count.cjs', 'let seen = 0\nmodule.exports = () => ({ value: ++seen })\n')
  assert.deepEqual(await new Script().validate({ 'script.file': path }), [])
  for (const script of await Promise.all([made({ 'script.file': path }), made({ 'script.file': path })])) {
    assert.equal(script.apply(record())?.value, 1)
  }
})

test('a TypeScript file', { skip: !canImportTypeScript && 'this Node.js imports no TypeScript' }, async () => {
  const path = file(
    'typed.mts',
    `import type { ScriptFunction } from '@millrace/transforms/script'
interface Order { readonly price: number; readonly count: number }
const total: ScriptFunction<Order> = ({ value }) => ({ value: { ...value, total: value.price * value.count } })
export default total
`,
  )
  assert.deepEqual(await new Script().validate({ 'script.file': path }), [])
  assert.deepEqual((await made({ 'script.file': path })).apply(record())?.value, { ...VALUE, total: 10 })
  const bad = file('bad.mts', 'export default (record: unknown) => {\n  const a: number = ;\n}\n')
  const { key, message } = await problem({ 'script.file': bad })
  assert.equal(key, 'script.file')
  assert.ok(message.startsWith(`${bad}:2:21: `), message)
  await assert.rejects(made({ 'script.file': bad }), ConfigException)
})

test('files are checked without being run', async () => {
  const says = async (path: string, message: RegExp) => {
    const found = await problem({ 'script.file': path })
    assert.equal(found.key, 'script.file')
    assert.match(found.message, message)
  }
  const good = file('good.mjs', 'globalThis.fileRan = true\nexport default (record) => record')
  assert.deepEqual(await new Script().validate({ 'script.file': good }), [])
  assert.equal('fileRan' in globalThis, false)
  await says(file('none.mjs', 'export const x = 1'), /none\.mjs has no default export/)
  await says(file('link.mjs', "import { y } from './good.mjs'\nexport default y"), /link\.mjs:1:10: .*export named 'y'/)
  await says(file('lost.mjs', "import './away.mjs'\nexport default 1"), /lost\.mjs: Cannot find module .*away\.mjs/)
  await says(file('script.py', ''), /is neither JavaScript \(\.js.*nor TypeScript/)
  await says(join(folder, 'away.mjs'), /away\.mjs cannot be read/)
  const syntax = canStripTypes ? /syntax\.mjs:2:9: .*\n {2}return\)\n/ : /syntax\.mjs: /
  await says(file('syntax.mjs', 'export default () => {\n  return)\n}'), syntax)
})
