// The file sink against real files, and against a disk that is full.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { OffsetsByPartition, RetriableException, type Schema, SchemaBuilder, Schemas, SinkRecord } from '@millrace/api'
import { memoryLogger, sinkTaskContext, temporaryFolder } from '@millrace/testkit'
import { FileStreamSinkTask } from './task.ts'

async function open(file: string) {
  const task = new FileStreamSinkTask()
  const log = memoryLogger()
  task.initialize(sinkTaskContext({ log }).context)
  await task.start({ file })
  return { task, log }
}

const record = (value: unknown, schema: Schema | null = null, offset = 0) =>
  new SinkRecord('t', 0, null, null, schema, value, offset)

describe('the file sink', () => {
  it('writes values as Java prints them', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('out.txt')
    const struct = SchemaBuilder.struct().field('a', Schemas.INT32).field('b', Schemas.STRING).build()
    const { task } = await open(file)
    await task.put([
      record('text'),
      record(null),
      record(5n),
      record(1, Schemas.FLOAT64),
      record(true),
      record({ a: 1, b: 'x' }, struct),
      record(new Map([['k', 1]])),
      record([1, 'two', null]),
      record('ü 日本 😀'),
      record('lone \ud800 surrogate \ufffd'),
    ])
    await task.preCommit(new OffsetsByPartition())
    assert.deepEqual((await readFile(file, 'utf8')).split('\n'), [
      'text',
      'null',
      '5',
      '1.0',
      'true',
      'Struct{a=1,b=x}',
      '{k=1}',
      '[1, two, null]',
      'ü 日本 😀',
      'lone ? surrogate \ufffd',
      '',
    ])
    await task.stop()
  })

  it('appends to what is there, and ends a line that a crash left open', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('out.txt')
    await writeFile(file, 'whole\n')
    const first = await open(file)
    await first.task.put([record('next')])
    await first.task.stop()
    assert.equal(await readFile(file, 'utf8'), 'whole\nnext\n')
    await appendFile(file, 'torn')
    const second = await open(file)
    await second.task.put([record('again')])
    await second.task.stop()
    assert.equal(await readFile(file, 'utf8'), 'whole\nnext\ntorn\nagain\n')
    assert.match(second.log.lines[0]?.message ?? '', /ends inside a line/)
  })

  it('keeps order and count over many batches of all sizes', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('out.txt')
    const { task } = await open(file)
    const expected: string[] = []
    for (let batch = 0; batch < 200; batch++) {
      const records = Array.from({ length: (batch * 37) % 500 }, (_, i) => {
        const text = `${batch}/${i} ${batch % 9 === 0 ? 'ü日'.repeat(i % 50) : 'x'.repeat(i % 300)}`
        expected.push(text)
        return record(text)
      })
      await task.put(records)
    }
    await task.put([record('y'.repeat(5_000_000))])
    expected.push('y'.repeat(5_000_000))
    await task.preCommit(new OffsetsByPartition())
    assert.deepEqual((await readFile(file, 'utf8')).split('\n'), [...expected, ''])
    await task.stop()
  })

  it('says what is wrong with a path that cannot be written', async () => {
    await using folder = await temporaryFolder()
    await assert.rejects(open(folder.file('no/such/folder')), /Couldn't find or create file '.*folder' .*ENOENT/)
  })

  it('commits nothing and asks for another try while the disk is full', {
    skip: !existsSync('/dev/full'),
  }, async () => {
    const { task, log } = await open('/dev/full')
    await task.put([record('does not fit', null, 7)])
    const safe = await task.preCommit(new OffsetsByPartition().set('t', 0, 8))
    assert.equal(safe.size, 0)
    await assert.rejects(
      async () => task.put([record('neither does this')]),
      (error) => {
        assert.ok(error instanceof RetriableException)
        assert.match(error.message, /Cannot write to \/dev\/full: ENOSPC/)
        return true
      },
    )
    await task.stop()
    assert.match(log.lines.map((line) => line.message).join('\n'), /No offsets are committed/)
  })

  it('writes to standard output without a file', async () => {
    const script = `
      import { SinkRecord, OffsetsByPartition } from '@millrace/api'
      import { FileStreamSinkTask } from './packages/connectors/file/src/sink/task.ts'
      const task = new FileStreamSinkTask()
      await task.start({})
      for (let i = 0; i < 20_000; i++) await task.put([new SinkRecord('t', 0, null, null, null, 'line ' + i, i)])
      await task.preCommit(new OffsetsByPartition())
      await task.stop()`
    const root = new URL('../../../../../', import.meta.url)
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    for await (const part of child.stdout.setEncoding('utf8')) text += part
    assert.deepEqual(text.split('\n'), [...Array.from({ length: 20_000 }, (_, i) => `line ${i}`), ''])
  })
})
