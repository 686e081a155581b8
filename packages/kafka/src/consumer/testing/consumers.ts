// Consumers of tests: made with defaults that suit, closed in any case, and read until a fact holds.
import type { TopicPartition } from '@millrace/api'
import { silentLogger } from '@millrace/api'
import type { ClusterClient } from '../../cluster/index.ts'
import { createCluster } from '../../cluster/index.ts'
import { PLAINTEXT } from '../../security/security.ts'
import { Consumer } from '../consumer.ts'

/** A record as a test looks at it. */
export interface Seen extends TopicPartition {
  readonly offset: number
  readonly value: string | null
}

let counter = 0

/** A name that no other test uses. */
export function fresh(what: string): string {
  return `${what}-${process.pid}-${Date.now()}-${counter++}`
}

export function testConsumer(bootstrap: string, props: Readonly<Record<string, string>> = {}): Consumer {
  return Consumer.create({
    'bootstrap.servers': bootstrap,
    'auto.offset.reset': 'earliest',
    'enable.auto.commit': 'false',
    // A member hears of a rebalance in the answer to a heartbeat: tests need not wait three seconds for it.
    ...(props['group.protocol'] === 'consumer' ? {} : { 'heartbeat.interval.ms': '200' }),
    ...props,
  })
}

export function testCluster(bootstrap: string): ClusterClient {
  const [host, port] = bootstrap.split(',')[0]!.split(':')
  return createCluster({
    bootstrap: [{ host: host!, port: Number(port) }],
    clientId: fresh('cluster'),
    requestTimeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    metadataMaxAgeMs: 300_000,
    retryBackoff: { initialMs: 50, maxMs: 500 },
    reconnectBackoff: { initialMs: 50, maxMs: 500 },
    security: PLAINTEXT,
    log: silentLogger,
  })
}

/** One poll, as plain records. */
export async function pollOnce(consumer: Consumer, timeoutMs = 200): Promise<Seen[]> {
  const seen: Seen[] = []
  const { chunks, count } = await consumer.poll(timeoutMs)
  for (const { reader, topic, partition, count: some } of chunks) {
    for (let index = 0; index < some; index++) {
      if (!reader.next()) throw new Error(`${topic}-${partition} has ${index} records where poll said ${some}`)
      seen.push({ topic, partition, offset: reader.offset, value: reader.valueEnd < 0 ? null : reader.value.text() })
    }
  }
  if (seen.length !== count) throw new Error(`poll said ${count} records, there are ${seen.length}`)
  return seen
}

/** Polls until `done` holds of all records so far. @throws Error after `timeoutMs` */
export async function pollUntil(
  consumer: Consumer,
  done: (seen: readonly Seen[]) => boolean,
  timeoutMs = 30_000,
): Promise<Seen[]> {
  const seen: Seen[] = []
  const deadline = performance.now() + timeoutMs
  while (!done(seen)) {
    if (performance.now() > deadline) throw new Error(`Polled ${timeoutMs} ms in vain; ${seen.length} records came`)
    seen.push(...(await pollOnce(consumer)))
  }
  return seen
}
