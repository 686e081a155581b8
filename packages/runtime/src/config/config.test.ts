// Configuration: definitions, layers of client settings, references, unknown keys.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references look like this
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileJavaRegex, type Logger, silentLogger } from '@millrace/api'
import { PluginRegistry } from '../plugins/registry.ts'
import { plugins } from '../plugins/runtime-plugins.ts'
import { adminProps, sinkConsumerProps, sourceProducerProps } from './client-configs.ts'
import { ConfigTransformer, reverseTransform } from './config-transformer.ts'
import { CONNECTOR_CONFIG } from './connector-config.ts'
import { decodeProperties, parseProperties, readTextFile } from './properties.ts'
import { isSecretKey, wellKnownSecrets } from './secret-keys.ts'
import { sinkTopicProblems, sinkTopics } from './sink-config.ts'
import { SOURCE_CONNECTOR_CONFIG, topicCreationGroups } from './source-config.ts'
import { STANDALONE_CONFIG } from './standalone-config.ts'
import { transformStages } from './transform-config.ts'
import { warnUnknownKeys } from './unknown-keys.ts'
import { knownWorkerKeys, WORKER_PREFIXES } from './worker-config.ts'

test('a worker configuration is parsed with the defaults of the reference', () => {
  const config = STANDALONE_CONFIG.parse({
    'key.converter': 'a',
    'value.converter': 'b',
    'offset.storage.file.filename': '/x',
  })
  assert.equal(config['offset.flush.interval.ms'], 60_000)
  assert.deepEqual(config.listeners, ['http://:8083'])
  assert.equal(config['admin.listeners'], null)
  assert.throws(
    () => STANDALONE_CONFIG.parse({}),
    /Missing required configuration "key\.converter" which has no default value\./,
  )
})

test('framework keys keep the order in group of the reference', () => {
  const key = SOURCE_CONNECTOR_CONFIG.keys
  assert.deepEqual([key.get('transforms')?.orderInGroup, key.get('config.action.reload')?.orderInGroup], [12, 14])
  assert.deepEqual(CONNECTOR_CONFIG.groups, ['Common', 'Transforms', 'Predicates', 'Error Handling'])
})

test('unknown keys are warned of with what was meant, values unseen', () => {
  const lines: string[] = []
  const log: Logger = { ...silentLogger, warn: (message) => lines.push(message) }
  const known = { names: knownWorkerKeys(STANDALONE_CONFIG), prefixes: WORKER_PREFIXES }
  const props = {
    'offset.flush.intervall.ms': 'x',
    'producer.linger.ms': '5',
    zzz: 'secret',
    'request.timeout.ms': '1',
  }
  warnUnknownKeys(log, 'the worker', props, known)
  assert.deepEqual(lines, [
    "The configuration of the worker has the key 'offset.flush.intervall.ms', which is not known and has no effect." +
      " Did you mean 'offset.flush.interval.ms'?",
    "The configuration of the worker has the key 'zzz', which is not known and has no effect.",
  ])
})

test('client settings: the later layer wins', () => {
  const owner = {
    workerProps: {
      'bootstrap.servers': 'b:1',
      'producer.acks': '1',
      'producer.linger.ms': '7',
      'admin.retries': '3',
      'ssl.x': 'y',
      'key.converter': 'k',
    },
    connectorProps: {
      'producer.override.linger.ms': '9',
      'consumer.override.group.id': 'g',
      'admin.override.retries': '4',
    },
    connector: 'c',
    task: 1,
  }
  const producer = sourceProducerProps(owner)
  assert.deepEqual(
    [
      producer.acks,
      producer['linger.ms'],
      producer['client.id'],
      producer['enable.idempotence'],
      producer['bootstrap.servers'],
    ],
    ['1', '9', 'connector-producer-c-1', 'false', 'b:1'],
  )
  assert.equal(sinkConsumerProps(owner)['group.id'], 'g')
  const admin = adminProps(owner, 'topics')
  assert.deepEqual(
    [admin.retries, admin['ssl.x'], admin['client.id'], admin['key.converter']],
    ['4', 'y', 'connector-adminclient-c-1', undefined],
  )
  assert.equal('producer.acks' in admin, false)
})

test('transformations become stages with their predicates', () => {
  const stages = transformStages({
    transforms: 'a, b',
    'transforms.a.type': 'T',
    'transforms.a.field': 'f',
    'transforms.a.predicate': 'p',
    'transforms.a.negate': 'true',
    'transforms.b.type': 'U',
    predicates: 'p',
    'predicates.p.type': 'P',
    'predicates.p.pattern': 'x',
  })
  assert.deepEqual(stages[0], {
    alias: 'a',
    type: 'T',
    configs: { type: 'T', field: 'f' },
    predicate: { alias: 'p', type: 'P', configs: { type: 'P', pattern: 'x' } },
    negate: true,
  })
  assert.equal(stages[1]?.predicate, null)
  assert.throws(() => transformStages({ transforms: 'a', 'transforms.a.type': 'T', 'transforms.a.predicate': 'q' }), {
    message: "The predicate 'q' is used by a transformation but not listed in 'predicates'.",
  })
  assert.throws(() => transformStages({ transforms: 'a,a' }), /Duplicate alias provided\./)
  assert.throws(() => transformStages({ transforms: 'a' }), /Missing required configuration "transforms\.a\.type"/)
})

