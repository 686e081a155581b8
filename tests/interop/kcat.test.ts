// kcat (librdkafka) against the embedded broker: lists, produces in every compression, consumes, joins groups, seeks by time.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { startEmbeddedBroker } from '@millrace/testkit'
import { hasCommand } from './clients.ts'

/** Runs kcat with `input` and gives its output; fails with what it complained of. */
async function kcat(bootstrap: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn('kcat', ['-b', bootstrap, '-X', 'broker.address.family=v4', ...args])
  let output = ''
  let complaint = ''
  child.stdout.on('data', (chunk: Buffer) => void (output += chunk))
  child.stderr.on('data', (chunk: Buffer) => void (complaint += chunk))
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  assert.equal(code, 0, `kcat ${args.join(' ')}: ${complaint}`)
  return output
}

test('kcat produces and consumes in every compression, with keys, headers and nulls', async (t) => {
  if (!(await hasCommand(t, 'kcat', '-V'))) return
  await using broker = await startEmbeddedBroker({ inProcess: true })
  const { bootstrap } = broker
  const lines = Array.from({ length: 500 }, (_, i) => `k${i}:value number ${i} ${'x'.repeat(i)}`)
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    const topic = `t-${codec}`
    const produce = ['-P', '-t', topic, '-K:', '-z', codec, '-X', 'enable.idempotence=true']
    await kcat(bootstrap, produce, `${lines.join('\n')}\n`)
    const read = await kcat(bootstrap, ['-C', '-t', topic, '-e', '-q', '-f', '%k:%s\n', '-X', 'check.crcs=true'])
    assert.deepEqual(read.trimEnd().split('\n'), lines)
  }
  await kcat(bootstrap, ['-P', '-t', 'odd', '-Z', '-K:', '-H', 'a=1', '-H', 'b=2'], 'tombstone:\n:no key\n')
  const odd = await kcat(bootstrap, ['-C', '-t', 'odd', '-e', '-q', '-f', '%o|%k|%K|%S|%h\n'])
  assert.deepEqual(odd.trimEnd().split('\n'), ['0|tombstone|9|-1|a=1,b=2', '1||-1|6|a=1,b=2'])
  const metadata = JSON.parse(await kcat(bootstrap, ['-L', '-J'])) as { topics: { topic: string }[] }
  assert.equal(metadata.topics.length, 6)
})

test('kcat consumes in a group and goes on where it committed; queries offsets by time', async (t) => {
  if (!(await hasCommand(t, 'kcat', '-V'))) return
  await using broker = await startEmbeddedBroker({ inProcess: true })
  const { bootstrap } = broker
  const began = Date.now()
  const group = ['-G', 'g', '-e', '-q', '-X', 'auto.offset.reset=earliest', 'a']
  await kcat(bootstrap, ['-P', '-t', 'a'], '1\n2\n3\n')
  assert.equal(await kcat(bootstrap, group), '1\n2\n3\n')
  await kcat(bootstrap, ['-P', '-t', 'a'], '4\n')
  assert.equal(await kcat(bootstrap, group), '4\n')
  assert.match(await kcat(bootstrap, ['-Q', '-t', `a:0:${began}`]), /a \[0\] offset 0/)
  assert.match(await kcat(bootstrap, ['-Q', '-t', 'a:0:-1']), /a \[0\] offset 4/)
  assert.equal(await kcat(bootstrap, ['-C', '-t', 'a', '-o', '-2', '-e', '-q']), '3\n4\n')
})
