// Journals survive what fault tests do to them.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { appendFile, readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { RetriableException } from '@millrace/api'
import { temporaryFolder, until } from '@millrace/testkit'
import { Journal } from './journal.ts'

describe('a journal', () => {
  it('begins on a new line after a crash inside one', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('journal')
    const first = new Journal(file)
    first.write([{ a: 1 }])
    first.close()
    await appendFile(file, '{"torn')
    const second = new Journal(file)
    second.write([{ b: 2 }, { c: 3 }])
    second.sync()
    second.close()
    assert.equal(await readFile(file, 'utf8'), '{"a":1}\n{"torn\n{"b":2}\n{"c":3}\n')
  })

  it('begins on a new line when another task has left half of one meanwhile', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('journal')
    const journal = new Journal(file)
    journal.write([{ a: 1 }])
    await appendFile(file, '{"half')
    journal.write([{ b: 2 }])
    journal.close()
    assert.equal(await readFile(file, 'utf8'), '{"a":1}\n{"half\n{"b":2}\n')
  })

  it('has everything it reported when it is killed', async () => {
    await using folder = await temporaryFolder()
    const script = `
      import { Journal } from ${JSON.stringify(new URL('journal.ts', import.meta.url).href)}
      const journal = new Journal(process.argv[1])
      for (let n = 0; ; n++) {
        journal.write([{ n }])
        if (n % 100 === 0) process.stdout.write(n + '\\n')
        if (n % 100 === 0) await new Promise(setImmediate)
      }`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script, folder.file('journal')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let told = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text
    })
    await until('a few hundred lines', () => told.split('\n').length > 10)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const last = Number(told.trimEnd().split('\n').at(-1))
    const numbers = (await readFile(folder.file('journal'), 'utf8')).split('\n').slice(0, last + 1)
    assert.deepEqual(
      numbers,
      Array.from({ length: last + 1 }, (_, n) => JSON.stringify({ n })),
    )
  })

  it('asks for another try while the disk is full', { skip: !existsSync('/dev/full') }, () => {
    const journal = new Journal('/dev/full')
    assert.throws(() => journal.write([{}]), RetriableException)
    journal.close()
  })

  it('says which file cannot be opened', () => {
    assert.throws(
      () => new Journal('/no/such/folder/file'),
      /Cannot open \/no\/such\/folder\/file for appending: ENOENT/,
    )
  })
})
