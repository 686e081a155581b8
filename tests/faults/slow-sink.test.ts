// A sink ten times slower than its source: what waits, waits in Kafka, and the worker's memory stays flat.
// MILLRACE_FAULT_MINUTES sets how long it is watched: by default a quarter of a minute.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { onEveryBroker, temporaryFolder } from '@millrace/testkit'
import { Flow } from './flow.ts'

const WATCHED_MS = Number(process.env.MILLRACE_FAULT_MINUTES ?? 1 / 4) * 60_000
/** Until buffers have their size and code is compiled. */
const WARM_UP_MS = Math.max(8_000, WATCHED_MS / 10)
const SAMPLES = 20
const MOST_WINDOWS = 3

/** Records a second of both source tasks together, and of both sink tasks: a batch of 200 takes a second. */
const SOURCE_RATE = 4_000
const SINK = { 'put.delay.ms': 1_000, 'consumer.override.max.poll.records': 200 }
/** Records of nearly a KiB, so that what waits would be seen in memory: without a bound it would grow by 3 MB a second. */
const LARGE = { 'value.converter': 'org.apache.kafka.connect.json.JsonConverter' }
/** The most that memory may grow by while it is watched, however long that is: the collector's moods are smaller. */
const MOST_GROWTH = 16 * 2 ** 20

onEveryBroker('a slow sink', {}, (broker) => {
  it('keeps the memory of the worker flat', async (test) => {
    await using folder = await temporaryFolder('millrace-slow-')
    await using flow = await Flow.start(folder, broker().bootstrap, {
      source: { ...LARGE, throughput: SOURCE_RATE / 2, 'complete.record.data': 'true' },
      sink: { ...LARGE, ...SINK },
    })
    await flow.flows()
    // The one place where time is the fact: memory over time is what is asked.
    await sleep(WARM_UP_MS)
    // On a busy machine warming up takes longer than thought: what waits in memory would grow in every window, not in the first.
    let memory = await watch(flow.pid!)
    for (let again = 1; again < MOST_WINDOWS && slopeOf(memory) * SAMPLES >= MOST_GROWTH; again++) {
      memory = await watch(flow.pid!)
    }
    const { acknowledged, received, problems } = withoutTheMissing(await flow.verdict())
    const growth = slopeOf(memory) * SAMPLES
    const mib = memory.map((bytes) => Math.round(bytes / 2 ** 20))
    test.diagnostic(JSON.stringify({ acknowledged, received, mib, growth: Math.round(growth) }))
    assert.deepEqual(problems, [])
    assert.ok(received * 4 < acknowledged, `${received} of ${acknowledged} received: the sink is far behind`)
    assert.ok(growth < MOST_GROWTH, `memory grew by ${Math.round(growth)} bytes: ${mib} MiB`)
  })
})

async function watch(pid: number): Promise<number[]> {
  const memory: number[] = []
  for (let sample = 0; sample < SAMPLES; sample++) {
    memory.push(residentBytes(pid))
    await sleep(WATCHED_MS / SAMPLES)
  }
  return memory
}

/** Most has not come yet, and is not lost. */
function withoutTheMissing<T extends { readonly problems: readonly string[] }>(verdict: T): T {
  return { ...verdict, problems: verdict.problems.filter((problem) => !/ lost, /.test(problem)) }
}

function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib) * 1024
}

/** Least squares: how much a sample grows from one to the next. */
function slopeOf(samples: readonly number[]): number {
  const middle = (samples.length - 1) / 2
  const mean = samples.reduce((sum, one) => sum + one, 0) / samples.length
  const over = samples.reduce((sum, one, at) => sum + (at - middle) * (one - mean), 0)
  return over / samples.reduce((sum, _, at) => sum + (at - middle) ** 2, 0)
}
