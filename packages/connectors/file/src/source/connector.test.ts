// Planning and offset checks of the file source.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { OffsetMap } from '@millrace/api'
import { FileStreamSourceConnector } from './connector.ts'

const FILE = { file: '/tmp/in', topic: 't' }

describe('the file source connector', () => {
  it('has one task whatever it may have', () => {
    const connector = new FileStreamSourceConnector()
    connector.start(FILE)
    assert.deepEqual(connector.taskConfigs(), [FILE])
  })

  it('shows the keys of the reference, and no other', () => {
    const shown = [...new FileStreamSourceConnector().config.keys.values()].filter((key) => !key.internal)
    assert.deepEqual(
      shown.map((key) => key.name),
      ['file', 'topic', 'batch.size'],
    )
  })

  it('refuses a configuration without a topic', () => {
    assert.throws(() => new FileStreamSourceConnector().start({ file: '/tmp/in' }), /"topic"/)
    assert.throws(() => new FileStreamSourceConnector().start({ topic: '' }), /non-empty/)
  })

  it('is exactly-once with a file only', () => {
    const connector = new FileStreamSourceConnector()
    assert.equal(connector.exactlyOnceSupport(FILE), 'supported')
    assert.equal(connector.exactlyOnceSupport({ topic: 't' }), 'unsupported')
    assert.equal(connector.exactlyOnceSupport({ topic: 't', file: '' }), 'unsupported')
  })

  const alter = (offset: OffsetMap | null, partition: OffsetMap | null = { filename: '/tmp/in' }) =>
    new FileStreamSourceConnector().alterOffsets(FILE, [{ partition: partition as OffsetMap, offset }])

  it('takes positions and resets', () => {
    assert.equal(alter({ position: 0 }), true)
    assert.equal(alter({ position: 2 ** 40 }), true)
    assert.equal(alter({ position: 5n }), true)
    assert.equal(alter(null, { anything: 1 }), true)
  })

  it('refuses offsets that make no sense', () => {
    assert.throws(() => alter({ pos: 1 }), /contain the key 'position'/)
    assert.throws(() => alter({ position: '1' }), /expected to be a Long value/)
    assert.throws(() => alter({ position: 1.5 }), /expected to be a Long value/)
    assert.throws(() => alter({ position: null }), /expected to be a Long value/)
    assert.throws(() => alter({ position: -1 }), /non-negative/)
    assert.throws(() => alter({ position: 1 }, { name: 'x' }), /contain the key 'filename'/)
    assert.throws(() => alter({ position: 1 }, null), /Partition objects cannot be null/)
    assert.throws(
      () => new FileStreamSourceConnector().alterOffsets({ topic: 't' }, []),
      /Offsets cannot be modified if the 'file' configuration is unspecified/,
    )
  })
})
