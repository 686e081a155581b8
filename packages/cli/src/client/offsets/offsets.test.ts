// What changes of offsets do, and a history that survives a crash.
import assert from 'node:assert/strict'
import { appendFile, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@millrace/testkit'
import { parseExact } from '../exact-json.ts'
import { changesBetween, effectOf, type Knowledge, withEntries } from './effect.ts'
import { beginEntry, endEntry, entryToUndo, type HistoryEntry, readHistory } from './history.ts'

const at = (offset: unknown, partition: unknown = 0) => ({
  partition: { kafka_topic: 't', kafka_partition: partition },
  offset: offset === null ? null : { kafka_offset: offset },
})

describe('effects', () => {
  const effect = (from: unknown, to: unknown, known: Partial<Knowledge> = {}) => {
    const change = { partition: at(0).partition, from: at(from).offset, to: at(to).offset }
    const { replays, skips, text } = effectOf(change, { type: 'sink', resetsTo: 'earliest', ...known })
    return [replays, skips, text]
  }
  const ends = new Map([['t-0', { start: 40n, end: 100n }]])

  it('are counted between two offsets', () => {
    assert.deepEqual(effect(10, 4), [6, 0, 'replays 6 records'])
    assert.deepEqual(effect(10, 11), [0, 1, 'skips 1 record'])
    assert.deepEqual(effect(10, '10'), [0, 0, 'stays'])
    assert.deepEqual(effect(parseExact('9007199254740993'), parseExact('9007199254740992')), [1, 0, 'replays 1 record'])
  })

  it('know what the topic still has when the brokers are asked', () => {
    assert.deepEqual(effect(90, 10, { ends }), [50, 0, 'replays 50 records'])
    assert.deepEqual(effect(90, null, { ends }), [50, 0, 'replays 50 records'])
    assert.deepEqual(effect(90, null, { ends, resetsTo: 'latest' }), [0, 10, 'skips 10 records'])
    assert.deepEqual(effect(null, 45, { ends }), [0, 5, 'skips 5 records'])
    assert.deepEqual(effect(90, 120, { ends }), [0, 30, 'skips 30 records; 120 is beyond the end, 100'])
  })

  it('say what cannot be known', () => {
    assert.deepEqual(effect(90, null), [
      null,
      null,
      'replays at most 90 records; --bootstrap-servers lets them be counted',
    ])
    assert.match(String(effect(90, null, { resetsTo: 'latest' })[2]), /begins at the end/)
    assert.deepEqual(effect(90, 10, { type: 'source' }).slice(0, 2), [null, null])
  })

  it('compare states partition by partition, whatever the form of numbers', () => {
    const changes = changesBetween([at(1), at(5, 1)], [at('1', '0'), at(7, 1), at(9, 2)])
    assert.deepEqual(
      changes.map((one) => [one.partition.kafka_partition, one.from?.kafka_offset ?? null, one.to?.kafka_offset]),
      [
        [1, 5, 7],
        [2, null, 9],
      ],
    )
    assert.deepEqual(withEntries([at(1), at(5, 1)], [at(null), at(6, 1)]), [at(6, 1)])
  })
})

describe('the history', () => {
  const entry = (id: string, more: Partial<HistoryEntry> = {}): HistoryEntry => ({
    id,
    time: '2026-01-31T12:00:00.000Z',
    cluster: 'k',
    connector: 'c',
    action: 'set',
    before: [at(1)],
    ...more,
  })

  it('keeps what was done, forgets what was refused, and lives with a line that was cut off', async (t) => {
    await using folder = await temporaryFolder()
    const path = folder.file('deep/history.jsonl')
    assert.deepEqual(readHistory(path), [])
    beginEntry(entry('a'), path)
    endEntry('a', [at(2)], path)
    beginEntry(entry('b'), path)
    endEntry('b', null, path)
    beginEntry(entry('c', { before: parseExact('[{"partition":{},"offset":{"p":9007199254740993}}]') as [] }), path)
    await appendFile(path, '{"id":"d","conn')
    beginEntry(entry('e'), path)
    const told = t.mock.method(console, 'error', () => {})
    const entries = readHistory(path)
    assert.equal(told.mock.callCount(), 1)
    assert.deepEqual(
      entries.map(({ id, after }) => [id, after !== undefined]),
      [
        ['a', true],
        ['c', false],
        ['e', false],
      ],
    )
    assert.match(JSON.stringify(entries[1]), /9007199254740993/)
  })

  it('finds what to take back', async () => {
    const all = [
      entry('a'),
      entry('b'),
      entry('x', { connector: 'other' }),
      entry('u', { action: 'undo', undoes: 'b' }),
    ]
    const find = (id?: string) => entryToUndo(all, { cluster: 'k', connector: 'c', id }).id
    assert.equal(find(), 'a')
    assert.equal(find('b'), 'b')
    assert.throws(() => find('x'), /no entry 'x' for connector c/)
    assert.throws(() => entryToUndo(all, { cluster: 'other', connector: 'c' }), /nothing to take back/)
  })

  it('does not change what it cannot write down', async () => {
    await using folder = await temporaryFolder()
    await writeFile(folder.file('file'), '')
    assert.throws(() => beginEntry(entry('a'), folder.file('file/history.jsonl')), /Cannot write the history .*\n?.*/)
  })
})
