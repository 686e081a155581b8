// What a person sees: on a terminal the line of progress and the log stand apart, and nothing of JSON.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { it } from 'node:test'
import { temporaryFolder } from '@millrace/testkit'
import { MILLRACE, propertiesFile } from './harness.ts'

const SCRIPT = '/usr/bin/script'
const CLEAR_LINE = '\r\x1b[K'

// util-linux gives a program a terminal; other systems have another command of that name.
if (process.platform === 'linux' && existsSync(SCRIPT)) {
  it('log lines never follow a line of progress on the same line of the terminal', async () => {
    await using folder = await temporaryFolder('millrace-terminal-')
    const connector = await propertiesFile(folder, 'lines.properties', {
      name: 'lines',
      'connector.class': 'FileStreamSource',
      topic: 'lines',
      file: MILLRACE,
    })
    const command = `stty cols 60; ${MILLRACE} dev -d ${folder.file('data')} -b 0 -r 0 --exit-after 2.5 ${connector}`
    const { stdout, status } = spawnSync(SCRIPT, ['-qec', command, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm', NO_COLOR: undefined, FORCE_COLOR: undefined },
      encoding: 'utf8',
      timeout: 60_000,
      input: '',
    })
    assert.equal(status, 0, stdout)
    assert.match(stdout, /Broker +127\.0\.0\.1:\d+/)
    // What stays visible of each piece between line feeds: what comes after the last clearing.
    const shown = stdout.split(/\r?\n/).map((line) => line.split(CLEAR_LINE).at(-1) ?? '')
    assert.deepEqual(
      shown.filter((line) => line.includes('tasks: ') && /INFO|WARN/.test(line)),
      [],
    )
    const progress = stdout.split(CLEAR_LINE).filter((part) => part.startsWith('tasks: '))
    assert.ok(progress.length > 0, stdout)
    assert.ok(progress.every((part) => (part.split(/[\r\n]/)[0] as string).length < 60))
    assert.doesNotMatch(stdout, /^\{"level"/m)
    // Threads of the pool colour their lines as the main thread does.
    assert.ok(stdout.includes('\x1b[36m[lines|worker]'), stdout)
  })
}
