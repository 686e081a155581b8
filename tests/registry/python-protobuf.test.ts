// ProtobufConverter and Confluent's Python client over one registry: each reads what the other wrote.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import type { Converter, SchemaAndValue } from '@millrace/api'
import { startRegistry } from '@millrace/broker/registry'
import { plugins } from '@millrace/converters'
import { findPythonClient, startEmbeddedBroker, whyNoPythonClient } from '@millrace/testkit'

const why = whyNoPythonClient()
const required = process.env.MILLRACE_REQUIRE_SERVICES === '1'

test(
  'Protobuf records go between our converter and another client',
  why === undefined || required ? {} : { skip: why },
  async () => {
    await using broker = await startEmbeddedBroker({ inProcess: true })
    const registry = await startRegistry({
      props: {
        'kafkastore.bootstrap.servers': broker.bootstrap,
        'kafkastore.timeout.ms': '20000',
        listeners: 'http://127.0.0.1:0',
        'host.name': '127.0.0.1',
      },
    })
    const plugin = plugins.find(({ className }) => className.endsWith('.ProtobufConverter'))
    assert.ok(plugin)
    const converter = new ((await plugin.load()) as new () => Converter)()
    converter.configure({ 'schema.registry.url': registry.url }, false)
    const python = async (...args: readonly string[]): Promise<string[]> => {
      const env = { ...process.env, PYTHONPATH: findPythonClient() }
      const script = join(import.meta.dirname, 'client_protobuf_values.py')
      const { stdout } = await promisify(execFile)('python3', [script, registry.url, ...args], { env })
      return stdout.trim().split('\n')
    }
    try {
      const records: SchemaAndValue[] = []
      for (const hex of await python('write')) {
        records.push(await converter.toConnectData('shop', null, Buffer.from(hex, 'hex')))
      }
      const order = { id: 0, lines: [], labels: new Map(), at: null, ratios: [] }
      const full = {
        payment_0: { cash: null, card: '1234' },
        id: -(2n ** 60n),
        lines: [{ code: 'a' }, { code: '' }],
        labels: new Map([['k', 2n ** 60n]]),
        at: new Date(-4993),
        ratios: [0.5, -1],
      }
      assert.deepEqual(
        records.map(({ value }) => value),
        [full, { payment_0: null, ...order }, { code: 'é' }, { only: -3 }],
      )
      assert.deepEqual(
        records.map(({ schema }) => schema?.name),
        ['Order', 'Order', 'Line', 'First'],
      )
      const [first] = records as [SchemaAndValue]
      const bytes = (await converter.fromConnectData('back', null, first.schema, first.value)) as Uint8Array
      const [seen = ''] = await python('read', Buffer.from(bytes).toString('hex'))
      assert.deepEqual(JSON.parse(seen), {
        id: String(-(2n ** 60n)),
        lines: [{ code: 'a' }, {}],
        labels: { k: String(2n ** 60n) },
        at: '1969-12-31T23:59:55.007Z',
        ratios: [0.5, -1],
        card: '1234',
      })
    } finally {
      converter.close?.()
      await registry.close()
    }
  },
)
