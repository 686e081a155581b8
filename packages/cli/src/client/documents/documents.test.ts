// Forms of files: all of them say the same connectors.
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { type TemporaryFolder, temporaryFolder } from '@millrace/testkit'
import { loadDocuments } from './load.ts'

let folder: TemporaryFolder
before(async () => {
  folder = await temporaryFolder('millrace-documents-')
})
after(() => folder[Symbol.asyncDispose]())

const write = async (name: string, text: string | Uint8Array) => {
  await writeFile(folder.file(name), text)
  return folder.file(name)
}
const load = async (name: string, text: string | Uint8Array) => {
  const all = await loadDocuments([await write(name, text)])
  return all.map(({ source, ...one }) => one)
}
const config = { 'connector.class': 'C', 'tasks.max': '1', name: 'a' }

test('all forms give the same connector, numbers as they were written', async () => {
  const wanted = [{ name: 'a', config: { ...config, ratio: '1.0', huge: '12345678901234567890', on: 'true' } }]
  const rest =
    '"connector.class": "C", "tasks.max": 1, "ratio": 1.0, "huge": 12345678901234567890, "on": true, "gone": null'
  assert.deepEqual(await load('flat.json', `{"name": "a", ${rest}}`), wanted)
  assert.deepEqual(
    await load('wrapped.json', `{"name": "a", "config": {${rest}}, "tasks": [], "type": "source"}`),
    wanted,
  )
  assert.deepEqual(await load('expanded.json', `{"a": {"info": {"name": "a", "config": {${rest}}}}}`), wanted)
  assert.deepEqual(await load('list.json', `[{"name": "a", ${rest}}]`), wanted)
  const yaml = 'connector.class: C\ntasks.max: 1\nratio: 1.0\nhuge: 12345678901234567890\non: true\ngone: ~\n'
  assert.deepEqual(await load('flat.yaml', `name: a\n${yaml}`), wanted)
  assert.deepEqual(await load('two.yml', `---\nname: a\n${yaml}---\n---\nname: b\nconnector.class: D\n`), [
    ...wanted,
    { name: 'b', config: { name: 'b', 'connector.class': 'D' } },
  ])
  const properties = 'name=a\nconnector.class = C\ntasks.max: 1\nratio=1.0\nhuge=1234567890\\\n  1234567890\non=true\n'
  assert.deepEqual(await load('flat.properties', properties), wanted)
  const latin = Buffer.from('name=a\nconnector.class=C\ntext=caf\xe9\n', 'latin1')
  assert.equal((await load('latin.properties', latin))[0]?.config.text, 'café')
})

test('YAML words that look like something else stay words', async () => {
  const [one] = await load(
    'words.yaml',
    `name: a\nconnector.class: C\na: yes\nb: 010\nc: 0x1F\nd: 2001-01-01\ne: ""\nf: \${env:X}\n`,
  )
  const { a, b, c, d, e, f } = one?.config ?? {}
  assert.deepEqual([a, b, c, d, e, f], ['yes', '010', '0x1F', '2001-01-01', '', ['$', '{env:X}'].join('')])
})

test('a Strimzi KafkaConnector, and states', async () => {
  const strimzi = `apiVersion: kafka.strimzi.io/v1beta2
kind: KafkaConnector
metadata: {name: a, labels: {strimzi.io/cluster: x}}
spec:
  class: C
  tasksMax: 1
  state: stopped
  config: {x: 1}
`
  assert.deepEqual(await load('strimzi.yaml', strimzi), [
    { name: 'a', config: { ...config, x: '1' }, state: 'STOPPED' },
  ])
  assert.equal((await load('pause.yaml', strimzi.replace('state: stopped', 'pause: true')))[0]?.state, 'PAUSED')
  const initial = '{"name": "a", "config": {"connector.class": "C"}, "initial_state": "paused"}'
  assert.equal((await load('initial.json', initial))[0]?.initialState, 'PAUSED')
})

test('folders are read in the order of names, deeper ones when asked', async () => {
  await mkdir(folder.file('all/deep'), { recursive: true })
  await write('all/2.json', '{"name": "b", "connector.class": "C"}')
  await write('all/1.properties', 'name=a\nconnector.class=C\n')
  await write('all/notes.txt', 'nothing')
  await write('all/deep/3.yaml', 'name: c\nconnector.class: C\n')
  const names = async (recursive: boolean) =>
    (await loadDocuments([folder.file('all')], { recursive })).map((one) => one.name)
  assert.deepEqual(await names(false), ['a', 'b'])
  assert.deepEqual(await names(true), ['a', 'b', 'c'])
})

test('what is no connector is named, with where it stands', async () => {
  const refuses = async (name: string, text: string, message: RegExp) => assert.rejects(load(name, text), message)
  await refuses('bad.json', '{"name": ', /bad\.json is not valid JSON/)
  await refuses('bad.yaml', 'name: a\n  b: c\n d', /bad\.yaml, line \d is not valid YAML/)
  await refuses('nameless.json', '{"connector.class": "C"}', /nameless\.json describes no connector: it has no 'name'/)
  await refuses('classless.json', '{"name": "a"}', /it has no 'connector\.class'/)
  await refuses(
    'nested.json',
    '{"name": "a", "connector.class": "C", "x": [1]}',
    /the value of 'x' is a list or an object/,
  )
  await refuses(
    'names.json',
    '{"name": "a", "config": {"name": "b", "connector.class": "C"}}',
    /two names, 'a' and, in its config, 'b'/,
  )
  await refuses(
    'extra.json',
    '{"name": "a", "initialState": 1, "config": {"connector.class": "C"}}',
    /'initialState' beside 'config'/,
  )
  await refuses(
    'state.json',
    '{"name": "a", "state": "asleep", "config": {"connector.class": "C"}}',
    /its state is 'asleep'/,
  )
  await refuses(
    'twice.yaml',
    'name: a\nconnector.class: C\n---\nname: a\nconnector.class: C\n',
    /described twice: in .*document 1 and in .*document 2/,
  )
  await refuses('x.txt', 'a', /may be \.json, \.yaml, \.yml or \.properties/)
  await refuses('empty.yaml', '---\n', /no connector in/)
  await assert.rejects(loadDocuments([folder.file('none')]), /there is no such file/)
})
