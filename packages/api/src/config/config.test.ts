// Configuration: definitions, parsing, validators, suggestions, secrets; and the types inferred from a definition.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { ConfigException } from '../errors.ts'
import { defineConfig, type InferConfig } from './config-def.ts'
import type { ConfigType } from './config-key.ts'
import { configValueToString, parseConfigValue } from './parse.ts'
import { Password } from './password.ts'
import { suggest } from './suggest.ts'
import * as validators from './validators.ts'

const CONFIG = defineConfig({
  'tasks.max': {
    type: 'int',
    default: 1,
    importance: 'high',
    doc: 'd',
    group: 'Common',
    validator: validators.atLeast(1),
  },
  name: { type: 'string', importance: 'high', doc: 'd', group: 'Common', aliases: ['connector.name'] },
  topics: { type: 'list', default: '', importance: 'high', doc: 'd', group: 'Topics' },
  secret: {
    type: 'password',
    default: null,
    importance: 'low',
    doc: 'd',
    validator: validators.satisfies('short', () => 'too long'),
  },
  'color.mode': {
    type: 'string',
    default: 'auto',
    importance: 'low',
    doc: 'd',
    recommender: {
      validValues: (_key, config) => (config.name === 'x' ? ['auto', 'never'] : []),
      visible: (_key, config) => config.name === 'x',
    },
  },
})

test('types of the values come from the definition', () => {
  const config: InferConfig<typeof CONFIG> = CONFIG.parse({ name: 'x' })
  // These lines are the test: they compile only when the types are right.
  const tasks: number = config['tasks.max']
  const topics: readonly string[] = config.topics
  const secret: Password | null = config.secret
  // @ts-expect-error: a key that is not defined does not compile
  const missing: unknown = config['tasks.min']
  assert.deepEqual([tasks, topics, secret, missing], [1, [], null, undefined])
  assert.ok(Object.isFrozen(config))
})

test('keys carry their attributes, groups and order', () => {
  const key = CONFIG.keys.get('name')
  assert.deepEqual(
    [key?.required, key?.group, key?.orderInGroup, key?.displayName, key?.width],
    [true, 'Common', 2, 'name', 'none'],
  )
  assert.equal(CONFIG.keys.get('secret')?.orderInGroup, -1)
  assert.deepEqual(CONFIG.groups, ['Common', 'Topics'])
})

test('every fault of a configuration is in one error, the first key in its context', () => {
  assert.throws(
    () => CONFIG.parse({ 'tasks.max': '0', topics: 'a' }),
    (error) =>
      error instanceof ConfigException &&
      error.context.configKey === 'tasks.max' &&
      error.message ===
        'Invalid value 0 for configuration tasks.max: Value must be at least 1\nMissing required configuration "name" which has no default value.',
  )
})

test('validation gives each key its value, errors, and recommendations', () => {
  const byName = new Map(CONFIG.validate({ name: 'x', 'tasks.max': 'two' }).map((one) => [one.name, one]))
  assert.deepEqual(byName.get('tasks.max')?.errors, [
    'Invalid value two for configuration tasks.max: Not a number of type INT',
  ])
  assert.deepEqual(byName.get('color.mode')?.recommendedValues, ['auto', 'never'])
  assert.equal(CONFIG.validate({}).find((one) => one.name === 'color.mode')?.visible, false)
})

test('secrets stay out of errors', () => {
  const [fault] = CONFIG.validate({ name: 'x', secret: 'hunter2' }).flatMap((one) => one.errors)
  assert.equal(fault, 'Invalid value [hidden] for configuration secret: too long')
  const password = new Password('hunter2')
  for (const text of [String(password), JSON.stringify({ password }), inspect({ password }), `${password}`]) {
    assert.ok(!text.includes('hunter2') && text.includes('[hidden]'))
  }
  assert.equal(password.value, 'hunter2')
  assert.equal(configValueToString(password), '[hidden]')
})

test('old names are accepted, unknown ones are named', () => {
  assert.equal(CONFIG.parse({ 'connector.name': 'old' }).name, 'old')
  assert.equal(CONFIG.parse({ 'connector.name': 'old', name: 'new' }).name, 'new')
  assert.deepEqual(CONFIG.unknownKeys({ 'connector.name': 'x', 'tasks.maxx': '1' }), ['tasks.maxx'])
})

test('definitions are merged and prefixed', () => {
  const other = defineConfig({ name: { type: 'string', default: 'd', importance: 'low', doc: 'd' } })
  assert.equal(CONFIG.merge(other).parse({}).name, 'd')
  assert.deepEqual([...other.withPrefix('transforms.a.', 'Transforms: a').keys.keys()], ['transforms.a.name'])
})

