// Confluent's client for Python, unchanged, against the embedded registry.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { startRegistry } from '@millrace/broker/registry'
import { findPythonClient, startEmbeddedBroker, whyNoPythonClient } from '@millrace/testkit'

const why = whyNoPythonClient()
const required = process.env.MILLRACE_REQUIRE_SERVICES === '1'
const options = why === undefined || required ? {} : { skip: why }

const scripts = [
  ["everything that Confluent's Python client offers", 'client.py'],
  ['its Protobuf serializers, which know descriptors and no texts', 'client_protobuf.py'],
] as const

for (const [what, script] of scripts) test(what, options, () => runsThrough(script))

async function runsThrough(script: string): Promise<void> {
  await using broker = await startEmbeddedBroker({ inProcess: true })
  const registry = await startRegistry({
    props: {
      'kafkastore.bootstrap.servers': broker.bootstrap,
      'kafkastore.timeout.ms': '20000',
      listeners: 'http://127.0.0.1:0',
      'host.name': '127.0.0.1',
    },
  })
  try {
    const env = { ...process.env, PYTHONPATH: findPythonClient() }
    const { stdout } = await promisify(execFile)('python3', [join(import.meta.dirname, script), registry.url], { env })
    assert.equal(stdout.trim(), 'done')
  } finally {
    await registry.close()
  }
}
