// Maps without a schema: of every kind, with names that mean something to JavaScript, and of more shapes than are compiled.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataException, type RawConfig, SourceRecord, type Transformation, type Value } from '@millrace/api'
import { Cast } from './cast.ts'
import { ExtractField } from './extract-field.ts'
import { Flatten } from './flatten.ts'
import { InsertField } from './insert-field.ts'
import { ReplaceField } from './replace-field.ts'

function applied(transformation: Transformation, configs: RawConfig, values: readonly Value[]): unknown[] {
  transformation.configure(configs)
  return values.map((value) => {
    const record = new SourceRecord({ sourcePartition: null, sourceOffset: null, topic: 't', value })
    return (transformation.apply(record) as SourceRecord).value
  })
}
const SOME_SHAPES = 200
/** Maps of ever new names, then all of them again. */
function shapes(): Record<string, unknown>[] {
  const once = Array.from({ length: SOME_SHAPES }, (_, at) => ({ [`a${at}`]: at, b: { [`c${at}`]: 1, d: 2 } }))
  return [...once, ...once]
}

test('more shapes than are compiled come out alike', () => {
  const maps = shapes()
  const inserted = applied(new InsertField('value'), { 'static.field': 's', 'static.value': 'v' }, maps)
  assert.deepEqual(
    inserted,
    maps.map((map) => ({ ...map, s: 'v' })),
  )
  const flat = applied(new Flatten('value'), {}, maps)
  assert.deepEqual(
    flat,
    maps.map((_, at) => ({ [`a${at % SOME_SHAPES}`]: at % SOME_SHAPES, [`b.c${at % SOME_SHAPES}`]: 1, 'b.d': 2 })),
  )
})

test('shapes may change from record to record', () => {
  const maps = [{ a: 1 }, { a: 1, b: 2 }, { b: 2, a: 1 }, { a: 1 }, {}, { a: null }]
  const cast = applied(new Cast('value'), { spec: 'a:string' }, maps)
  assert.deepEqual(cast, [{ a: '1' }, { a: '1', b: 2 }, { b: 2, a: '1' }, { a: '1' }, { a: null }, { a: null }])
  const nested = [{ a: { b: 1 } }, { a: 1 }, { a: { b: { c: 1 } } }, { a: null }, { a: {} }, { a: { b: 1 } }]
  const flat = applied(new Flatten('value'), { delimiter: '_' }, nested)
  assert.deepEqual(flat, [{ a_b: 1 }, { a: 1 }, { a_b_c: 1 }, { a: null }, {}, { a_b: 1 }])
})

test('names that every object inherits are names like others', () => {
  const own = JSON.parse('{"__proto__":1,"toString":2}') as object
  const [kept] = applied(new ReplaceField('value'), { renames: 'toString:constructor' }, [own])
  assert.deepEqual(Object.entries(kept as object), [
    ['__proto__', 1],
    ['constructor', 2],
  ])
  const [flat] = applied(new Flatten('value'), {}, [own])
  assert.deepEqual(Object.entries(flat as object), Object.entries(own))
  assert.deepEqual(applied(new ExtractField('value'), { field: 'toString' }, [own, { a: 1 }]), [2, null])
  assert.deepEqual(applied(new Cast('value'), { spec: 'valueOf:string' }, [{ a: 1 }]), [{ a: 1, valueOf: null }])
})

test('a Map with strings as keys is a map, any other is refused', () => {
  const cast = (key: unknown) => applied(new Cast('value'), { spec: 'a:string' }, [new Map([[key, 1]])])
  assert.deepEqual(cast('a'), [{ a: '1' }])
  assert.throws(() => cast(1), DataException)
})
