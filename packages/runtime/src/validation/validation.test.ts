// Validation: every problem is found, in the order and words that users of the reference know.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  atLeast,
  type Converter,
  defineConfig,
  definePlugins,
  SinkConnector,
  SourceConnector,
  type Transformation,
} from '@millrace/api'
import { listPlugins } from '../control/plugin-list.ts'
import type { ConfigInfos } from '../plane/messages.ts'
import { PluginRegistry } from '../plugins/registry.ts'
import { plugins as runtimePlugins } from '../plugins/runtime-plugins.ts'
import { pluginConfig } from './plugin-config.ts'
import { validateConnector } from './validate-connector.ts'

const SOURCE_KEYS = defineConfig({
  topic: { type: 'string', importance: 'high', doc: 'Where to.', group: 'Mine' },
  'batch.size': { type: 'int', default: 10, importance: 'low', doc: 'How many.', validator: atLeast(1) },
  secret: { type: 'password', default: null, importance: 'low', doc: 'Key.' },
  hidden: { type: 'string', default: 'x', importance: 'low', doc: 'Not shown.', internal: true },
})

class TestSource extends SourceConnector {
  readonly config = SOURCE_KEYS
  readonly version = '2.0'
  start(): void {}
  stop(): void {}
  taskConfigs() {
    return []
  }
  taskClass(): never {
    throw new Error('no tasks here')
  }
}

class TestSink extends SinkConnector {
  readonly config = defineConfig({})
  readonly version = '2.0'
  start(): void {}
  stop(): void {}
  taskConfigs() {
    return []
  }
  taskClass(): never {
    throw new Error('no tasks here')
  }
}

class TestConverter implements Converter {
  readonly config = defineConfig({
    size: { type: 'int', default: 1, importance: 'low', doc: 'Size.', group: 'Sizes', validator: atLeast(1) },
  })
  configure(): void {}
  fromConnectData() {
    return null
  }
  toConnectData() {
    return { schema: null, value: null }
  }
}

class TestTransform implements Transformation {
  readonly config = defineConfig({ field: { type: 'string', importance: 'high', doc: 'Which.' } })
  configure(): void {}
  apply<R>(record: R): R {
    return record
  }
}

const registry = new PluginRegistry([
  ...runtimePlugins,
  ...definePlugins([
    { kind: 'source', className: 'test.TestSourceConnector', version: '2.0', load: async () => TestSource },
    { kind: 'sink', className: 'test.TestSinkConnector', version: '2.0', load: async () => TestSink },
    { kind: 'converter', className: 'test.TestConverter', version: '1.0', load: async () => TestConverter },
    { kind: 'transformation', className: 'test.Rename', version: '1.0', load: async () => TestTransform },
  ]),
])
const WORKER = { 'key.converter': 'test.TestConverter', 'value.converter': 'TestConverter' }

const validate = (props: Record<string, string | null>, worker: Record<string, string> = WORKER) =>
  validateConnector(registry, worker, props)

function errors(infos: ConfigInfos): Record<string, readonly string[]> {
  const bad = infos.configs.filter((one) => (one.value?.errors.length ?? 0) > 0)
  return Object.fromEntries(bad.map((one) => [one.value?.name ?? '', one.value?.errors ?? []]))
}
function entry(infos: ConfigInfos, name: string) {
  return infos.configs.find((one) => (one.definition?.name ?? one.value?.name) === name)
}

test('a good configuration has no errors, defaults of the worker, and versions', async () => {
  const infos = await validate({ name: 'a', 'connector.class': 'TestSource', topic: 't', secret: 'pw', stray: 'x' })
  assert.equal(infos.error_count, 0)
  assert.equal(infos.name, 'TestSource')
  assert.deepEqual(infos.groups.slice(0, 2), ['Common', 'Transforms'])
  assert.equal(infos.groups.at(-1), 'Mine')
  assert.equal(entry(infos, 'key.converter')?.value?.value, 'test.TestConverter')
  assert.deepEqual(entry(infos, 'key.converter')?.value?.recommended_values, ['test.TestConverter'])
  assert.equal(entry(infos, 'connector.plugin.version')?.value?.value, '2.0')
  assert.equal(entry(infos, 'secret')?.value?.value, '[hidden]')
  assert.equal(entry(infos, 'hidden'), undefined)
  assert.equal(entry(infos, 'stray'), undefined)
  assert.equal(infos.configs[0]?.definition?.name, 'name')
})

