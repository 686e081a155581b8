// What watches and what helps: top, logs, contexts, completion.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, it } from 'node:test'
import { inProcess } from './testing/in-process.ts'
import { type ClientWorld, startWorld } from './testing/worker.ts'
import { figuresOf } from './top/metrics.ts'

let world: ClientWorld
const millrace = (...args: string[]) =>
  inProcess(args, { CONNECT_URL: world.url, MILLRACE_CONTEXTS: world.folder.file('contexts.json') })

before(async () => {
  world = await startWorld()
  await writeFile(
    world.folder.file('gen.json'),
    JSON.stringify({ name: 'gen', 'connector.class': 'GeneratorSource', topic: 'g', rate: '500' }),
  )
  await millrace('apply', '-f', world.folder.file('gen.json'), '--wait')
})
after(() => world[Symbol.asyncDispose]())

it('top shows states and rates', async () => {
  const { out, code, err } = await millrace('top', '--count', '2', '--interval', '0.6', '--json')
  assert.equal(code, 0, err)
  const [first, second] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { connectors: { rate: number | null; running: number }[] })
  assert.deepEqual([first?.connectors[0]?.rate, first?.connectors[0]?.running], [null, 1])
  assert.ok((second?.connectors[0]?.rate ?? 0) > 50, out)
  const screen = await millrace('top', '--count', '1')
  assert.match(
    screen.out,
    /1 connectors, 1 of 1 tasks running, 0 failed\nNAME +TYPE +STATE +RUNNING +FAILED +RECORDS\/S +LAG\ngen +source +RUNNING +1\/1 +0 +-/,
  )
})

