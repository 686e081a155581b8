// The registry finds plugins by every name they have, and says what is near when there is none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnyPluginDescriptor, PluginKind } from '@millrace/api'
import { PluginRegistry } from './registry.ts'
import { compareVersions, versionFits } from './versions.ts'

const FILE_SOURCE = 'org.apache.kafka.connect.file.FileStreamSourceConnector'
const FILE_SINK = 'org.apache.kafka.connect.file.FileStreamSinkConnector'
const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'
const CAST_VALUE = 'org.apache.kafka.connect.transforms.Cast$Value'
const INSERT_VALUE = 'org.apache.kafka.connect.transforms.InsertField$Value'

function plugin(kind: PluginKind, className: string, more: { version?: string; aliases?: string[] } = {}) {
  const load = async () =>
    class {
      readonly madeOf = className
    }
  return { kind, className, version: '1.0', ...more, load } as unknown as AnyPluginDescriptor
}

const registry = new PluginRegistry([
  plugin('source', FILE_SOURCE),
  plugin('sink', FILE_SINK, { aliases: ['millrace-file-sink'] }),
  plugin('converter', JSON_CONVERTER),
  plugin('header_converter', JSON_CONVERTER),
  plugin('transformation', CAST_VALUE),
  plugin('transformation', INSERT_VALUE),
])

test('connectors are found by class, simple, pruned and declared name', () => {
  for (const name of [FILE_SOURCE, 'FileStreamSourceConnector', 'FileStreamSource']) {
    assert.equal(registry.connector(name).className, FILE_SOURCE)
  }
  assert.equal(registry.connector('millrace-file-sink').className, FILE_SINK)
})

test('one class of two kinds is no ambiguity', () => {
  assert.equal(registry.find('converter', 'JsonConverter')?.kind, 'converter')
  assert.equal(registry.find('header_converter', 'Json')?.kind, 'header_converter')
})

test('an alias that two classes share is not found', () => {
  assert.equal(registry.find('transformation', 'Value'), undefined)
  assert.equal(registry.find('transformation', CAST_VALUE)?.className, CAST_VALUE)
})

test('an unknown connector names the near ones and all', () => {
  assert.throws(() => registry.connector('FileStreamSorce'), {
    name: 'ConnectException',
    message:
      'Failed to find any class that implements Connector and which name matches FileStreamSorce, ' +
      `available connectors are: ${FILE_SOURCE}, ${FILE_SINK}. Did you mean ${FILE_SOURCE}?`,
  })
})

test('two connectors with one simple name ask for the full name', () => {
  const both = new PluginRegistry([plugin('source', 'a.FooConnector'), plugin('sink', 'b.FooConnector')])
  assert.throws(
    () => both.connector('Foo'),
    /More than one connector matches alias Foo\..*a\.FooConnector, b\.FooConnector/,
  )
})

test('an unknown class of a key is worded as the reference does, and helps', () => {
  assert.throws(() => registry.resolve('converter', 'JsonConvertor', 'key.converter'), {
    name: 'ConfigException',
    message:
      'Invalid value JsonConvertor for configuration key.converter: Class JsonConvertor could not be found. ' +
      `Did you mean ${JSON_CONVERTER}?`,
  })
})

test('create loads and constructs', async () => {
  assert.deepEqual({ ...(await registry.create('converter', 'Json', 'value.converter')) }, { madeOf: JSON_CONVERTER })
})

test('of several versions of a class the highest is in use', async () => {
  const two = new PluginRegistry([
    plugin('converter', 'x.A', { version: '1.9' }),
    plugin('converter', 'x.A', { version: '1.10' }),
  ])
  assert.deepEqual(
    two.list('converter').map((one) => one.version),
    ['1.10', '1.9'],
  )
  assert.equal(two.find('converter', 'A')?.version, '1.10')
  assert.ok(compareVersions('4.3.1', '4.3.1-rc1') > 0)
  assert.equal(compareVersions('1.0', '1.0.0'), 0)
  assert.ok(compareVersions('3.5.0.Final', '3.4.9') > 0)
})

test('a module without plugins is named', async () => {
  await assert.rejects(
    PluginRegistry.load(['node:path']),
    /Cannot load plugins of node:path: it has no export `plugins`/,
  )
  await assert.rejects(PluginRegistry.load(['no-such-module']), /Cannot load plugins of no-such-module: /)
})

test('wanted versions: exact, latest, ranges', () => {
  for (const wanted of ['latest', '1.5', '1.5.0', '[1.5]', '[1.0,2.0)', '(,1.5]', '(1.4,)', '(,1.0),[1.5,2.0]']) {
    assert.equal(versionFits(wanted, '1.5'), true, wanted)
  }
  for (const wanted of ['1.6', '[1.0,1.5)', '(1.5,)', '(,1.0),[2.0,)'])
    assert.equal(versionFits(wanted, '1.5'), false, wanted)
  for (const wanted of ['', '[1.0', 'x[1.0]']) assert.equal(versionFits(wanted, '1.5'), undefined, wanted)
})