test('problems of all kinds are found at once', async () => {
  const infos = await validate({
    'connector.class': 'TestSource',
    'tasks.max': '0',
    'key.converter': 'NoSuch',
    'batch.size': 'many',
    'errors.tolerance': 'some',
    nothing: null,
  })
  assert.deepEqual(errors(infos), {
    nothing: ['Null value can not be supplied as the configuration value.'],
    name: ['Missing required configuration "name" which has no default value.'],
    'tasks.max': ['Invalid value 0 for configuration tasks.max: Value must be at least 1'],
    'key.converter': ['Invalid value NoSuch for configuration key.converter: Class NoSuch could not be found.'],
    'errors.tolerance': ['Invalid value some for configuration errors.tolerance: String must be one of: none, all'],
    topic: ['Missing required configuration "topic" which has no default value.'],
    'batch.size': ['Invalid value many for configuration batch.size: Not a number of type INT'],
  })
  assert.equal(infos.error_count, 7)
  assert.equal(infos.configs[0]?.definition, null)
})

test('a sink needs topics or a pattern', async () => {
  const infos = await validate({ name: 's', 'connector.class': 'TestSink' })
  assert.deepEqual(errors(infos), {
    topics: ['Must configure one of topics or topics.regex'],
    'topics.regex': ['Must configure one of topics or topics.regex'],
  })
})

test('a sink may not consume in the group of the workers', async () => {
  const worker = { ...WORKER, 'group.id': 'connect-s', 'config.storage.topic': 'configs' }
  const sink = { name: 's', 'connector.class': 'TestSink', topics: 't' }
  assert.deepEqual(errors(await validate(sink, worker)), {
    name: ['Consumer group for sink connector named s conflicts with Connect worker group connect-s'],
  })
  const own = (group: string) => ({ ...sink, 'consumer.override.group.id': group })
  assert.deepEqual(errors(await validate(own('mine'), worker)), {})
  assert.deepEqual(errors(await validate(own('connect-s'), worker)), {
    'consumer.override.group.id': ['Consumer group connect-s conflicts with Connect worker group connect-s'],
  })
  assert.deepEqual(errors(await validate(sink, { ...worker, 'consumer.group.id': 'all' })), {})
  assert.deepEqual(errors(await validate(sink, { ...WORKER, 'group.id': 'connect-s' })), {})
})

test('transformations bring their keys in; the framework adds the guard', async () => {
  const infos = await validate({
    name: 'a',
    'connector.class': 'TestSource',
    topic: 't',
    transforms: 'r,x',
    'transforms.r.type': 'test.Rename',
    'transforms.x.negate': 'true',
  })
  assert.deepEqual(errors(infos), {
    'transforms.r.field': ['Missing required configuration "transforms.r.field" which has no default value.'],
    'transforms.x.type': [
      'Missing required configuration "transforms.x.type" which has no default value.',
      "Config 'transforms.x.negate' was provided but there is no config 'transforms.x.predicate' defining a predicate to be negated.",
    ],
  })
  assert.equal(entry(infos, 'transforms.r.negate')?.value?.value, 'false')
  const keys = infos.configs.flatMap((one) => one.definition ?? []).filter((one) => one.group === 'Transforms: r')
  assert.deepEqual(
    keys.map((one) => [one.name, one.order_in_group, one.display_name]),
    [
      ['transforms.r.type', 0, 'Transformation type for r'],
      ['transforms.r.plugin.version', 1, 'Transformation version for r'],
      ['transforms.r.field', 2, 'field'],
      ['transforms.r.negate', 3, 'negate'],
      ['transforms.r.predicate', 4, 'predicate'],
    ],
  )
})

test('converters that a connector names are checked with its settings', async () => {
  const infos = await validate({
    name: 'a',
    'connector.class': 'TestSource',
    topic: 't',
    'value.converter': 'TestConverter',
    'value.converter.size': '0',
    'key.converter.size': '0',
  })
  assert.deepEqual(errors(infos), {
    'value.converter.size': ['Invalid value 0 for configuration size: Value must be at least 1'],
  })
  assert.ok(infos.groups.includes('Sizes'))
})

test('a class of another kind is no converter', async () => {
  const infos = await validate({
    name: 'a',
    'connector.class': 'TestSource',
    topic: 't',
    'key.converter': 'test.Rename',
  })
  assert.deepEqual(errors(infos), {
    'key.converter': ['Class class test.Rename does not implement the Converter interface'],
  })
})

test('overrides of clients obey the policy of the worker', async () => {
  const props = { name: 'a', 'connector.class': 'TestSource', topic: 't', 'producer.override.linger.ms': '7' }
  const allowed = await validate(props)
  assert.equal(entry(allowed, 'producer.override.linger.ms')?.value?.value, '7')
  const refused = await validate(props, { ...WORKER, 'connector.client.config.override.policy': 'None' })
  assert.deepEqual(errors(refused), {
    'producer.override.linger.ms': [
      "The 'None' policy does not allow 'linger.ms' to be overridden in the connector configuration.",
    ],
  })
  await assert.rejects(
    validate({ ...props, 'producer.override.linger.ms': 'x' }),
    /producer\.override\.\* cannot be used: Invalid value x/,
  )
})

