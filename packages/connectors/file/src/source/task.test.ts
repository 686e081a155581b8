// The file source against real files that grow, shrink and are replaced.
import assert from 'node:assert/strict'
import { appendFile, mkdir, rename, truncate, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { type ConnectorProps, Schemas, type SourceRecord } from '@millrace/api'
import { MemoryOffsets, memoryLogger, sourceTaskContext, temporaryFolder, within } from '@millrace/testkit'
import { READ_BYTES } from './reader.ts'
import { FileStreamSourceTask } from './task.ts'

async function open(props: ConnectorProps, offsets = new MemoryOffsets()) {
  const task = new FileStreamSourceTask()
  const log = memoryLogger()
  const { context, abort } = sourceTaskContext({ configs: props, offsets, log })
  task.initialize(context)
  await task.start(props)
  const poll = async () => (await task.poll()) ?? []
  const take = async (count: number): Promise<SourceRecord[]> => {
    const records: SourceRecord[] = []
    await within(
      `${count} records`,
      10_000,
      (async () => {
        while (records.length < count) records.push(...(await poll()))
      })(),
    )
    return records
  }
  const stop = async () => {
    abort()
    await task.stop()
  }
  return { task, log, poll, take, stop, [Symbol.asyncDispose]: stop }
}

const values = (records: readonly SourceRecord[]) => records.map((record) => record.value)
const positions = (records: readonly SourceRecord[]) => records.map((record) => record.sourceOffset?.position)

describe('the file source', () => {
  it('makes a record of each line', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('a.txt')
    await writeFile(file, 'first\nsecond ü\nthird\n')
    await using source = await open({ file, topic: 'lines' })
    const before = Date.now()
    const [first, second, third] = await source.take(3)
    assert.deepEqual(first?.sourcePartition, { filename: file })
    assert.deepEqual(positions([first!, second!, third!]), [6, 16, 22])
    assert.deepEqual(values([first!, second!, third!]), ['first', 'second ü', 'third'])
    assert.equal(first?.topic, 'lines')
    assert.equal(first?.valueSchema, Schemas.STRING)
    assert.equal(first?.keySchema, null)
    assert.equal(first?.kafkaPartition, null)
    assert.ok(first!.timestamp! >= before && first!.timestamp! <= Date.now())
  })

  it('holds a line back until its end has come, also between the two characters of CR LF', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('a.txt')
    await writeFile(file, 'done\nhal')
    await using source = await open({ file, topic: 't' })
    assert.deepEqual(values(await source.take(1)), ['done'])
    assert.deepEqual(await source.poll(), [])
    await appendFile(file, 'f')
    assert.deepEqual(await source.poll(), [])
    await appendFile(file, ' line\r')
    for (let polls = 0; polls < 3; polls++) assert.deepEqual(await source.poll(), [])
    await appendFile(file, '\nnext\n')
    const records = await source.take(2)
    assert.deepEqual(values(records), ['half line', 'next'])
    assert.deepEqual(positions(records), [16, 21])
  })

  it('joins a character that two reads divide', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('a.txt')
    const bytes = Buffer.from('日本\n')
    await writeFile(file, bytes.subarray(0, 2))
    await using source = await open({ file, topic: 't' })
    assert.deepEqual(await source.poll(), [])
    await appendFile(file, bytes.subarray(2, 4))
    assert.deepEqual(await source.poll(), [])
    await appendFile(file, bytes.subarray(4))
    assert.deepEqual(values(await source.take(1)), ['日本'])
  })

  it('reads across pieces of any content without losing a byte', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('a.txt')
    const lines = Array.from(
      { length: 9_000 },
      (_, i) => `${i} ${i % 100 === 7 ? 'ünïcode 日本 😀' : 'x'.repeat(i % 97)}`,
    )
    await writeFile(file, lines.map((line, i) => line + (i % 3 === 0 ? '\r\n' : '\n')).join(''))
    await using source = await open({ file, topic: 't', 'batch.size': '701' })
    const records: SourceRecord[] = []
    while (records.length < lines.length) {
      const polled = await source.poll()
      assert.ok(polled.length <= 701)
      records.push(...polled)
    }
    assert.deepEqual(values(records), lines)
    let position = 0
    const ends = lines.map((line, i) => (position += Buffer.byteLength(line) + (i % 3 === 0 ? 2 : 1)))
    assert.deepEqual(positions(records), ends)
  })

  it('takes a line of many pieces, and refuses one beyond max.line.bytes', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('a.txt')
    const long = 'x'.repeat(3 * READ_BYTES)
    await writeFile(file, `short\n${long}\nafter\n`)
    {
      await using source = await open({ file, topic: 't', 'max.line.bytes': String(3 * READ_BYTES) })
      assert.deepEqual(values(await source.take(3)), ['short', long, 'after'])
    }
    await using source = await open({ file, topic: 't', 'max.line.bytes': String(3 * READ_BYTES - 1) })
    assert.deepEqual(values(await source.take(1)), ['short'])
    await assert.rejects(source.take(1), /line at byte 6 of .*a\.txt is longer than max\.line\.bytes \(368639\)/)
  })

  it('waits for a file that does not exist yet', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('later.txt')
    await using source = await open({ file, topic: 't' })
    assert.deepEqual(await source.poll(), [])
    assert.deepEqual(await source.poll(), [])
    assert.equal(source.log.lines.filter((line) => line.message.startsWith("Couldn't find file")).length, 1)
    await writeFile(file, 'here\n')
    assert.deepEqual(values(await source.take(1)), ['here'])
  })

  it('says what is wrong with a path that cannot be read', async () => {
    await using folder = await temporaryFolder()
    const directory = folder.file('folder')
    await mkdir(directory)
    await using source = await open({ file: directory, topic: 't' })
    await assert.rejects(source.poll(), /Cannot open .*folder: EISDIR/)
  })

  it('follows a rename to the file that takes the place, after the last line of the old one', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('a.log')
    await writeFile(file, 'one\n')
    await using source = await open({ file, topic: 't' })
    await source.take(1)
    await rename(file, folder.file('a.log.1'))
    await appendFile(folder.file('a.log.1'), 'late\nunfinished')
    assert.deepEqual(values(await source.take(1)), ['late'])
    await writeFile(file, 'new one\nnew two\n')
    const records = await source.take(3)
    assert.deepEqual(values(records), ['unfinished', 'new one', 'new two'])
    assert.deepEqual(positions(records), [0, 8, 16])
  })

  it('begins again after truncation', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('a.log')
    await writeFile(file, 'one\ntwo\n')
    await using source = await open({ file, topic: 't' })
    await source.take(2)
    await truncate(file)
    assert.deepEqual(await source.poll(), [])
    await appendFile(file, 'fresh\n')
    const records = await source.take(1)
    assert.deepEqual(values(records), ['fresh'])
    assert.deepEqual(positions(records), [6])
  })

  it('resumes at a position in bytes, and at the beginning when the file has become shorter', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('a.txt')
    await writeFile(file, 'ünï\nsecond\n')
    {
      await using source = await open(
        { file, topic: 't' },
        new MemoryOffsets().set({ filename: file }, { position: 6 }),
      )
      assert.deepEqual(values(await source.take(1)), ['second'])
    }
    await using source = await open(
      { file, topic: 't' },
      new MemoryOffsets().set({ filename: file }, { position: 999 }),
    )
    assert.deepEqual(values(await source.take(2)), ['ünï', 'second'])
    assert.match(source.log.lines.at(-1)?.message ?? '', /shorter than the position to resume at, 999/)
  })

  it('refuses an offset that is no position', async () => {
    const offsets = new MemoryOffsets().set({ filename: '/x' }, { position: 'ten' })
    await assert.rejects(open({ file: '/x', topic: 't' }, offsets), /Offset position is the incorrect type/)
  })
})
