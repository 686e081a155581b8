// Requests over a port: each is answered once, errors cross as data, and a closed end leaves nobody waiting.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MessageChannel } from 'node:worker_threads'
import { ConfigException, ConnectException } from '@millrace/api'
import { describeError } from './remote-error.ts'
import { RpcPeer } from './rpc.ts'

interface Sums {
  add: (p: { readonly a: number; readonly b: number }) => number
  refuse: (p: undefined) => void
  wait: (p: undefined) => void
}
type Nothing = Record<never, never>

function connect(handlers: ConstructorParameters<typeof RpcPeer<Nothing, Sums>>[1]['handlers']) {
  const { port1, port2 } = new MessageChannel()
  const mask = (text: string) => text.replaceAll('hush', '***')
  const describe = (error: unknown) => describeError(error, mask)
  const events: unknown[] = []
  const options = { handlers: {}, describeError: describe, onEvent: (event: unknown) => events.push(event) }
  const client = new RpcPeer<Sums, Nothing>(port1, options)
  const server = new RpcPeer<Nothing, Sums>(port2, { handlers, describeError: describe })
  return { client, server, events, close: () => port1.close() }
}

test('answers go to their questions, whatever their order', async () => {
  const gates = new Map<number, () => void>()
  const peers = connect({
    add: ({ a, b }) => new Promise((resolve) => gates.set(a, () => resolve(a + b))),
    refuse: () => {},
    wait: () => {},
  })
  const sums = [1, 2].map((a) => peers.client.call('add', { a, b: 10 }))
  await peers.client.call('wait', undefined)
  gates.get(2)?.()
  gates.get(1)?.()
  assert.deepEqual(await Promise.all(sums), [11, 12])
  peers.close()
})

test('an error crosses with its class, its key and its causes, secrets masked', async () => {
  const peers = connect({
    add: () => 0,
    refuse: () => {
      throw ConfigException.invalidValue('password', 'hush', 'too short')
    },
    wait: () => {},
  })
  const error = await peers.client.call('refuse', undefined).catch((one: unknown) => one)
  const { className, configKey, message, trace } = error as ReturnType<typeof describeError>
  assert.equal(className, 'org.apache.kafka.common.config.ConfigException')
  assert.equal(configKey, 'password')
  assert.equal(message, 'Invalid value *** for configuration password: too short')
  assert.ok(!trace.includes('hush') && trace.includes('***'))
  peers.close()
})

test('events come in order with answers, and a closed end rejects what is open and what comes', async () => {
  const peers = connect({ add: ({ a }) => a, refuse: () => {}, wait: () => new Promise<void>(() => {}) })
  peers.server.emit({ event: 'reconfigure', connector: 'c' })
  await peers.client.call('add', { a: 1, b: 1 })
  assert.deepEqual(peers.events, [{ event: 'reconfigure', connector: 'c' }])
  const open = peers.client.call('wait', undefined)
  peers.client.close(new ConnectException('gone'))
  await assert.rejects(open, { message: 'gone' })
  await assert.rejects(peers.client.call('add', { a: 1, b: 1 }), { message: 'gone' })
  peers.close()
})
