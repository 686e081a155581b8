// The client's work from end to end, against each kind of worker: apply, look, change offsets, take it back, delete.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { until } from '@millrace/testkit'
import { inProcess } from './testing/in-process.ts'
import { type ClientWorld, worlds } from './testing/worker.ts'

interface Changed {
  readonly changed: boolean
  readonly effects: readonly { readonly replays: number | null; readonly skips: number | null; readonly text: string }[]
}

for (const { title, skip, start } of await worlds()) {
  describe(`the client, with ${title}`, { skip }, () => {
    let world: ClientWorld
    // Brokers are shared between suites.
    const topic = `lines-${randomBytes(4).toString('hex')}`
    const [source, sink] = [`source-${topic}`, `sink-${topic}`]
    const millrace = (...args: string[]) =>
      inProcess(args, { CONNECT_URL: world.url, MILLRACE_HISTORY: world.folder.file('history.jsonl') })
    const ok = async (...args: string[]) => {
      const { code, out, err } = await millrace(...args)
      assert.equal(code, 0, err)
      return out
    }
    const json = async <T>(...args: string[]) => JSON.parse(await ok(...args, '--json')) as T
    const lines = async () =>
      (await readFile(world.folder.file('out.txt'), 'utf8').catch(() => '')).split('\n').length - 1

    before(async () => {
      world = await start()
      await writeFile(world.folder.file('in.txt'), 'a\nb\nc\nd\n')
      await writeFile(
        world.folder.file('both.yaml'),
        `name: ${source}
connector.class: FileStreamSource
file: ${world.folder.file('in.txt')}
topic: ${topic}
---
name: ${sink}
connector.class: org.apache.kafka.connect.file.FileStreamSinkConnector
file: ${world.folder.file('out.txt')}
topics: ${topic}
consumer.override.metadata.max.age.ms: 500
`,
      )
    })
    after(() => world?.[Symbol.asyncDispose]())

    it('applies files and sees what runs', async () => {
      assert.match(await ok('plan', '-f', world.folder.file('both.yaml')), /2 to create\n$/)
      assert.match(await ok('apply', '-f', world.folder.file('both.yaml'), '--wait'), new RegExp(`${sink}: RUNNING\n$`))
      assert.match(await ok('plan', '-f', world.folder.file('both.yaml')), /nothing to do\n$/)
      assert.match(await ok('describe', source), new RegExp(`Name: +${source}\nType: +source\nState: +RUNNING on 127`))
      assert.match(await ok('get', 'tasks', sink), /sink-lines-\w+ +0 +RUNNING/)
      assert.equal((await millrace('apply', '-f', world.folder.file('both.yaml'), '--plan', '000000000000')).code, 4)
      await until('all lines have arrived', async () => (await lines()) === 4)
    })

    it('tells how many records a change of a sink replays, does it, and takes it back', async () => {
      const offsetNow = async () =>
        (await json<{ offsets: { offset: { kafka_offset: number } }[] }>('offsets', 'get', sink)).offsets[0]?.offset
          .kafka_offset
      await until('the sink has committed', async () => (await offsetNow()) === 4)
      const brokers = ['--bootstrap-servers', world.bootstrap]
      assert.match(
        await ok('offsets', 'get', sink, ...brokers),
        /TOPIC +PARTITION +OFFSET +END +LAG +BEHIND\nlines-\w+ +0 +4 +4 +0 +-\n$/,
      )

      const dry = await ok('offsets', 'set', sink, '--to', '-3', '--dry-run')
      assert.match(
        dry,
        new RegExp(`^${topic}-0: 4 -> 1, replays 3 records\n${sink}: replays 3 records, skips 0\nNothing was changed`),
      )
      const reset = await json<Changed>('offsets', 'reset', sink, '--dry-run')
      assert.match(reset.effects[0]?.text ?? '', /^replays at most 4 records/)
      assert.equal((await json<Changed>('offsets', 'reset', sink, '--dry-run', ...brokers)).effects[0]?.replays, 4)
      assert.equal(
        (await json<Changed>('offsets', 'set', sink, '--to', 'earliest', '--dry-run', ...brokers)).effects[0]?.replays,
        4,
      )
      assert.equal((await millrace('offsets', 'set', sink, '--to', 'earliest', '--dry-run')).code, 1)
      const beyond = await json<Changed>('offsets', 'set', sink, '--to', '9', '--dry-run', ...brokers)
      assert.match(beyond.effects[0]?.text ?? '', /^skips 5 records; 9 is beyond the end, 4$/)
      assert.equal(await offsetNow(), 4)

      const running = await millrace('offsets', 'set', sink, '--to', '1')
      assert.equal(running.code, 6)
      assert.match(running.err, /is RUNNING: its offsets can be changed while it is STOPPED, only[\s\S]*--stop/)

      await ok('stop', sink, '--wait')
      const done = await json<Changed & { id: string }>(
        'offsets',
        'set',
        sink,
        '--topic',
        topic,
        '--partition',
        '0',
        '--to',
        '1',
      )
      assert.deepEqual([done.changed, done.effects[0]?.replays], [true, 3])
      assert.equal(await offsetNow(), 1)
      // How old the record is that comes next, and how to go back by time.
      assert.match(await ok('offsets', 'get', sink, ...brokers), / 0 +1 +4 +3 +\d+ (s|min)\n$/)
      const [next] = (await json<{ offsets: { next: string; behindMs: number }[] }>('offsets', 'get', sink, ...brokers))
        .offsets
      assert.ok(Math.abs(Date.now() - Date.parse(next?.next ?? '') - (next?.behindMs ?? 0)) < 60_000)
      const hours = await json<Changed>('offsets', 'set', sink, '--to', '12h', '--dry-run', ...brokers)
      assert.equal(hours.effects[0]?.replays, 1)
      assert.match(await ok('offsets', 'undo', sink), new RegExp(`^${topic}-0: 1 -> 4, skips 3 records\n`))
      assert.equal(await offsetNow(), 4)
      assert.match(
        await ok('offsets', 'history', sink),
        new RegExp(`undo of ${done.id} [\\s\\S]*\n${done.id} .* set \\(taken back\\)`),
      )
      assert.equal((await millrace('offsets', 'undo', sink)).code, 7)

      // What was replayed is delivered again.
      await ok('resume', sink, '--wait')
      await ok('offsets', 'set', sink, '--to', '2', '--stop')
      await until('two lines came again', async () => (await lines()) === 6)
      // The sink has gone on, or commits what it has read when it is stopped.
      const moved = await millrace('offsets', 'undo', sink, '--stop')
      assert.equal(moved.code, 4)
      assert.match(moved.err, /have moved since change/)
    })

    it('moves a source back and forgets its offsets', async () => {
      await until('the source has committed', async () => /"position":8/.test(await ok('offsets', 'get', source)))
      const dry = await ok('offsets', 'set', source, '--source-offset', '{"position": 4}', '--dry-run')
      assert.match(
        dry,
        /\{"position":8\} -> \{"position":4\}, how many records that is, only the source's system knows/,
      )
      await ok('offsets', 'set', source, '--source-offset', '{"position": 4}', '--stop')
      await until('two lines were read again', async () => (await lines()) === 8)
      await ok('stop', source, '--wait')
      await ok('offsets', 'reset', source)
      assert.deepEqual((await json<{ offsets: unknown[] }>('offsets', 'get', source)).offsets, [])
      await ok('offsets', 'undo', source)
      assert.match(await ok('offsets', 'get', source), /"position":8/)
      await writeFile(world.folder.file('offsets.json'), await ok('offsets', 'get', source, '--json'))
      assert.match(
        await ok('offsets', 'set', source, '-f', world.folder.file('offsets.json')),
        /the offsets are as wanted/,
      )
      await appendFile(world.folder.file('in.txt'), 'e\n')
      await ok('resume', source, '--wait')
      await until('it goes on where it was', async () => (await lines()) === 9)
    })

    it('deletes', async () => {
      assert.match(await ok('delete', source, sink), /deleted\n.*deleted\n$/)
      assert.equal((await millrace('describe', sink)).code, 7)
    })
  })
}