it('top reads what a JMX exporter serves, and says where there are no metrics', async () => {
  const text = `# TYPE kafka_connect_sink_task_metrics_sink_record_send_total counter
kafka_connect_sink_task_metrics_sink_record_send_total{connector="a",task="0",} 5.0
kafka_connect_sink_task_metrics_sink_record_send_total{connector="a",task="1"} 7 1700000000
kafka_connect_source_task_metrics_source_record_write_total{task="0",connector="b\\"c"} 3.0
kafka_connect_sink_task_metrics_sink_record_read_total{connector="a",task="0"} 100
kafka_consumer_fetch_manager_metrics_records_lag{connector="a",partition="0"} NaN
kafka_connect_sink_task_metrics_consumer_lag{connector="a",task="0"} 4
`
  assert.deepEqual(
    [...figuresOf(text)],
    [
      ['a', { records: 12, lag: 4 }],
      ['b"c', { records: 3 }],
    ],
  )
  const server = createServer((request, response) => {
    if (request.url === '/metrics') response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  assert.match(
    (await millrace('top', '--count', '1', '--url', url)).out,
    /No metrics at this worker: name a JMX exporter/,
  )
  server.close()
  server.closeAllConnections()
})

it('logs without a file tell states and traces; with one, the lines of a connector', async () => {
  assert.match(
    (await millrace('logs', 'gen')).out,
    /^\S+ \[gen\|worker\] RUNNING on 127.*\n\S+ \[gen\|task-0\] RUNNING on 127.*\n$/,
  )
  const followed = await millrace('logs', 'gen', '--follow', '--exit-after', '0.7', '--json')
  assert.equal(followed.out.trim().split('\n').length, 2)
  const log = world.folder.file('worker.log')
  const line = (level: string, context: string, text: string) =>
    `[2026-01-31 12:00:00,000] ${level} ${context}${text} (x.Y:1)\n`
  await writeFile(
    log,
    line('INFO', '[a|task-0] ', 'one') +
      line('WARN', '[b|worker] ', 'two') +
      line('WARN', '[a|task-1] ', 'three\ntrace') +
      line('INFO', '', 'four'),
  )
  assert.match((await millrace('logs', 'a', '--file', log)).out, /^.*one.*\n.*three\ntrace.*\n$/)
  assert.match((await millrace('logs', '--file', log, '--level', 'warn')).out, /^.*two.*\n.*three\ntrace.*\n$/)
  assert.match((await millrace('logs', 'a', '--task', '0', '--file', log)).out, /^.*one.*\n$/)
  assert.match((await millrace('logs', '--file', log, '--tail', '1')).out, /^.*four.*\n$/)
  const json = await millrace('logs', 'b', '--file', log, '--json')
  assert.deepEqual(JSON.parse(json.out), {
    text: line('WARN', '[b|worker] ', 'two').trimEnd(),
    level: 'WARN',
    connector: 'b',
  })
  assert.equal((await millrace('logs', '--file', world.folder.file('none'))).code, 2)
  assert.equal((await millrace('logs', '--file', log, '--level', 'loud')).code, 1)
})

it('contexts are kept for their owner alone, and used', async () => {
  const file = world.folder.file('contexts.json')
  const plain = (...args: string[]) => inProcess(args, { MILLRACE_CONTEXTS: file })
  assert.equal((await plain('context', 'set', 'here', '--url', world.url, '--user', 'ann:s3cret')).code, 0)
  assert.equal((await plain('context', 'set', 'away', '--url', 'http://127.0.0.1:1')).code, 0)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.match((await plain('context')).out, /\n\* +here +http:.* +ann\n +away /)
  assert.doesNotMatch((await plain('context', 'list', '--json')).out, /s3cret/)
  assert.equal((await plain('get')).code, 0)
  assert.equal((await plain('context', 'use', 'away')).code, 0)
  assert.equal((await plain('get')).code, 5)
  assert.equal((await plain('get', '--context', 'here')).code, 0)
  assert.equal((await plain('get', '--context', 'nowhere')).code, 1)
  assert.equal((await plain('context', 'delete', 'away')).code, 0)
  assert.equal((await plain('context', 'delete', 'away')).code, 7)
  assert.equal((await plain('context', 'set', 'x')).code, 1)
})

it('completion knows commands, options, connectors, contexts and files', async () => {
  const next = async (...words: string[]) => (await millrace('complete', '--', ...words)).out.trim().split('\n')
  assert.deepEqual(await next('des'), ['describe'])
  assert.ok((await next('')).includes('standalone'))
  assert.deepEqual(await next('describe', ''), ['gen'])
  assert.deepEqual(await next('pause', 'gen', 'g'), ['gen'])
  assert.deepEqual(await next('offsets', 're'), ['reset'])
  assert.deepEqual(await next('offsets', 'get', '--json', ''), ['gen'])
  assert.deepEqual(await next('get', 'pl'), ['plugins'])
  assert.deepEqual(await next('apply', '-f', ''), [':files'])
  assert.deepEqual(await next('restart', '--only'), ['--only-failed'])
  assert.deepEqual(await next('get', '--context', 'h'), ['here'])
  assert.deepEqual(await next('completion', ''), ['bash', 'zsh', 'fish'])
  // Nobody there is no reason to print an error into somebody's prompt.
  assert.deepEqual(await next('describe', '--url', 'http://127.0.0.1:1', ''), [''])
  assert.equal((await millrace('completion', 'csh')).code, 1)
})

it('the script of bash asks the command and offers what it says', async () => {
  const { out } = await millrace('completion', 'bash')
  const script = `millrace() { printf 'gen\\ngenerous\\n'; }
${out}
COMP_WORDS=(millrace describe ge); COMP_CWORD=2; _millrace; echo "\${COMPREPLY[@]}"
millrace() { echo :files; }
cd "$1"; COMP_WORDS=(millrace apply -f gen.); COMP_CWORD=3; _millrace; echo "\${COMPREPLY[@]}"`
  const printed = execFileSync('bash', ['-c', script, 'x', world.folder.path], { encoding: 'utf8' })
  assert.equal(printed, 'gen generous\ngen.json\n')
})
