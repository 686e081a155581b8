// The launcher of JVM workers: a group that knows of each other, a worker that goes and comes back.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { until } from '../until.ts'
import { startConnectJvmGroup, whyNoConnectJvm } from './connect-jvm.ts'
import { startKafka } from './kafka.ts'

const missing = process.env.MILLRACE_REQUIRE_SERVICES === '1' ? undefined : await whyNoConnectJvm()

it('two JVM workers share a group; one goes and comes back', { skip: missing }, async () => {
  await using kafka = await startKafka()
  const workers = await startConnectJvmGroup(2, { bootstrap: kafka.bootstrap })
  await using first = workers[0]!
  await using second = workers[1]!
  const put = (name: string, url: string) =>
    fetch(`${url}/connectors/${name}/config`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ 'connector.class': 'FileStreamSource', file: '/dev/null', topic: 'nothing' }),
    })
  // Whichever is no leader passes it on.
  assert.equal((await put('a', first.url)).status, 201)
  assert.equal((await put('b', second.url)).status, 201)
  const owners = async (url: string) => {
    const all = (await (await fetch(`${url}/connectors?expand=status`)).json()) as Record<
      string,
      { status: { connector: { state: string; worker_id: string } } }
    >
    const connectors = Object.values(all).map((entry) => entry.status.connector)
    return connectors.every((connector) => connector.state === 'RUNNING')
      ? new Set(connectors.map((connector) => connector.worker_id))
      : undefined
  }
  await until('each has one', async () => (await owners(first.url))?.size === 2)
  await second.end()
  assert.equal(second.isRunning, false)
  await until('the one that stayed has both', async () => {
    const found = await owners(first.url)
    return found?.size === 1 && found.has(first.workerId)
  })
  await second.restart()
  assert.deepEqual(await (await fetch(`${second.url}/connectors`)).json(), ['a', 'b'])
  await until('its log tells of a connector', () => /\[[ab]\|worker\] /.test(second.log()))
})
