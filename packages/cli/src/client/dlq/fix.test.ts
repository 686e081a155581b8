// Changes of letters, and which letters are meant.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@millrace/testkit'
import { filterOf, requirePlace } from './filters.ts'
import { type Fixed, fixOf } from './fix.ts'
import { type Letter, letterJson, originOf, preview } from './letter.ts'

const letter = (value: string | Buffer | null, more: Partial<Letter> = {}): Letter => ({
  queue: 'dead',
  partition: 0,
  offset: 17,
  timestamp: 1_000,
  key: Buffer.from('k'),
  value: typeof value === 'string' ? Buffer.from(value) : value,
  headers: [{ key: 'h', value: Buffer.from('own') }],
  context: {},
  ...more,
})
const textIn = (fixed: Fixed | null) => fixed?.value?.toString()

describe('a change', () => {
  it('by paths keeps numbers as they were written', async () => {
    const fix = await fixOf({ set: ['a.b=7', 'name=Ann', 'list.0="x"'], remove: ['gone', 'list.1'] })
    const fixed = await fix?.(letter('{"a":{"b":1},"big":12345678901234567890,"gone":1,"list":[1,2]}'))
    assert.equal(textIn(fixed ?? null), '{"a":{"b":7},"big":12345678901234567890,"list":["x"],"name":"Ann"}')
    await assert.rejects(async () => fix?.(letter('{"list":[]}')), /The value has no a/)
    await assert.rejects(async () => fix?.(letter(Buffer.from([0, 255]))), /no JSON/)
    await assert.rejects(fixOf({ set: ['a'] }), /no change/)
    await assert.rejects(fixOf({ set: ['a=1'], with: 'x.ts' }), /Only one way/)
  })

  it('by a function in TypeScript gets the letter, and says what is different', async () => {
    await using folder = await temporaryFolder()
    await writeFile(
      folder.file('fix.ts'),
      `export default async (letter: { json: any; text: string; context: Record<string, string> }) => {
  if (letter.text === 'drop') return null
  if (letter.text === 'nothing') return undefined
  return { key: new Uint8Array([1]), value: { ...letter.json, from: letter.context.topic }, headers: [{ key: 'n', value: 'v' }], topic: 'other' }
}
`,
    )
    const fix = await fixOf({ with: folder.file('fix.ts') })
    const fixed = await fix?.(letter('{"a":1}', { context: { topic: 't' } }))
    assert.equal(textIn(fixed ?? null), '{"a":1,"from":"t"}')
    assert.deepEqual([fixed?.topic, fixed?.key, fixed?.headers[0]?.value?.toString()], ['other', Buffer.from([1]), 'v'])
    assert.equal(await fix?.(letter('drop')), null)
    await assert.rejects(async () => fix?.(letter('nothing')), /it returned nothing/)
    await assert.rejects(async () => fix?.(letter('not json')), SyntaxError)
    await writeFile(folder.file('none.ts'), 'export const x = 1\n')
    await assert.rejects(fixOf({ with: folder.file('none.ts') }), /no default export/)
    await assert.rejects(fixOf({ with: folder.file('nowhere.ts') }), /Cannot use/)
  })

  it('by an edited export takes what is in it, and only that', async () => {
    await using folder = await temporaryFolder()
    const bytes = Buffer.from([0, 255])
    const edited = { ...letterJson(letter(bytes)), key: null, replayed: false }
    await writeFile(folder.file('letters.jsonl'), `${JSON.stringify(edited)}\n`)
    const fix = await fixOf({ from: folder.file('letters.jsonl') })
    const fixed = await fix?.(letter('as it was'))
    assert.deepEqual([fixed?.key, fixed?.value], [null, bytes])
    assert.equal(await fix?.(letter('x', { offset: 18 })), null)
    await writeFile(folder.file('letters.jsonl'), '\n{"partition":0,"offset":1,"value":3,"key":null}\n')
    await assert.rejects(fixOf({ from: folder.file('letters.jsonl') }), /Line 2 of .* its key or value/)
  })
})

describe('a filter', () => {
  const failed = letter('x', {
    context: {
      'connector.name': 'orders-sink',
      stage: 'VALUE_CONVERTER',
      topic: 'orders',
      'exception.class.name': 'org.apache.kafka.connect.errors.DataException',
    },
  })

  it('chooses by what the headers tell, by time and by place', () => {
    const yes = [
      { connector: 'orders-*' },
      { error: 'DataException' },
      { error: 'org.apache.kafka.connect.errors.DataException' },
      { stage: 'value_converter', topic: 'orders' },
      { since: '1970-01-01T00:00:01Z', until: '1970-01-01T00:00:01Z' },
      { since: '1h' },
      { at: ['3', '0:17'] },
    ]
    for (const options of yes) assert.ok(filterOf(options, 2_000)(failed), JSON.stringify(options))
    const no = [{ connector: 'orders' }, { error: 'Data' }, { stage: 'TASK_PUT' }, { since: '1s' }, { at: ['1:17'] }]
    for (const options of no) assert.ok(!filterOf(options, 2_001)(failed), JSON.stringify(options))
  })

  it('says what is no time and no place', () => {
    assert.throws(() => filterOf({ since: 'yesterday' }), /--since yesterday is no time/)
    assert.throws(() => requirePlace('a:1'), /no letter's place/)
    assert.equal(requirePlace('17'), '0:17')
  })
})

it('previews say what bytes are', () => {
  assert.equal(preview(Buffer.from('a\n b'), 10), 'a b')
  assert.equal(preview(Buffer.from('abcdefghij-'), 10), 'abcdefghi…')
  assert.equal(preview(Buffer.from([0, 0, 0, 0, 7, 2]), 60), '(schema 7, 6 bytes) 000000000702')
  assert.equal(preview(null, 10), 'null')
  const context = { topic: 't', 'source.partition': '{"f":1}', 'source.offset': '{"p":2}' }
  assert.equal(originOf(letter('x', { context })), '{"f":1} {"p":2}')
  assert.equal(originOf(letter('x', { context: { topic: 't', partition: '0', offset: '4' } })), 't-0-4')
})
