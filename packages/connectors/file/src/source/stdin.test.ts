// Standard input, as a pipe and as a file, in a process of its own.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@millrace/testkit'

const COUNT = 20_000
const LINES = Array.from({ length: COUNT }, (_, i) => `line ${i} ü`)
const ROOT = new URL('../../../../../', import.meta.url)
const SCRIPT = `
  import { sourceTaskContext } from '@millrace/testkit'
  import { FileStreamSourceTask } from './packages/connectors/file/src/source/task.ts'
  const lines = []
  let offsets = 0
  // Two tasks one after the other: what the first one read ahead must reach the second.
  for (const most of [100, ${COUNT}]) {
    const { context, abort } = sourceTaskContext()
    const task = new FileStreamSourceTask()
    task.initialize(context)
    await task.start({ topic: 't', 'batch.size': '100' })
    while (lines.length < most) for (const record of (await task.poll()) ?? []) {
      lines.push(record.value)
      if (record.sourceOffset !== null || record.sourcePartition !== null) offsets++
    }
    abort()
    await task.stop()
  }
  process.stdout.write(JSON.stringify({ offsets, lines }))`

async function read(stdin: 'pipe' | number): Promise<{ offsets: number; lines: string[] }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
    cwd: ROOT,
    stdio: [stdin, 'pipe', 'inherit'],
  })
  child.stdin?.write(LINES.map((line) => `${line}\n`).join(''))
  let text = ''
  for await (const part of child.stdout!.setEncoding('utf8')) text += part
  return JSON.parse(text)
}

describe('standard input', () => {
  it('is read from a pipe that stays open, without offsets', async () => {
    const { offsets, lines } = await read('pipe')
    assert.equal(offsets, 0)
    assert.deepEqual(lines, LINES)
  })

  it('is read from a file', async () => {
    await using folder = await temporaryFolder()
    await writeFile(folder.file('in'), LINES.map((line) => `${line}\n`).join(''))
    const { lines } = await read(openSync(folder.file('in'), 'r'))
    assert.deepEqual(lines, LINES)
  })
})
