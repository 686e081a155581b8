// What records make of the registry's memory, in orders that do not happen every day.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SchemaRecord } from '../topic/format.ts'
import { RegistryState } from './state.ts'

const version = (subject: string, number: number, id: number, schema: string, deleted = false): SchemaRecord => ({
  subject,
  version: number,
  id,
  schema,
  deleted,
  schemaType: 'AVRO',
  references: [],
  metadata: null,
  ruleSet: null,
})

function put(state: RegistryState, record: SchemaRecord) {
  const { subject, version: number } = record
  return state.apply({ key: { keytype: 'SCHEMA', subject, version: number }, value: record }, 0)
}

test('the first schema of an id keeps it, within its context', () => {
  const state = new RegistryState()
  assert.equal(put(state, version('a', 1, 1, '"int"')), 'applied')
  assert.equal(put(state, version('b', 1, 1, '"long"')), 'duplicate-id')
  assert.equal(state.version('b', 1), undefined)
  assert.equal(put(state, version('b', 1, 1, '"int"')), 'applied')
  assert.equal(put(state, version(':.c:b', 1, 1, '"long"')), 'applied')
  assert.deepEqual(
    [...(state.versionsOfId('.', 1) ?? [])],
    [
      ['a', 1],
      ['b', 1],
    ],
  )
})

test('a version that is written anew lets go of its old id', () => {
  const state = new RegistryState()
  put(state, version('a', 1, 1, '"int"'))
  put(state, version('a', 1, 2, '"long"'))
  assert.equal(state.versionsOfId('.', 1), undefined)
  assert.equal(state.version('a', 1)?.schema, '"long"')
  assert.equal(state.maxId('.'), 2)
})

test('a compacted topic gives the same memory: the deleted version before, or without, its first record', () => {
  const state = new RegistryState()
  put(state, version('a', 1, 1, '"int"', true))
  assert.equal(state.find('.', version('a', 1, 1, '"int"'))?.id, 1)
  state.apply({ key: { keytype: 'DELETE_SUBJECT', subject: 'a' }, value: 1 }, 0)
  put(state, version('a', 2, 1, '"int"'))
  state.apply({ key: { keytype: 'SCHEMA', subject: 'a', version: 1 }, value: null }, 0)
  assert.deepEqual([...(state.versionsOfId('.', 1) ?? [])], [['a', 2]])
  state.apply({ key: { keytype: 'SCHEMA', subject: 'a', version: 7 }, value: null }, 0)
  assert.deepEqual(state.subjects(), ['a'])
})