test('each policy allows what it says, in validation and at the start', async () => {
  const own = { 'producer.override.sasl.mechanism': 'PLAIN', 'producer.override.linger.ms': '7' }
  const props = { name: 'a', 'connector.class': 'TestSource', topic: 't', ...own }
  const refusedBy = async (policy: string, more: Record<string, string> = {}) =>
    Object.keys(
      errors(await validate(props, { ...WORKER, 'connector.client.config.override.policy': policy, ...more })),
    )
  assert.deepEqual(await refusedBy('All'), [])
  assert.deepEqual(await refusedBy('Principal'), ['producer.override.linger.ms'])
  assert.deepEqual(await refusedBy('None'), Object.keys(own))
  assert.deepEqual(await refusedBy('Allowlist'), Object.keys(own))
  const allowlist = { 'connector.client.config.override.allowlist': 'acks, linger.ms' }
  assert.deepEqual(await refusedBy('Allowlist', allowlist), ['producer.override.sasl.mechanism'])
  const byClass = 'org.apache.kafka.connect.connector.policy.PrincipalConnectorClientConfigOverridePolicy'
  assert.deepEqual(await refusedBy(byClass), ['producer.override.linger.ms'])
})

test('connector-defined transactions need a connector that has them', async () => {
  const infos = await validate({
    name: 'a',
    'connector.class': 'TestSource',
    topic: 't',
    'transaction.boundary': 'connector',
  })
  assert.match(errors(infos)['transaction.boundary']?.[0] ?? '', /^The connector does not support connector-defined/)
})

test('the keys of a plugin: its own first, the framework after it', async () => {
  const keys = await pluginConfig(registry, 'TestSource')
  assert.deepEqual(
    keys.slice(0, 4).map((key) => key.name),
    ['topic', 'batch.size', 'secret', 'name'],
  )
  assert.equal(keys.find((key) => key.name === 'connector.plugin.version')?.default_value, '2.0')
  assert.deepEqual(
    (await pluginConfig(registry, 'test.Rename')).map((key) => key.name),
    ['field'],
  )
  await assert.rejects(pluginConfig(registry, 'None'), /Invalid plugin class None/)
})

test('a version that is not installed is refused', async () => {
  const props = { name: 'a', 'connector.class': 'TestSource', topic: 't' }
  assert.equal((await validate({ ...props, 'connector.plugin.version': '[1.0,3.0)' })).error_count, 0)
  assert.deepEqual(errors(await validate({ ...props, 'connector.plugin.version': '3.0' })), {
    'connector.plugin.version': [
      'Invalid value 3.0 for configuration connector.plugin.version: Plugin test.TestSourceConnector not found that matches the version range 3.0, available versions: [2.0]',
    ],
  })
})

test('of several versions the one that is asked for judges a configuration (KIP-891)', async () => {
  const old = { type: 'string', importance: 'high', doc: 'Only here.' } as const
  class Older extends TestSink {
    override readonly config = defineConfig({ old })
  }
  class OlderRename implements Transformation {
    readonly config = defineConfig({ old })
    configure(): void {}
    apply<R>(record: R): R {
      return record
    }
  }
  const two = new PluginRegistry([
    ...registry.list(),
    { kind: 'sink', className: 'test.TestSinkConnector', version: '1.0', load: async () => Older },
    { kind: 'transformation', className: 'test.Rename', version: '0.9', load: async () => OlderRename },
  ])
  const props = { name: 'a', 'connector.class': 'TestSink', topics: 't' }
  const judge = (more: Record<string, string>) => validateConnector(two, WORKER, { ...props, ...more })
  assert.deepEqual(Object.keys(errors(await judge({}))), [])
  const older = await judge({ 'connector.plugin.version': '[1.0,2.0)' })
  assert.deepEqual(Object.keys(errors(older)), ['old'])
  assert.deepEqual(entry(older, 'connector.plugin.version')?.value?.recommended_values, ['1.0', '2.0'])
  assert.match(
    errors(await judge({ 'connector.plugin.version': '9' }))['connector.plugin.version']?.[0] ?? '',
    /not found that matches the version range 9, available versions: \[1.0, 2.0\]/,
  )
  const stage = await judge({
    transforms: 'r',
    'transforms.r.type': 'test.Rename',
    'transforms.r.plugin.version': '0.9',
  })
  assert.notEqual(entry(stage, 'transforms.r.old'), undefined)
  const keys = await pluginConfig(two, 'test.TestSinkConnector', '1.0')
  assert.ok(keys.some((key) => key.name === 'old'))
  assert.equal(keys.find((key) => key.name === 'connector.plugin.version')?.default_value, '1.0')
  assert.deepEqual(
    listPlugins(two, true).map((one) => [one.class, one.version]),
    [
      ['test.TestSinkConnector', '1.0'],
      ['test.TestSinkConnector', '2.0'],
      ['test.TestSourceConnector', '2.0'],
    ],
  )
})
