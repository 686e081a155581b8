// Several hundred connector configurations, each validated, some created: every key of the framework with values of every
// kind, one at a time, and those that only mean something together.
import type { Call } from './calls.ts'

type Config = Readonly<Record<string, unknown>>
interface Case {
  readonly name: string
  readonly type: 'source' | 'sink'
  readonly config: Config
}

const WORDS = ['', ' ', 'a', 'a,b', 'none', 'ALL']
const NUMBERS = [
  '',
  ' 7 ',
  '0',
  '-1',
  '1',
  '2147483647',
  '2147483648',
  '9223372036854775808',
  '1.5',
  '0x10',
  'x',
  7,
  null,
]
const LONGS = ['0', '-1', '-2', '9223372036854775807', '9223372036854775808', '1e3', 'x']
const BOOLEANS = ['true', 'TRUE', ' true ', 'yes', '', false, null]
const CLASSES = [
  '',
  'NoSuchClass',
  'org.apache.kafka.connect.file.FileStreamSinkConnector',
  'JsonConverter',
  'StringConverter',
  null,
]
const ENUMS = ['none', 'NONE', 'all', 'All', 'some', '', null]

/** Keys of both kinds, with the values to try. */
const COMMON: Readonly<Record<string, readonly unknown[]>> = {
  name: ['', ' ', 'a/b', 'a\nb', 'Ä b', 'x'.repeat(249), null],
  'connector.class': ['FileStream', 'org.apache.kafka.connect.file.FileStreamSource', 'FileStreamSourceConnector', ''],
  'tasks.max': NUMBERS,
  'tasks.max.enforce': BOOLEANS,
  'key.converter': CLASSES,
  'value.converter': CLASSES,
  'header.converter': [...CLASSES, 'SimpleHeaderConverter'],
  'config.action.reload': ['restart', 'RESTART', 'none', 'other', '', null],
  'errors.retry.timeout': LONGS,
  'errors.retry.delay.max.ms': LONGS,
  'errors.tolerance': ENUMS,
  'errors.log.enable': BOOLEANS,
  'errors.log.include.messages': BOOLEANS,
  transforms: ['', 'a', 'a,a', 'a,b', ' a ', null],
  predicates: ['', 'p', 'p,p', null],
  file: ['', '/dev/null', null],
  'unknown.key': ['', 'x', null],
}
const SOURCE: Readonly<Record<string, readonly unknown[]>> = {
  topic: ['', ' ', 'a,b', null],
  'batch.size': NUMBERS,
  'exactly.once.support': ['requested', 'required', 'REQUIRED', 'other', ''],
  'transaction.boundary': ['poll', 'POLL', 'interval', 'connector', 'other', ''],
  'transaction.boundary.interval.ms': ['', '0', '1', '-1', 'x', null],
  'offsets.storage.topic': ['', ' ', 'own-offsets', null],
  'topic.creation.groups': ['', 'a', 'a,b', 'a,a', 'default', null],
  'producer.override.acks': WORDS,
  'producer.override.max.request.size': ['1', 'x', '-1'],
  'producer.override.unknown': ['x'],
}
const SINK: Readonly<Record<string, readonly unknown[]>> = {
  topics: ['', ' ', 'a', 'a,b', 'a,a', ' a , b ', null],
  'topics.regex': ['', 'a.*', '[', '(', null],
  'errors.deadletterqueue.topic.name': ['', 'dlq', ' ', null],
  'errors.deadletterqueue.topic.replication.factor': ['0', '1', '-1', '40000', 'x'],
  'errors.deadletterqueue.context.headers.enable': BOOLEANS,
  'consumer.override.auto.offset.reset': ['earliest', 'latest', 'none', 'middle'],
  'consumer.override.max.poll.records': ['1', '0', 'x'],
  'admin.override.request.timeout.ms': ['1', 'x'],
}

/** All calls about configurations. */
export function configCalls(folder: string): readonly Call[] {
  const base = {
    source: { name: 'c', 'connector.class': 'FileStreamSource', file: `${folder}/in.txt`, topic: 'diff-configs' },
    sink: { name: 'c', 'connector.class': 'FileStreamSink', file: `${folder}/out.txt`, topics: 'diff-configs' },
  }
  const cases: Case[] = [
    ...single('source', base.source, { ...COMMON, ...SOURCE }),
    ...single('sink', base.sink, { ...COMMON, ...SINK }),
    ...together(base.source, base.sink),
  ]
  return [...cases.map(validation), ...cases.filter(isCreated).flatMap(creation)]
}

