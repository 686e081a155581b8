// Values under JSON schemas between our converter and Confluent's client for Python, over the embedded registry.
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { type Converter, SchemaBuilder, Schemas } from '@millrace/api'
import { startRegistry } from '@millrace/broker/registry'
import { plugins } from '@millrace/converters'
import { findPythonClient, startEmbeddedBroker, whyNoPythonClient } from '@millrace/testkit'

const env = { ...process.env, PYTHONPATH: findPythonClient() }
const why = whyNoPythonClient() ?? whyNoJson()
const required = process.env.MILLRACE_REQUIRE_SERVICES === '1'

/** The client's part for JSON Schema has needs of its own. */
function whyNoJson(): string | undefined {
  const imported = spawnSync('python3', ['-c', 'import confluent_kafka.schema_registry.json_schema'], { env })
  return imported.status === 0 ? undefined : "Confluent's Python client is not installed for JSON Schema"
}

test("what Confluent's Python client writes is read, and the other way round", {
  ...(why === undefined || required ? {} : { skip: why }),
}, async () => {
  await using broker = await startEmbeddedBroker({ inProcess: true })
  const registry = await startRegistry({
    props: {
      'kafkastore.bootstrap.servers': broker.bootstrap,
      'kafkastore.timeout.ms': '20000',
      listeners: 'http://127.0.0.1:0',
      'host.name': '127.0.0.1',
    },
  })
  const plugin = plugins.find(({ className }) => className === 'io.confluent.connect.json.JsonSchemaConverter')
  assert.ok(plugin !== undefined)
  const converter = new ((await plugin.load()) as new () => Converter)()
  converter.configure({ 'schema.registry.url': registry.url }, false)
  try {
    const schema = SchemaBuilder.struct()
      .name('Order')
      .field('note', Schemas.OPTIONAL_STRING)
      .field('id', Schemas.INT64)
      .field('lines', SchemaBuilder.map(Schemas.INT32, Schemas.STRING).build())
      .build()
    const order = { note: 'ü', id: 2n ** 62n, lines: new Map([[1, 'x']]) }
    const bytes = (await converter.fromConnectData('ours', null, schema, order)) as Uint8Array
    const script = join(import.meta.dirname, 'client_json.py')
    const args = [script, registry.url, Buffer.from(bytes).toString('hex')]
    const { stdout } = await promisify(execFile)('python3', args, { env })
    const [theirs = '', read = ''] = stdout.trim().split('\n')
    assert.equal(read, '{"note": "\\u00fc", "id": 4611686018427387904, "lines": [{"key": 1, "value": "x"}]}')
    const { value, schema: connect } = await converter.toConnectData('python', null, Buffer.from(theirs, 'hex'))
    assert.deepEqual(value, { name: 'Zoë', age: 9007199254740993n, height: 1.75 })
    assert.deepEqual([connect?.name, connect?.version], ['Person', 1])
  } finally {
    await converter.close?.()
    await registry.close()
  }
})
