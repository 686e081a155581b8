// A cluster of one make is stopped and one of the other make started on its topics: configurations, states, offsets and data go on.
import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { startKafka, type TemporaryFolder, temporaryFolder, until, whyNoConnectJvm } from '@millrace/testkit'
import { ask, Cluster, type Connectors, type Kind, type Member } from './cluster.ts'
import { Lines } from './lines.ts'

const missing = process.env.MILLRACE_REQUIRE_SERVICES === '1' ? undefined : await whyNoConnectJvm()

function connectors(folder: TemporaryFolder, lines: Lines): Connectors {
  const topic = basename(folder.path)
  const source = { 'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector', topic }
  return {
    in: { ...source, file: lines.input },
    out: {
      'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
      topics: topic,
      file: lines.output,
    },
    paused: { ...source, file: '/dev/null' },
    stopped: { ...source, file: '/dev/null' },
  }
}

/** All that a cluster knows of its connectors and that must not change with the make of its workers. */
async function knowledge(member: Member) {
  const all = await ask(member, 'GET', '/connectors?expand=info&expand=status')
  assert.equal(all.status, 200)
  const known: Record<string, unknown> = {}
  type Part = { state: string; id?: number; type?: string }
  type All = Record<string, { info: unknown; status: { connector: Part; tasks: Part[]; type: string } }>
  for (const [name, { info, status }] of Object.entries(all.body as All)) {
    const states = [status.connector, ...status.tasks].map(({ id, state }) => ({ id, state }))
    const offsets = (await ask(member, 'GET', `/connectors/${name}/offsets`)).body
    const topics = (await ask(member, 'GET', `/connectors/${name}/topics`)).body
    const tasks = (await ask(member, 'GET', `/connectors/${name}/tasks`)).body
    known[name] = { info, states, type: status.type, offsets, topics, tasks }
  }
  return known
}

/** Waits until the offsets of both connectors are those of everything that was written. */
async function committed(member: Member, lines: Lines) {
  await until(
    'offsets are committed',
    async () => {
      const of = async (name: string) => JSON.stringify((await ask(member, 'GET', `/connectors/${name}/offsets`)).body)
      const bytes = statSync(lines.input).size
      const [source, sink] = [await of('in'), await of('out')]
      return source.includes(`"position":${bytes}`) && sink.includes(`"kafka_offset":${lines.written}`)
    },
    { everyMs: 100 },
  )
}

const start = (members: readonly Member[]) => Promise.all(members.map((one) => one.start()))
const stop = (members: readonly Member[]) => Promise.all(members.map((one) => one.stop()))

it('hands a cluster from the JVM to Millrace and back', { skip: missing }, async (test) => {
  await using kafka = await startKafka()
  await using folder = await temporaryFolder('millrace-handover-')
  const lines = new Lines(folder.file('in.txt'), folder.file('out.txt'))
  await using cluster = await Cluster.create(folder, kafka.bootstrap, { jvm: 2, millrace: 2 })
  const sides = { jvm: cluster.of('jvm'), millrace: cluster.of('millrace') }
  const running = { in: 1, out: 1 }
  await cluster.configure(sides.jvm[0]!, connectors(folder, lines))
  await cluster.settled({ ...running, paused: 1, stopped: 1 })
  const wish = async (path: string) => assert.ok((await ask(sides.jvm[0]!, 'PUT', path)).status < 300)
  await wish('/connectors/paused/pause')
  await wish('/connectors/stopped/stop')
  await until(
    'both wishes are met',
    async () => {
      const [paused, stopped] = await Promise.all(
        ['paused', 'stopped'].map(async (name) =>
          JSON.stringify((await ask(sides.jvm[0]!, 'GET', `/connectors/${name}/status`)).body),
        ),
      )
      return (
        (paused!.match(/PAUSED/g) ?? []).length === 2 && stopped!.includes('STOPPED') && stopped!.includes('"tasks":[]')
      )
    },
    { everyMs: 100 },
  )

  // At rest: all is committed before the one side is stopped, so nothing at all may be repeated by the other.
  let from: Kind = 'jvm'
  for (const to of ['millrace', 'jvm'] as const) {
    lines.write(500)
    assert.deepEqual((await lines.drained()).lost, [])
    await committed(sides[from][0]!, lines)
    const before = await knowledge(sides[from][0]!)
    await stop(sides[from])
    lines.write(500)
    await start(sides[to])
    await cluster.settled(running)
    const outcome = await lines.drained()
    test.diagnostic(`${from} to ${to}, at rest: ${JSON.stringify(outcome)}`)
    const { arrived, ...faults } = outcome
    assert.equal(arrived, lines.written)
    assert.deepEqual(faults, { written: arrived, lost: [], repeated: 0, outOfOrder: 0, torn: 0, foreign: [] })
    await committed(sides[to][0]!, lines)
    const withoutOffsets = (all: Record<string, unknown>) =>
      Object.fromEntries(
        Object.entries(all).map(([name, one]) => [name, { ...(one as object), offsets: name === 'paused' }]),
      )
    // States are written down when connectors have started, which is later than the workers' own start.
    const same = async () => isDeepStrictEqual(withoutOffsets(await knowledge(sides[to][0]!)), withoutOffsets(before))
    await until('the same is known', same, { everyMs: 200 }).catch(() => undefined)
    assert.deepEqual(withoutOffsets(await knowledge(sides[to][0]!)), withoutOffsets(before))
    from = to
  }

  // While data flows, to ours and back once more.
  lines.flow(500)
  await lines.flows()
  for (const to of ['millrace', 'jvm'] as const) {
    await stop(sides[from])
    await start(sides[to])
    await cluster.settled(running)
    await lines.flows()
    from = to
  }
  lines.rest()
  const outcome = await lines.drained()
  test.diagnostic(`while data flows, twice: ${JSON.stringify(outcome)}`)
  assert.deepEqual([outcome.lost, outcome.outOfOrder, outcome.foreign], [[], 0, []], cluster.lastOutput())
})