test('values by type, as the reference reads them', () => {
  const good: readonly (readonly [ConfigType, unknown, unknown])[] = [
    ['boolean', ' TRUE ', true],
    ['boolean', 'false', false],
    ['int', ' +5 ', 5],
    ['int', '-2147483648', -2_147_483_648],
    ['short', '32767', 32_767],
    ['long', '9007199254740991', Number.MAX_SAFE_INTEGER],
    ['double', '1e-3', 0.001],
    ['double', '.5', 0.5],
    ['double', '5d', 5],
    ['double', '-Infinity', Number.NEGATIVE_INFINITY],
    ['list', ' a , b,c ', ['a', 'b', 'c']],
    ['list', '', []],
    ['list', 'a,', ['a', '']],
    ['string', ' x ', 'x'],
    ['class', 'a.B', 'a.B'],
    ['string', null, null],
  ]
  for (const [type, text, value] of good) assert.deepEqual(parseConfigValue('k', type, text), value, `${type} ${text}`)
  assert.equal(parseConfigValue('k', 'password', ' x ')?.value, ' x ')
  const bad: readonly (readonly [ConfigType, unknown, RegExp])[] = [
    ['boolean', 'yes', /Expected value to be either true or false$/],
    ['int', '2147483648', /Not a number of type INT$/],
    ['int', '1.0', /Not a number of type INT$/],
    ['short', '32768', /Not a number of type SHORT$/],
    ['long', '9223372036854775808', /Not a number of type LONG$/],
    ['double', '0x10', /Not a number of type DOUBLE$/],
    ['double', '', /Not a number of type DOUBLE$/],
    ['double', '1_000', /Not a number of type DOUBLE$/],
    ['class', '', /Expected a Class instance or class name\.$/],
  ]
  for (const [type, text, message] of bad) {
    assert.throws(
      () => parseConfigValue('k', type, text),
      (error) => error instanceof ConfigException && message.test(error.message),
    )
  }
  assert.equal(configValueToString(['a', 'b']), 'a,b')
  assert.equal(configValueToString(null), null)
})

test('validators: what passes, what does not, and how they describe themselves', () => {
  const {
    allOf,
    atLeast,
    between,
    listOf,
    nonEmptyList,
    nonEmptyString,
    nonEmptyWithoutControlChars,
    oneOf,
    oneOfIgnoringCase,
  } = validators
  const rows: readonly (readonly [
    validators_: typeof nonEmptyString,
    passes: readonly unknown[],
    fails: readonly unknown[],
    describe: string,
  ])[] = [
    [atLeast(1), [1, 5], [0, null], '[1,...]'],
    [between(1, 3), [1, 3], [0, 4, null], '[1,...,3]'],
    [oneOf('a', 'b'), ['a'], ['A', '', null], '[a, b]'],
    [oneOfIgnoringCase('a', 'b'), ['A', 'b'], ['c', null], '(case insensitive) [A, B]'],
    [nonEmptyString, ['x', null], [''], 'non-empty string'],
    [
      nonEmptyWithoutControlChars,
      ['x y', 'é', null],
      ['', 'a\u0000', 'b\u007f', '\u009f'],
      'non-empty string without ISO control characters',
    ],
    [nonEmptyList, [['a']], [[], [''], null], 'non-empty list'],
    [listOf('a', 'b'), [['a'], [], null], [['c'], ['a', 'c']], '[a, b]'],
    [allOf(nonEmptyString, oneOf('a')), ['a'], ['', 'b'], 'non-empty string and [a]'],
  ]
  for (const [validator, passes, fails, describe] of rows) {
    assert.equal(validator.describe, describe)
    for (const value of passes) assert.equal(validator('k', value), undefined, `${describe} ${value}`)
    for (const value of fails) assert.equal(typeof validator('k', value), 'string', `${describe} ${value}`)
  }
  assert.match(nonEmptyWithoutControlChars('k', 'a\u0007') ?? '', /ASCII chars: 7$/)
})

test('a validator that throws, and a recommender that throws, are errors of their key', () => {
  const config = defineConfig({
    a: {
      type: 'string',
      default: 'x',
      importance: 'low',
      doc: 'd',
      validator: validators.satisfies('s', () => {
        throw new Error('broken')
      }),
    },
    b: {
      type: 'string',
      default: 'x',
      importance: 'low',
      doc: 'd',
      recommender: {
        validValues: () => {
          throw new Error('broken too')
        },
      },
    },
  })
  assert.deepEqual(
    config.validate({}).map((one) => one.errors),
    [['broken'], ['broken too']],
  )
})

test('suggestions: the near ones, nearest first', () => {
  const known = ['tasks.max', 'topics', 'topics.regex', 'connector.class', 'key.converter', 'value.converter']
  assert.deepEqual(suggest('task.max', known), ['tasks.max'])
  assert.deepEqual(suggest('taskmax', known)[0], 'tasks.max')
  assert.deepEqual(suggest('tpoics', known), ['topics'])
  assert.deepEqual(suggest('conector.clas', known), ['connector.class'])
  assert.deepEqual(suggest('converter', known), ['key.converter', 'value.converter'])
  assert.deepEqual(suggest('zzzzzz', known), [])
  assert.equal(
    suggest(
      'x',
      Array.from({ length: 9 }, (_, at) => `x${at}`),
    ).length,
    3,
  )
})
