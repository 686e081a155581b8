// Stable codes on their ways out: REST headers, here and over another worker, and the states of what failed. The bodies stay the reference's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startBroker } from '@millrace/broker'
import { until } from '@millrace/testkit'
import type { ConnectorStateInfo } from './control/entities.ts'
import { TestCluster } from './testing/test-cluster.ts'
import { atEnd, temporaryFolder } from './testing/test-worker.ts'

test('errors have their codes beside the body, also when another worker answers', async (t) => {
  const broker = await startBroker({ dataDir: temporaryFolder(t), port: 0, host: '127.0.0.1' })
  atEnd(t, () => broker.close())
  const cluster = new TestCluster(t, broker.bootstrap)
  const workers = [await cluster.start(), await cluster.start()]
  const created = await workers[0]!.call('PUT', '/connectors/source/config', {
    'connector.class': 'FaultySource',
    topic: 'numbers',
    'value.converter': 'FaultyConverter',
    'value.converter.fault.matching': '.*',
  })
  assert.equal(created.status, 201)
  const answers: [string, string, string][] = [
    ['GET', '/connectors/nobody/status', 'MILLRACE_NOT_FOUND'],
    ['DELETE', '/connectors/nobody', 'MILLRACE_NOT_FOUND'],
    // Only the leader answers that: one of the two has it from the other.
    ['DELETE', '/connectors/source/offsets', 'MILLRACE_BAD_REQUEST'],
    ['GET', '/nowhere', 'MILLRACE_WEB_APPLICATION'],
  ]
  for (const { url } of workers) {
    for (const [method, path, code] of answers) {
      const response = await fetch(url + path, { method })
      assert.equal(response.headers.get('millrace-error-code'), code, `${method} ${path}`)
      assert.deepEqual(Object.keys((await response.json()) as object), ['error_code', 'message'])
    }
    assert.equal((await fetch(url)).headers.get('millrace-error-code'), null)
  }
  const failed = await until('the task fails', async () => {
    const { tasks } = (await workers[1]!.call('GET', '/connectors/source/status')).body as ConnectorStateInfo
    return tasks?.find((task) => task.state === 'FAILED')
  })
  assert.match(failed.trace ?? '', /^org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded/)
  assert.match(failed.trace ?? '', /\nCode: MILLRACE_DATA\n$/)
})
