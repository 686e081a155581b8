// The types as their users meet them: what is right compiles, what is wrong does not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScriptFunction, ScriptObject } from '@millrace/transforms/script'

interface Order {
  readonly price: number
  readonly count: number
}

const keep: ScriptFunction<Order> = (record) => (record.value.price > 1 ? record : null)
const rest: ScriptFunction<Order> = ({ topic, value: { price, ...value } }) => ({ value, topic: `${topic}-${price}` })
const opened = {
  open({ state }) {
    state.set('seen', 0)
  },
  apply: (record, { api, extend }) => ({
    headers: record.headers.duplicate().add('price', record.value.price, api.Schemas.FLOAT64),
    valueSchema: extend(record.valueSchema, 'total', (schema) => schema.field('total', api.Schemas.FLOAT64)),
  }),
} satisfies ScriptObject<Order>
// @ts-expect-error there is no part of this name
const misspelt: ScriptFunction = () => ({ vale: 1 })
// @ts-expect-error the path of records does not wait
const later: ScriptFunction = async (record) => record
// @ts-expect-error a record is not changed in place
const changing: ScriptFunction<{ a: number }> = (record) => Object.assign(record, (record.value = { a: 1 }))

test('scripts are plain functions and objects', () => {
  for (const script of [keep, rest, opened.apply, misspelt, later, changing]) assert.equal(typeof script, 'function')
})
