// Every template makes values that fit its own schema, the same ones each time.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fieldOf, isPrimitive, validateValue } from '@millrace/api'
import { Random } from '../random.ts'
import { TEMPLATES } from './index.ts'

const INDEXES = [0, 1, 2, 999, 2 ** 31 - 1, 2 ** 31, 2 ** 40]

describe('templates', () => {
  for (const [name, template] of TEMPLATES) {
    it(`${name} fits its schema, in the order of its fields`, () => {
      const random = new Random(7)
      for (const index of INDEXES) {
        const value = template.make(random.at(index), index)
        validateValue(template.schema, value)
        assert.deepEqual(
          Object.keys(value),
          template.schema.fields.map((field) => field.name),
        )
        assert.deepEqual(template.make(random.at(index), index), value, 'the same record again')
      }
    })

    it(`${name} has a key of a simple type`, () => {
      assert.ok(isPrimitive(fieldOf(template.schema, template.keyField)!.schema.type))
    })
  }

  it('differ between seeds and between records', () => {
    const { make } = TEMPLATES.get('orders')!
    const first = make(new Random(1).at(5), 5)
    assert.notDeepEqual(make(new Random(2).at(5), 5), first)
    assert.notDeepEqual(make(new Random(1 + 2 ** 40).at(5), 5), first)
    assert.notDeepEqual(make(new Random(1).at(6), 5), first)
  })
})
