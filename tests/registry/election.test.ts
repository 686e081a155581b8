// Several registries over one topic, on every broker: one writes, the others send writes on; the writer is killed in the midst of
// registrations, another one is stopped for longer than its session lasts and goes on. No id stands for two schemas, and what was answered stays as it was answered.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { onEveryBroker, temporaryFolder, until } from '@millrace/testkit'
import { type RegistryInstance, startInstance } from './instances.ts'

const schemaOf = (name: string) => `{"type":"record","name":"${name}","fields":[{"name":"a","type":"int"}]}`

onEveryBroker('registries over one topic', {}, (broker) => {
  test('one id for one schema, whoever is asked and whoever is killed', async () => {
    await using folder = await temporaryFolder('millrace-registry-')
    const unique = randomUUID().slice(0, 8)
    const props = { 'kafkastore.topic': `_schemas-${unique}`, 'schema.registry.group.id': `sr-${unique}` }
    const start = () => startInstance(folder, broker().bootstrap, props)
    const instances = await Promise.all([start(), start(), start()])
    try {
      /** What was answered: the schema's name by its id. */
      const answered = new Map<number, string>()
      let killed = false
      const register = async (instance: RegistryInstance, name: string) => {
        const ask = () => instance.ask('POST', `/subjects/${name}/versions`, { schema: schemaOf(name) })
        // In an election that one instance hears of before the other, clients ask again.
        const settled = async () => {
          const answer = await ask()
          return answer?.status === 500 && !killed ? undefined : { answer }
        }
        const { answer } = await until(`${name} is registered`, settled)
        if (answer?.status !== 200) return assert.ok(killed, JSON.stringify(answer))
        const before = answered.get(answer.body.id)
        assert.ok(before === undefined || before === name, `${answer.body.id} is ${before} and ${name}`)
        answered.set(answer.body.id, name)
      }
      const round = (prefix: string, count: number, among: readonly RegistryInstance[]) =>
        Promise.all(
          Array.from({ length: count }, (_, at) => register(among[at % among.length]!, `${prefix}${at >> 1}`)),
        )
      // Each schema is sent twice, to two instances at once.
      await round('first', 20, instances)
      assert.equal(answered.size, 10)

      const primary = await findPrimary(instances)
      const others = instances.filter((one) => one !== primary)
      const before = answered.size
      const running = round('second', 60, instances)
      await until('some of the second round are answered', () => answered.size > before + 2)
      killed = true
      await primary.process.end('SIGKILL')
      await running

      const next = { schema: schemaOf('after') }
      const writes = async () => (await others[0]!.ask('POST', '/subjects/after/versions', next))?.status === 200
      await until('another one is elected and writes', writes, { timeoutMs: 60_000, everyMs: 50 })
      killed = false
      await round('third', 20, others)
      await primary.restart()
      await round('fourth', 20, instances)

      // One that sleeps through its session must not write when it wakes up, whatever it believed before.
      const sleeper = await findPrimary(instances)
      const awake = instances.filter((one) => one !== sleeper)
      sleeper.process.signal('SIGSTOP')
      killed = true
      const meanwhile = async () =>
        (await awake[0]!.ask('POST', '/subjects/meanwhile/versions', { schema: schemaOf('meanwhile') }))?.status === 200
      await until('another one is elected while the primary sleeps', meanwhile, { timeoutMs: 60_000, everyMs: 50 })
      await round('fifth', 10, awake)
      const late = round('sixth', 10, instances)
      sleeper.process.signal('SIGCONT')
      await late
      killed = false
      await until('the sleeper takes part again', async () => {
        const answer = await sleeper.ask('POST', '/subjects/woken/versions', { schema: schemaOf('woken') })
        return answer?.status === 200
      })
      await round('seventh', 20, instances)
      for (const instance of instances) await holdsAll(instance, answered)
    } finally {
      await Promise.all(instances.map((one) => one.process.end('SIGKILL')))
    }
  })
})

/** Every id that was answered is the schema that it was answered for, on this instance, too. */
async function holdsAll(instance: RegistryInstance, answered: ReadonlyMap<number, string>): Promise<void> {
  for (const [id, name] of answered) {
    // A follower reads behind the primary, by a moment.
    const answer = await until(`id ${id} is there`, async () => {
      const found = await instance.ask('GET', `/schemas/ids/${id}`)
      return found?.status === 200 ? found : undefined
    })
    assert.equal(answer.body.schema, schemaOf(name), `id ${id} at ${instance.url}`)
  }
}

/** The one that takes a request which must not be sent on. */
async function findPrimary(instances: readonly RegistryInstance[]): Promise<RegistryInstance> {
  for (const instance of instances) {
    const answer = await fetch(`${instance.url}/config`, {
      method: 'PUT',
      body: '{"compatibility":"BACKWARD"}',
      headers: { 'content-type': 'application/json', 'x-forward': 'true' },
    })
    if (answer.status === 200) return instance
  }
  throw new Error('No instance is primary')
}