test('topic creation groups inherit from the default group', () => {
  const props = {
    'topic.creation.groups': 'logs',
    'topic.creation.default.replication.factor': '-1',
    'topic.creation.default.partitions': '3',
    'topic.creation.logs.include': 'log-.*, trace',
    'topic.creation.logs.cleanup.policy': 'compact',
  }
  const [logs, rest] = topicCreationGroups(props)
  assert.deepEqual(
    { ...logs },
    {
      name: 'logs',
      include: ['log-.*', 'trace'],
      exclude: [],
      partitions: 3,
      replicationFactor: -1,
      configs: { 'cleanup.policy': 'compact' },
    },
  )
  assert.equal(rest?.name, 'default')
  assert.deepEqual(topicCreationGroups({ topic: 'x' }), [])
  assert.throws(() => topicCreationGroups({ 'topic.creation.groups': 'a' }), /topic\.creation\.default\.partitions/)
  assert.throws(
    () => topicCreationGroups({ ...props, 'topic.creation.default.partitions': '0' }),
    /greater than zero, or -1/,
  )
})

test('a sink reads a list or a pattern, and its dead letter queue is neither', () => {
  assert.deepEqual(sinkTopics({ topics: ' a, b,,a' }), { topics: ['a', 'b'] })
  const byRegex = sinkTopics({ 'topics.regex': 'a.*' })
  assert.ok('regex' in byRegex && byRegex.regex.test('abc') && !byRegex.regex.test('xabc'))
  assert.deepEqual(
    sinkTopicProblems({}).map((one) => one.key),
    ['topics', 'topics.regex'],
  )
  assert.equal(sinkTopicProblems({ topics: 'a', 'topics.regex': 'b' }).length, 2)
  assert.match(
    sinkTopicProblems({ topics: 'a,dlq', 'errors.deadletterqueue.topic.name': 'dlq' })[0]?.message ?? '',
    /^The DLQ topic 'dlq' may not be included in the list of topics \('topics=\[a, dlq\]'\) consumed by the connector$/,
  )
  assert.equal(
    sinkTopicProblems({ 'topics.regex': 'd.*', 'errors.deadletterqueue.topic.name': 'dlq' })[0]?.key,
    'topics.regex',
  )
})

test('Java expressions are translated, or refused with a reason', () => {
  const matches = (regex: string, text: string) => (compileJavaRegex(regex) as RegExp).test(text)
  assert.equal(matches('(?i)Foo-\\p{Digit}+', 'foo-12'), true)
  assert.equal(matches('\\Qa.b\\E-.*', 'a.b-x'), true)
  assert.equal(matches('\\Qa.b\\E', 'axb'), false)
  assert.equal(matches('[\\w.\\-]+', 'a.b-c'), true)
  assert.equal(matches('a{2}\\-b', 'aa-b'), true)
  assert.equal(typeof compileJavaRegex('a(b'), 'string')
  assert.match(String(compileJavaRegex('a*+')), /Possessive/)
})

test('properties are read as Java reads them', () => {
  assert.deepEqual(parseProperties('a=1\n# no\nb : two \\\n   lines\nc\\ d\\u0041 e\n'), {
    a: '1',
    b: 'two lines',
    'c dA': 'e',
  })
  assert.equal(decodeProperties(Buffer.from([0x61, 0xe9])), 'aé')
  assert.equal(decodeProperties(Buffer.from('aé')), 'aé')
})

test('an unreadable file is one clear error', async () => {
  await assert.rejects(readTextFile('/no/such.properties', 'worker configuration'), {
    name: 'ConnectException',
    message: 'Cannot read the worker configuration /no/such.properties: there is no such file.',
  })
})

test('references are resolved by file, directory and environment; the rest stays', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-config-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'secrets.properties'), 'password=p:w\nuser=u\n')
  writeFileSync(join(folder, 'token'), 'tok\n')
  process.env.MILLRACE_TEST_ENV = 'from-env'
  const registry = new PluginRegistry(plugins)
  const transformer = await ConfigTransformer.create(
    {
      'config.providers': 'file,dir,env',
      'config.providers.file.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
      'config.providers.file.param.allowed.paths': folder,
      'config.providers.dir.class': 'DirectoryConfigProvider',
      'config.providers.env.class': 'EnvVar',
    },
    registry,
  )
  const raw = {
    both: `\${file:${folder}/secrets.properties:user}/\${file:${folder}/secrets.properties:password}`,
    file: `\${dir:${folder}:token}`,
    env: '${env:MILLRACE_TEST_ENV}',
    missing: `\${file:${folder}/secrets.properties:nothing}`,
    outside: '${file:/etc/hostname:x}',
    unknown: '${vault:a:b}',
    none: null,
  }
  const { props, secrets } = await transformer.resolve(raw)
  assert.deepEqual(props, {
    both: 'u/p:w',
    file: 'tok\n',
    env: 'from-env',
    missing: raw.missing,
    outside: raw.outside,
    unknown: '${vault:a:b}',
    none: null,
  })
  assert.deepEqual([...secrets].sort(), ['from-env', 'p:w', 'tok\n', 'u'])
  await assert.rejects(
    transformer.resolve({ x: '${env:path:KEY}' }),
    /Path is not supported for EnvVarConfigProvider, invalid value 'path'/,
  )
  await assert.rejects(transformer.resolve({ x: `\${file:${folder}/none:k}` }), /Could not read properties from file/)
})

test('stored task configs hold the reference, not the secret', () => {
  assert.deepEqual(reverseTransform({ a: '${env:X}', b: 'plain' }, [{ a: 'secret', b: 'changed', c: 'd' }]), [
    { a: '${env:X}', b: 'changed', c: 'd' },
  ])
})

test('well-known secrets are found under any prefix, with the passwords of a JAAS line', () => {
  const jaas = 'x.PlainLoginModule required username="u" password="p\\"w";'
  assert.deepEqual(
    wellKnownSecrets({ 'producer.override.sasl.jaas.config': jaas, 'ssl.key.password': 'k', topic: 't' }),
    [jaas, 'p\\"w', 'k'],
  )
  assert.equal(isSecretKey('listeners.https.ssl.keystore.password'), true)
})
