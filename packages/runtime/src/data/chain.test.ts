// The transformation chain: order, predicates and their negation, dropped records, promises only where a stage gave one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ConfigException,
  type ConnectRecord,
  DataException,
  defineConfig,
  definePlugins,
  type Predicate,
  SourceRecord,
  type Transformation,
  type ValueSlot,
} from '@millrace/api'
import { PluginRegistry } from '../plugins/registry.ts'
import { createChain, isPromise } from './chain.ts'

let closed = 0

/** Appends the text of its configuration; drops records at `drop`, and waits where told. */
class Append implements Transformation {
  readonly config = defineConfig({})
  #text = ''
  #later = false
  configure(configs: Readonly<Record<string, string | null>>): void {
    this.#text = configs.text ?? ''
    this.#later = configs.later === 'true'
  }
  apply(record: ConnectRecord): ConnectRecord | null | Promise<ConnectRecord | null> {
    const result = this.#text === 'drop' ? null : record.with({ value: `${record.value}${this.#text}` })
    return this.#later ? Promise.resolve(result) : result
  }
  close(): void {
    closed++
  }
}
/** Stands for code of a user: fails, at once or later. */
class Code implements Transformation {
  readonly config = defineConfig({})
  #later = false
  async configure(configs: Readonly<Record<string, string | null>>): Promise<void> {
    await null
    this.#later = configs.later === 'true'
  }
  apply(): Promise<null> {
    if (this.#later) return Promise.reject(new Error('failed'))
    throw new Error('failed')
  }
}
/** True for values that have the text. */
class Has implements Predicate {
  readonly config = defineConfig({})
  #text = ''
  configure(configs: Readonly<Record<string, string | null>>): void {
    this.#text = configs.text ?? ''
  }
  test(record: ConnectRecord): boolean {
    return String(record.value).includes(this.#text)
  }
  close(): void {
    closed++
  }
}
/** Rewrites the value alone. */
class Rewrite extends Append {
  rewriteValue(slot: ValueSlot, record: ConnectRecord): void {
    const result = super.apply(record.with({ value: slot.value })) as ConnectRecord
    slot.value = result.value
    if (slot.value === 'fail') throw new DataException('failed')
  }
}
/** This module is the plugin package, too. */
export const plugins = definePlugins([
  { kind: 'transformation', className: 'test.Append', version: '1', load: async () => Append },
  { kind: 'transformation', className: 'test.Rewrite', version: '1', load: async () => Rewrite },
  { kind: 'transformation', className: 'test.Code', version: '1', runsConfiguredCode: true, load: async () => Code },
  { kind: 'predicate', className: 'test.Has', version: '1', load: async () => Has },
])
let loaded: Promise<PluginRegistry> | undefined
const registry = () => (loaded ??= PluginRegistry.load([import.meta.url]))
const record = (value: string) => new SourceRecord({ sourcePartition: null, sourceOffset: null, topic: 't', value })

async function chainOf(props: Readonly<Record<string, string>>) {
  const chain = await createChain(props, await registry(), {})
  assert.ok(chain !== null)
  return chain
}
const stage = (alias: string, text: string, more: Readonly<Record<string, string>> = {}) => ({
  [`transforms.${alias}.type`]: 'test.Append',
  [`transforms.${alias}.text`]: text,
  ...Object.fromEntries(Object.entries(more).map(([key, value]) => [`transforms.${alias}.${key}`, value])),
})

test('no transforms, no chain', async () => {
  assert.equal(await createChain({}, await registry(), {}), null)
})

test('stages apply in the order of their names in transforms', async () => {
  const chain = await chainOf({ transforms: 'b,a', ...stage('a', '1'), ...stage('b', '2') })
  const result = chain.apply(record('x'))
  assert.ok(!isPromise(result))
  assert.equal(result?.value, 'x21')
})

test('stages that only rewrite the value share one new record, with others and predicates between them', async () => {
  const rewrite = (alias: string, text: string, more = {}) => ({
    ...stage(alias, text, more),
    [`transforms.${alias}.type`]: 'test.Rewrite',
  })
  const chain = await chainOf({
    transforms: 'a,b,c,d,e,f',
    ...rewrite('a', '1'),
    ...rewrite('b', '2'),
    ...stage('c', '3'),
    ...rewrite('d', '4', { predicate: 'q' }),
    ...rewrite('e', '5'),
    ...rewrite('f', '6'),
    predicates: 'q',
    'predicates.q.type': 'test.Has',
    'predicates.q.text': 'q',
  })
  assert.equal((chain.apply(record('x')) as SourceRecord).value, 'x12356')
  assert.equal((chain.apply(record('q')) as SourceRecord).value, 'q123456')
  const still = await chainOf({ transforms: 'a,b', ...rewrite('a', ''), ...rewrite('b', '') })
  const same = record('x')
  assert.equal(still.apply(same), same)
  const failing = await chainOf({
    transforms: 'a,b,c',
    ...stage('a', 'f'),
    ...rewrite('b', 'ai'),
    ...rewrite('c', 'l'),
  })
  assert.throws(() => failing.apply(record('')), /failed/)
  assert.equal(failing.current, 'test.Rewrite')
})

test('a predicate guards its stage, negate turns it round', async () => {
  const predicates = { predicates: 'q', 'predicates.q.type': 'test.Has', 'predicates.q.text': 'q' }
  const chain = await chainOf({
    transforms: 'a,b',
    ...stage('a', '+', { predicate: 'q' }),
    ...stage('b', '-', { predicate: 'q', negate: 'true' }),
    ...predicates,
  })
  assert.equal((chain.apply(record('q')) as SourceRecord).value, 'q+')
  assert.equal((chain.apply(record('x')) as SourceRecord).value, 'x-')
})

test('a dropped record goes no further', async () => {
  const chain = await chainOf({ transforms: 'a,b', ...stage('a', 'drop'), ...stage('b', '!') })
  assert.equal(chain.apply(record('x')), null)
})

test('a stage that waits makes the result a promise, and those behind it still apply', async () => {
  const chain = await chainOf({
    transforms: 'a,b,c',
    ...stage('a', '1', { later: 'true' }),
    ...stage('b', '2', { later: 'true' }),
    ...stage('c', '3'),
  })
  const result = chain.apply(record('x'))
  assert.ok(isPromise(result))
  assert.equal((await result)?.value, 'x123')
  const dropping = await chainOf({ transforms: 'a,b', ...stage('a', 'drop', { later: 'true' }), ...stage('b', '!') })
  assert.equal(await dropping.apply(record('x')), null)
})

test('what is closed is everything', async () => {
  const predicates = { predicates: 'q', 'predicates.q.type': 'test.Has' }
  const chain = await chainOf({ transforms: 'a', ...stage('a', '', { predicate: 'q' }), ...predicates })
  closed = 0
  await chain.close()
  assert.equal(closed, 2)
})

test('a class that is not there, and a predicate that is not declared, are configuration errors', async () => {
  await assert.rejects(chainOf({ transforms: 'a', 'transforms.a.type': 'test.Apend' }), (error) => {
    assert.ok(error instanceof ConfigException)
    assert.match(error.message, /Append/)
    return true
  })
  await assert.rejects(
    chainOf({ transforms: 'a', ...stage('a', '', { predicate: 'p' }) }),
    /The predicate 'p' is used by a transformation but not listed/,
  )
})

test('what fails says in which transformation, at once or later', async () => {
  const stages = { ...stage('a', '1'), 'transforms.b.type': 'test.Code' }
  const atOnce = await chainOf({ transforms: 'a,b', ...stages })
  assert.throws(() => atOnce.apply(record('x')), { message: 'failed (transformation b)' })
  const later = await chainOf({ transforms: 'a,b', ...stages, 'transforms.b.later': 'true' })
  await assert.rejects(async () => later.apply(record('x')), { message: 'failed (transformation b)' })
})

test('code of a configuration is not made where the worker does not allow it', async () => {
  const props = { transforms: 'b', 'transforms.b.type': 'Code' }
  const allow = (value: string) =>
    registry().then((known) => createChain(props, known, { 'script.transformations.enable': value }))
  assert.notEqual(await allow('true'), null)
  await assert.rejects(allow(' FALSE '), {
    name: 'ConfigException',
    message: /Invalid value test\.Code for configuration transforms\.b\.type: .* script\.transformations\.enable=false/,
  })
})

test('the first record of many is timed', async () => {
  const chain = await chainOf({ transforms: 'a', ...stage('a', '1') })
  const read = () =>
    Object.fromEntries(chain.samples({ connector: 'c', task: 1 }).map(({ name, value }) => [name, value]))
  assert.ok(Number.isNaN(read()['apply-max-time-ms']))
  chain.apply(record('x'))
  const { 'apply-avg-time-ms': average, 'apply-max-time-ms': max, ...about } = read()
  assert.ok(Number(max) > 0 && max === average)
  assert.deepEqual(about, { 'transform-class': 'test.Append', 'transform-version': '1' })
  chain.apply(record('x'))
  assert.equal(read()['apply-avg-time-ms'], average)
})
