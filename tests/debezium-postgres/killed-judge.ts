// What a topic of counters says: every version of every row has to be there, in order.
import { Consumer } from '@millrace/kafka'

/** What a record says of its row. */
export interface Seen {
  readonly id: number
  readonly version: number
  readonly isSnapshot: boolean
}

/** Everything in the topic of the table. */
export async function read(bootstrap: string, topic = 'ref.public.counters'): Promise<Seen[]> {
  const consumer = Consumer.create({ 'bootstrap.servers': bootstrap, 'auto.offset.reset': 'earliest' })
  try {
    const partition = { topic, partition: 0 }
    consumer.assign([partition])
    consumer.seekToBeginning([partition])
    const end = (await consumer.endOffsets([partition]))[0]?.offset ?? 0
    const seen: Seen[] = []
    while ((consumer.position(partition) ?? 0) < end) {
      for (const { reader, count } of (await consumer.poll(100)).chunks) {
        for (let left = count; left > 0; left--) {
          reader.next()
          const { after, op } = JSON.parse(reader.value.text())
          seen.push({ id: after.id, version: after.version, isSnapshot: op === 'r' })
        }
      }
    }
    return seen
  } finally {
    await consumer.close()
  }
}

/**
 * A version may come again, and a snapshot may begin at any; but none may be left out after that, and the last must be there.
 * @param prefilled rows 1 to this were there before the connector
 * @returns what is missing or out of order, in words
 */
export function judge(records: readonly Seen[], versions: ReadonlyMap<number, number>, prefilled: number): string[] {
  const faults: string[] = []
  const highest = new Map<number, number>()
  for (const { id, version, isSnapshot } of records) {
    const before = highest.get(id)
    if (!isSnapshot && version > (before ?? 0) + 1 && before !== undefined)
      faults.push(`row ${id}: ${version} came after ${before}`)
    if (before === undefined && !isSnapshot && id !== 0) faults.push(`row ${id} was not in the snapshot`)
    highest.set(id, Math.max(before ?? 0, version))
  }
  for (const [id, version] of versions)
    if (highest.get(id) !== version) faults.push(`row ${id}: ${highest.get(id)} instead of ${version}`)
  for (let id = 1; id <= prefilled; id++) if (!highest.has(id)) faults.push(`row ${id} never came`)
  return faults
}
