// Names, and rows with the same key.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lastOfEachKey } from './ddl.ts'
import { parseTableId, quoteName, quoteTable, tableText } from './identifiers.ts'

describe('names of tables', () => {
  it('are split at dots outside quotes', () => {
    assert.equal(tableText(parseTableId('a.b.c', '"')), 'a.b.c')
    assert.deepEqual(parseTableId('"x.y"."do ""it"""', '"'), { catalog: null, schema: 'x.y', table: 'do "it"' })
    assert.deepEqual(parseTableId('db.t', '`', 'catalog'), { catalog: 'db', schema: null, table: 't' })
    for (const text of ['a.', '"a', 'a.b.c.d', '"a"b']) assert.throws(() => parseTableId(text, '"'), text)
  })

  it('come back from how they are quoted', () => {
    for (const quote of ['"', '`']) {
      for (const table of ['plain', 'with space', `a${quote}b`, 'dots.in.it', 'ü😀']) {
        const id = { catalog: null, schema: 's', table }
        assert.deepEqual(parseTableId(quoteTable({ quote, always: true }, id), quote), id)
      }
    }
    assert.equal(quoteName({ quote: '"', always: false }, 'As Is'), 'As Is')
  })
})

describe('rows with the same key', () => {
  it('leave the last one, and keys with a null alone', () => {
    const rows = [
      ['a', 1],
      ['b', 2],
      ['a', 3],
      [null, 4],
      [null, 5],
    ]
    assert.deepEqual(lastOfEachKey(rows, 1), [
      ['b', 2],
      ['a', 3],
      [null, 4],
      [null, 5],
    ])
  })

  it('are told apart whatever their parts hold', () => {
    const rows = [
      ['1', '1:2', 0],
      ['1:1', '2', 0],
      ['11', ':2', 0],
    ]
    assert.equal(lastOfEachKey(rows, 2).length, 3)
    const bytes = [
      [new Uint8Array([1]), 1],
      [new Uint8Array([1]), 2],
    ]
    assert.deepEqual(lastOfEachKey(bytes, 1), [bytes[1]])
  })
})
