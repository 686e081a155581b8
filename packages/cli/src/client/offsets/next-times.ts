// How old the records are that a sink reads next: how far it is behind in time, which no count of offsets tells.
import { errorMessage } from '@millrace/api'
import { ExitCode } from '../../exit-codes.ts'
import { ClientError } from '../client-error.ts'
import { type BrokerOptions, brokerProps, type Partition } from './brokers.ts'

/** A place that has something to read. */
export interface ReadingPlace extends Partition {
  readonly offset: bigint
}

/** Nobody waits longer for a look: what has not come by then is not known. */
const PATIENCE_MS = 5_000
const POLL_MS = 200

/** Timestamp of the next record at each place, by `topic-partition`; those that cannot be had are left out. @throws ClientError */
export async function nextTimes(
  brokers: BrokerOptions,
  places: readonly ReadingPlace[],
): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>()
  if (places.length === 0) return times
  const { Consumer } = await import('@millrace/kafka')
  const consumer = Consumer.create({
    ...(await brokerProps(brokers)),
    'enable.auto.commit': 'false',
    // An offset that is no longer there is no reason to fail: what is read next is the first that is.
    'auto.offset.reset': 'earliest',
    // One batch of each partition is enough.
    'max.partition.fetch.bytes': '1',
  })
  try {
    consumer.assign(places.map(({ topic, partition }) => ({ topic, partition })))
    for (const place of places) consumer.seek(place, Number(place.offset))
    const giveUp = performance.now() + PATIENCE_MS
    while (times.size < places.length && performance.now() < giveUp) {
      for (const { reader, topic, partition } of (await consumer.poll(POLL_MS)).chunks) {
        const key = `${topic}-${partition}`
        if (times.has(key) || !reader.next()) continue
        times.set(key, reader.timestamp)
        consumer.pause([{ topic, partition }])
      }
    }
    return times
  } catch (cause) {
    throw new ClientError(
      ExitCode.UNREACHABLE,
      `The records at the offsets cannot be read from ${brokers.bootstrapServers}: ${errorMessage(cause)}`,
      { cause },
    )
  } finally {
    await consumer.close({ timeoutMs: 1_000 })
  }
}
