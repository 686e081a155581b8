// The normal form: what makes no difference is told in one way, and what does is kept.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AVRO, parseAvro } from './index.ts'

const normal = (text: string) => AVRO.normalize(parseAvro(text)).canonicalText
const record = (fields: string, rest = '') => `{"type":"record","name":"A","fields":[${fields}]${rest}}`

test('properties and aliases go by name, those of a logical type first', () => {
  assert.equal(
    normal(
      record(
        '{"name":"x","type":{"scale":2,"zeta":1,"type":"bytes","alpha":{"b":1,"a":2},"precision":4,"logicalType":"decimal"}}',
        ',"z":1,"aliases":["Y","X"],"b":2',
      ),
    ),
    '{"type":"record","name":"A","fields":[{"name":"x","type":{"type":"bytes","logicalType":"decimal","precision":4,"scale":2,"alpha":{"a":2,"b":1},"zeta":1}}],"b":2,"z":1,"aliases":["X","Y"]}',
  )
})

test('defaults are told as their type prints them, and left out when they are of another type', () => {
  const fields = [
    '{"name":"d","type":"double","default":1}',
    '{"name":"f","type":["null","float"],"default":2}',
    '{"name":"r","type":{"type":"record","name":"R","fields":[{"name":"y","type":"double"},{"name":"x","type":"int"}]},"default":{"y":1,"x":2}}',
    '{"name":"n","type":["null","int"],"default":null}',
    '{"name":"w","type":"int","default":"text"}',
  ]
  const defaults = [...normal(record(fields.join())).matchAll(/"default":(\{.*?\}|[^,}]*)/g)].map((match) => match[1])
  assert.deepEqual(defaults, ['1.0', '2.0', '{"x":2,"y":1.0}', 'null'])
})

test('a normal form is its own, also of a schema that contains itself', () => {
  const once = normal(record('{"name":"next","type":["null","A"],"default":null,"doc":"d"}', ',"doc":""'))
  assert.equal(
    once,
    '{"type":"record","name":"A","fields":[{"name":"next","type":["null","A"],"doc":"d","default":null}]}',
  )
  assert.equal(normal(once), once)
})

test('a type without a namespace within one that has one stays without', () => {
  const inner = '{"type":"enum","name":"E","namespace":"","symbols":["A"]}'
  assert.equal(
    normal(`{"type":"record","name":"n.R","fields":[{"name":"x","type":${inner}}]}`).includes('"namespace":""'),
    true,
  )
})
