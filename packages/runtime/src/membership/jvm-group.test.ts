// One group of a JVM worker and one of ours: each leads once, and the other does what it is told.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Admin } from '@millrace/kafka'
import { startConnectJvm, startKafka, until, whyNoConnectJvm } from '@millrace/testkit'
import { type ConfigData, configView } from './testing/histories.ts'
import { MembershipWorker } from './testing/membership-worker.ts'

const NAMES = ['a', 'b', 'c', 'd']
const missing = process.env.MILLRACE_REQUIRE_SERVICES === '1' ? undefined : await whyNoConnectJvm()

interface Status {
  readonly connector: { readonly state: string; readonly worker_id: string }
  readonly tasks: readonly { readonly id: number; readonly state: string; readonly worker_id: string }[]
}

it('shares a group with a JVM worker, under its lead and leading it', { skip: missing }, async () => {
  await using kafka = await startKafka()
  await using jvm = await startConnectJvm({ bootstrap: kafka.bootstrap })
  await using admin = Admin.create({ 'bootstrap.servers': kafka.bootstrap })
  let config: ConfigData = { offset: -1, connectors: {} }
  const refresh = async () => {
    const [end] = await admin.listOffsets([{ topic: jvm.topics.config, partition: 0, at: 'latest' }])
    config = { offset: Number(end!.offset), connectors: Object.fromEntries(NAMES.map((name) => [name, 1])) }
  }
  /** What runs on the JVM worker, as it says itself. */
  const onJvm = async () => {
    const all = (await (await fetch(`${jvm.url}/connectors?expand=status`)).json()) as Record<
      string,
      { status: Status }
    >
    const here = (one: { state: string; worker_id: string }) =>
      one.state === 'RUNNING' && one.worker_id === jvm.workerId
    return Object.entries(all).flatMap(([name, { status }]) => [
      ...(here(status.connector) ? [name] : []),
      ...status.tasks.filter(here).map((task) => `${name}-${task.id}`),
    ])
  }
  for (const name of NAMES) {
    const answer = await fetch(`${jvm.url}/connectors/${name}/config`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ 'connector.class': 'FileStreamSource', file: '/dev/null', topic: 'nothing' }),
    })
    assert.equal(answer.status, 201)
  }
  await until('all runs on the JVM worker', async () => (await onJvm()).length === 8)

  await refresh()
  const url = 'http://127.0.0.1:1/'
  const ours = new MembershipWorker({
    bootstrap: kafka.bootstrap,
    groupId: jvm.groupId,
    url,
    config: () => configView(config),
  })
  const shared = async () => {
    await refresh()
    const all = [...new Set([...(await onJvm()), ...ours.names])]
    return ours.running.size === 4 && all.length === 8 && !ours.member.rejoinNeeded
  }
  try {
    await until('each runs half', async () => (await shared()) && (await onJvm()).length === 4)
    assert.equal(ours.member.isLeader, false)
    assert.equal(ours.member.leaderUrl, `${jvm.url}/`)
    assert.equal(ours.member.protocolVersion, 2)

    await jvm.end()
    await until('all is ours', async () => {
      await refresh()
      return ours.running.size === 8 && ours.member.isLeader
    })

    await jvm.restart()
    await until('half is given to the JVM worker', async () => (await shared()) && (await onJvm()).length === 4)
    assert.equal(ours.member.isLeader, true)
    const theirs = (await onJvm()).find((name) => NAMES.includes(name))!
    assert.equal(ours.member.connectorUrl(theirs), `${jvm.url}/`)
    assert.equal(ours.member.taskUrl({ connector: theirs, task: 0 }) === null, false)
  } catch (error) {
    throw new Error(`${ours.names.join(' ')}; ${ours.events.join('; ')}\n${jvm.log().slice(-4000)}`, { cause: error })
  } finally {
    await ours.stop()
  }
})
