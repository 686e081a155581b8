// What configurations are refused, in the reference's words; and what differs from it in the names of fields.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ConfigException,
  type RawConfig,
  SchemaBuilder,
  Schemas,
  SourceRecord,
  type Transformation,
} from '@millrace/api'
import { Cast } from './cast.ts'
import { parseFieldPath } from './common/field-path.ts'
import { HeaderFrom } from './header-from.ts'
import { DropHeaders } from './headers.ts'
import { InsertField } from './insert-field.ts'
import { MaskField } from './mask-field.ts'
import { ReplaceField } from './replace-field.ts'
import { ValueToKey } from './value-to-key.ts'

const refusals: readonly (readonly [make: () => Transformation, configs: RawConfig, message: string])[] = [
  [() => new DropHeaders(), { headers: 'h,,i' }, "Configuration 'headers' values must not be empty."],
  [
    () => new DropHeaders(),
    { headers: '' },
    "Configuration 'headers' must not be empty. Valid values include: any non-empty value",
  ],
  [() => new MaskField('value'), { fields: 'a,,b' }, "Configuration 'fields' values must not be empty."],
  [() => new ReplaceField('key'), { include: 'a,,b' }, "Configuration 'include' values must not be empty."],
  [
    () => new ReplaceField('key'),
    { renames: 'a:b,,c:d' },
    'Invalid value [a:b, , c:d] for configuration renames: Invalid rename mapping: ',
  ],
  [
    () => new ValueToKey(),
    { fields: '' },
    "Configuration 'fields' must not be empty. Valid values include: any non-empty value",
  ],
  [() => new Cast('value'), { spec: '' }, 'Must specify at least one field to cast.'],
  [() => new Cast('value'), { spec: 'a:int128' }, 'Invalid type found in casting spec: int128'],
  [
    () => new HeaderFrom('value'),
    { fields: 'a', headers: 'b,c', operation: 'copy' },
    "'fields' config must have the same number of elements as 'headers' config.",
  ],
  [() => new InsertField('value'), {}, 'No field insertion configured'],
]

for (const [make, configs, message] of refusals) {
  test(`${make().constructor.name} refuses ${JSON.stringify(configs)}`, () => {
    assert.throws(
      () => make().configure(configs),
      (error) => {
        assert.ok(error instanceof ConfigException)
        assert.equal(error.message, message)
        return true
      },
    )
  })
}

test('a field named twice is once in the key', () => {
  const transformation = new ValueToKey()
  transformation.configure({ fields: 'h,h,g' })
  const schema = SchemaBuilder.struct().field('g', Schemas.STRING).field('h', Schemas.STRING).build()
  const given = {
    sourcePartition: null,
    sourceOffset: null,
    topic: 't',
    valueSchema: schema,
    value: { g: '2', h: '1' },
  }
  assert.deepEqual(transformation.apply(new SourceRecord(given)).key, { h: '1', g: '2' })
})

test('paths of the second syntax are split at dots outside of backticks', () => {
  const paths: Readonly<Record<string, readonly string[]>> = {
    'a.b': ['a', 'b'],
    '`a.b`.c': ['a.b', 'c'],
    'a.`b.c`': ['a', 'b.c'],
    '`a\\`.b`.c': ['a`.b', 'c'],
    'a`b.c': ['a`b', 'c'],
    'a.': ['a', ''],
  }
  for (const [path, steps] of Object.entries(paths)) assert.deepEqual(parseFieldPath(path, 'V2'), steps, path)
  assert.deepEqual(parseFieldPath('a.b', 'V1'), ['a.b'])
  assert.throws(() => parseFieldPath('a.`b', 'V2'), /Incomplete backtick pair in path: \[a\.`b\].*position 2 /)
})
