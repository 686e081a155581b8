// A group of two JVM workers and two of ours through joins, leaves and kill -9, led by either side: data flows, REST answers are right.
// MILLRACE_FAULT_KILLS sets how many events (8), MILLRACE_FAULT_SEED which.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { it } from 'node:test'
import { startKafka, temporaryFolder, whyNoConnectJvm } from '@millrace/testkit'
import { randomMoments } from '../faults/flow.ts'
import { ask, Cluster, type Kind } from './cluster.ts'
import { Lines } from './lines.ts'

const EVENTS = Number(process.env.MILLRACE_FAULT_KILLS ?? 8)
const MOST_BETWEEN_MS = 1_500
const missing = process.env.MILLRACE_REQUIRE_SERVICES === '1' ? undefined : await whyNoConnectJvm()

it(`a mixed group lives through ${EVENTS} joins, leaves and kills`, { skip: missing }, async (test) => {
  await using kafka = await startKafka()
  await using folder = await temporaryFolder('millrace-mixed-')
  const moments = randomMoments()
  test.diagnostic(`seed ${moments.seed}`)
  await using cluster = await Cluster.create(folder, kafka.bootstrap, { jvm: 2, millrace: 2 })
  await Promise.all(cluster.of('millrace').map((one) => one.start()))
  const flows = ['a', 'b'].map((name) => new Lines(folder.file(`${name}.in`), folder.file(`${name}.out`)))
  const topic = basename(folder.path)
  const configs: Record<string, Record<string, string>> = {}
  flows.forEach((lines, i) => {
    configs[`in-${i}`] = { 'connector.class': 'FileStreamSource', topic: `${topic}-${i}`, file: lines.input }
    configs[`out-${i}`] = {
      'connector.class': 'FileStreamSink',
      topics: `${topic}-${i}`,
      file: lines.output,
      'consumer.override.session.timeout.ms': '6000',
    }
  })
  const tasks = Object.fromEntries(Object.keys(configs).map((name) => [name, 1]))
  await cluster.configure(cluster.of('millrace')[0]!, configs)
  await cluster.settled(tasks)
  for (const lines of flows) lines.flow(200)

  const led: Record<Kind, number> = { jvm: 0, millrace: 0 }
  const leader = () => {
    const logs = cluster.up.map((one) => readFileSync(one.logFile, 'utf8'))
    const urls = logs.map((log) => [...log.matchAll(/leaderUrl='([^']+?)\/?'/g)].at(-1)?.[1])
    return cluster.up.find((one) => urls.includes(one.url))
  }
  const counts: Record<string, number> = {}
  const events: string[] = []
  let change = 0
  let asking = true
  const questions = async () => {
    while (asking) {
      for (const kind of ['jvm', 'millrace'] as const) {
        const member = cluster.up.find((one) => one.kind === kind)
        if (member === undefined) continue
        const list = await ask(member, 'GET', '/connectors')
        counts[`${kind} list ${list.status}`] = (counts[`${kind} list ${list.status}`] ?? 0) + 1
        const names = list.status === 200 ? [...(list.body as string[])].sort() : undefined
        // Kafka Connect answers before it has read its topics: a worker of it that has just come knows of no connector.
        if (names?.length === 0 && kind === 'jvm') counts['jvm list empty'] = (counts['jvm list empty'] ?? 0) + 1
        else if (names !== undefined) assert.deepEqual(names, Object.keys(configs).sort(), `${kind} ${member.workerId}`)
        const config = { ...configs['in-0']!, 'batch.size': String(1_000 + change++) }
        const put = await ask(member, 'PUT', '/connectors/in-0/config', config)
        const key = `${kind} put ${put.status}`
        counts[key] = (counts[key] ?? 0) + 1
        if (put.status === 200) assert.deepEqual((put.body as { config: unknown }).config, { ...config, name: 'in-0' })
        else events.push(`${key}: ${JSON.stringify(put.body)}`)
        await moments.pause(1_000)
      }
    }
  }
  const asked = questions()
  try {
    for (let event = 0; event < EVENTS; event++) {
      await moments.pause(MOST_BETWEEN_MS)
      const now = leader()
      if (now !== undefined) led[now.kind]++
      const down = cluster.members.filter((one) => !one.isRunning)
      const starts = down.length > 0 && (down.length === 2 || moments.next() < 0.5)
      const pool = starts ? down : event % 3 === 0 && now !== undefined ? [now] : cluster.up
      const member = pool[Math.floor(moments.next() * pool.length)]!
      const what = starts ? 'start' : moments.next() < 0.5 ? 'kill' : 'stop'
      events.push(`${what} ${member.kind} ${member.workerId}${member === now ? ' (leader)' : ''}`)
      await member[what]()
      if (moments.next() < 0.5) await cluster.settled(tasks)
    }
    await Promise.all(cluster.members.filter((one) => !one.isRunning).map((one) => one.start()))
    await cluster.settled(tasks)
  } finally {
    // Else what keeps on writing into a folder that is gone hides why the test failed.
    for (const lines of flows) lines.rest()
    asking = false
    await asked
    test.diagnostic(`${events.join('; ')}\nled: ${JSON.stringify(led)}; answers: ${JSON.stringify(counts)}`)
  }
  for (const lines of flows) {
    const outcome = await lines.drained()
    test.diagnostic(JSON.stringify(outcome))
    assert.deepEqual([outcome.lost, outcome.outOfOrder, outcome.foreign], [[], 0, []])
  }
  if (EVENTS >= 50) assert.ok(led.jvm > 0 && led.millrace > 0, 'each side has led')
  const refused = Object.keys(counts).filter((key) => /^millrace .* 409$/.test(key))
  assert.deepEqual(refused, [], 'nothing that waits is refused')
})