function single(type: Case['type'], base: Config, keys: Readonly<Record<string, readonly unknown[]>>): Case[] {
  return Object.entries(keys).flatMap(([key, values]) =>
    values.map((value) => ({
      name: `${type} with ${key}=${JSON.stringify(value)}`,
      type,
      config: { ...base, [key]: value },
    })),
  )
}

/** Keys that only mean something together. */
function together(source: Config, sink: Config): Case[] {
  const groups = { ...source, 'topic.creation.groups': 'a' }
  const defaults = { 'topic.creation.default.replication.factor': '1', 'topic.creation.default.partitions': '1' }
  const of = (name: string, config: Config, type: Case['type'] = 'source'): Case => ({ name, type, config })
  return [
    of('creation defaults', { ...source, ...defaults }),
    of('creation defaults out of range', {
      ...source,
      'topic.creation.default.replication.factor': '0',
      'topic.creation.default.partitions': '-2',
    }),
    of('creation without replication', { ...source, 'topic.creation.default.partitions': '1' }),
    of('creation with cleanup', { ...source, ...defaults, 'topic.creation.default.cleanup.policy': 'compact' }),
    of('a group without defaults', { ...groups, 'topic.creation.a.include': 'x.*' }),
    of('a group without include', { ...groups, ...defaults }),
    of('a group with a bad expression', { ...groups, ...defaults, 'topic.creation.a.include': '[' }),
    of('a group with figures', {
      ...groups,
      ...defaults,
      'topic.creation.a.include': 'x.*,y',
      'topic.creation.a.exclude': 'z',
      'topic.creation.a.partitions': '3',
      'topic.creation.a.replication.factor': '-1',
    }),
    of('a group that is not named', { ...source, ...defaults, 'topic.creation.b.include': 'x' }),
    of('predicate without type', { ...source, predicates: 'p' }),
    of('predicate of an unknown type', { ...source, predicates: 'p', 'predicates.p.type': 'NoSuchPredicate' }),
    of('predicate that is a connector', { ...source, predicates: 'p', 'predicates.p.type': 'FileStreamSource' }),
    of('transformation without type', { ...source, transforms: 't' }),
    of('transformation of an unknown type', {
      ...source,
      transforms: 't',
      'transforms.t.type': 'NoSuchTransformation',
    }),
    of('converter with settings', {
      ...source,
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'false',
    }),
    of('converter with bad settings', {
      ...source,
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'perhaps',
      'value.converter.schemas.cache.size': 'many',
    }),
    of('exactly once with a boundary', {
      ...source,
      'exactly.once.support': 'required',
      'transaction.boundary': 'connector',
    }),
    of('sink without topics', { ...sink, topics: undefined }, 'sink'),
    of('sink with topics and expression', { ...sink, 'topics.regex': 'a.*' }, 'sink'),
    of('sink with an expression', { ...sink, topics: undefined, 'topics.regex': 'a.*' }, 'sink'),
    of('sink that reads its dead letters', { ...sink, 'errors.deadletterqueue.topic.name': 'diff-configs' }, 'sink'),
    of(
      'sink whose expression fits its dead letters',
      { ...sink, topics: undefined, 'topics.regex': 'd.*', 'errors.deadletterqueue.topic.name': 'dlq' },
      'sink',
    ),
    of('sink that tolerates all', { ...sink, 'errors.tolerance': 'all', 'errors.log.enable': 'true' }, 'sink'),
  ]
}

function validation({ name, type, config }: Case): Call {
  const plugin = type === 'source' ? 'FileStreamSource' : 'FileStreamSink'
  return {
    name: `validate ${name}`,
    method: 'PUT',
    path: `/connector-plugins/${plugin}/config/validate`,
    body: config,
    valuesOnly: true,
  }
}

/** Creation answers for all keys of the first kind would say the same again; every fifth is enough, and all that go together. */
function isCreated({ name, config }: Case, at: number): boolean {
  return config.name === 'c' && (at % 5 === 0 || !name.includes('='))
}

function creation({ name, config }: Case): Call[] {
  const body = { name: 'c', config: { ...config, name: 'c' }, initial_state: 'STOPPED' }
  return [
    { name: `create ${name}`, method: 'POST', path: '/connectors', body },
    { name: `delete ${name}`, method: 'DELETE', path: '/connectors/c' },
  ]
}
