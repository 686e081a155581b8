// millrace dlq from end to end, with the dead letters of each kind of worker: look, try a change, replay, and the sink has them.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { Producer } from '@millrace/kafka'
import { until } from '@millrace/testkit'
import { inProcess } from './testing/in-process.ts'
import { type ClientWorld, worlds } from './testing/worker.ts'

for (const { title, skip, start } of await worlds()) {
  describe(`dead letters of ${title}`, { skip }, () => {
    let world: ClientWorld
    const topic = `orders-${randomBytes(4).toString('hex')}`
    const [sink, dead] = [`sink-${topic}`, `dead-${topic}`]
    const millrace = (...args: string[]) =>
      inProcess([...args], {
        CONNECT_URL: world.url,
        MILLRACE_HISTORY: world.folder.file('history.jsonl'),
        MILLRACE_CONTEXTS: world.folder.file('contexts.json'),
      })
    const dlq = async (...args: string[]) => {
      const { code, out, err } = await millrace('dlq', ...args, '--bootstrap-servers', world.bootstrap)
      assert.equal(code, 0, err + out)
      return out
    }
    const json = async <T>(...args: string[]) => JSON.parse(await dlq(...args, '--json')) as T
    const lines = async () => (await readFile(world.folder.file('out.txt'), 'utf8').catch(() => '')).trim().split('\n')

    before(async () => {
      world = await start()
      await writeFile(
        world.folder.file('sink.yaml'),
        `name: ${sink}
connector.class: org.apache.kafka.connect.file.FileStreamSinkConnector
file: ${world.folder.file('out.txt')}
topics: ${topic}
consumer.override.metadata.max.age.ms: 500
value.converter: org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable: false
errors.tolerance: all
errors.deadletterqueue.topic.name: ${dead}
errors.deadletterqueue.topic.replication.factor: 1
errors.deadletterqueue.context.headers.enable: true
`,
      )
      await using producer = Producer.create({ 'bootstrap.servers': world.bootstrap })
      for (const value of ['{"id":1}', '{"id":2', '{"id":3}', 'id 4']) await producer.send({ topic, key: 'k', value })
      const applied = await millrace('apply', '-f', world.folder.file('sink.yaml'), '--wait')
      assert.equal(applied.code, 0, applied.err)
      await until('the letters are there', async () => {
        const queues = await json<{ connector: string; topic: string; letters: number | null }[]>('queues')
        return queues.find((one) => one.connector === sink)?.letters === 2
      })
    })
    after(() => world?.[Symbol.asyncDispose]())

    it('lists them with their story, by the name of the queue and of the connector', async () => {
      for (const name of [dead, sink]) {
        const out = await dlq('list', name)
        assert.match(out, new RegExp(`0:0 .*${sink} +VALUE_CONVERTER +DataException +${topic}-0-1 +k +{"id":2`))
        assert.match(out, new RegExp(`0:1 .*${topic}-0-3 +k +id 4`))
      }
      const shown = await dlq('show', dead, '1')
      assert.match(shown, /stage: VALUE_CONVERTER\n {2}class.name: org.apache.kafka.connect.json.JsonConverter/)
      assert.match(shown, /Value: +id 4\nTrace:\n {2}org.apache.kafka.connect.errors.DataException/)
      const [one] = await json<{ by: string; count: number; pending: number }[]>('stats', dead, '--by', 'error,topic')
      assert.deepEqual([one?.count, one?.pending], [2, 2])
      assert.equal((await json<unknown[]>('list', dead, '--error', 'SerializationException')).length, 0)
      assert.equal((await millrace('dlq', 'list', 'nowhere', '--bootstrap-servers', world.bootstrap)).code, 7)
      assert.equal((await millrace('dlq', 'list', dead)).code, 1)
    })

    it('tries a change, replays it, and does not replay it again', async () => {
      const fix = world.folder.file('fix.ts')
      await writeFile(
        fix,
        `export default ({ text }: { text: string }) => (text.startsWith('{') ? { value: \`\${text}}\` } : null)\n`,
      )
      assert.match(
        await dlq('fix', dead, '--with', fix),
        /0:0:\n {2}- value {"id":2\n {2}\+ value {"id":2}\n0:1: stays/,
      )
      assert.match(await dlq('replay', dead, '--with', fix, '--dry-run'), /would replay 1 letter: 1 to orders/)
      assert.deepEqual((await lines()).length, 2)
      assert.match(await dlq('replay', dead, '--with', fix), /replayed 1 letter: 1 to .*\n1 letter left where they are/)
      await until('the sink has it', async () => (await lines()).length === 3)
      assert.match(await dlq('replay', dead, '--with', fix), /replayed 0 letters/)
      assert.match(await dlq('list', dead), /0:0 .*replayed\n/)
      assert.equal((await json<unknown[]>('list', dead, '--pending')).length, 1)
    })

    it('exports what is left, to be edited and replayed', async () => {
      const file = world.folder.file('letters.jsonl')
      assert.match(await dlq('export', dead, '--pending', '-o', file), /1 letters of dead.* are in/)
      const letter = JSON.parse(await readFile(file, 'utf8')) as { value: string }
      assert.equal(letter.value, 'id 4')
      await writeFile(file, `${JSON.stringify({ ...letter, value: '{"id":4}' })}\n`)
      const { replayed } = await json<{ replayed: number }>('replay', dead, '--from', file)
      assert.equal(replayed, 1)
      await until('the sink has it', async () => (await lines()).length === 4)
      assert.equal((await json<unknown[]>('list', dead, '--pending')).length, 0)
      assert.equal((await json<unknown[]>('list', dead)).length, 2)
    })
  })
}
