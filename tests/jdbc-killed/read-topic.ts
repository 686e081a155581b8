// All records of a topic of one partition, with their headers: a dead letter queue.
import { Consumer } from '@millrace/kafka'

/** A record as text. */
export interface Letter {
  readonly key: string | null
  readonly headers: Readonly<Record<string, string>>
}

/** Everything that is in the topic; nothing when there is no such topic. */
export async function readTopic(bootstrap: string, topic: string): Promise<Letter[]> {
  const consumer = Consumer.create({ 'bootstrap.servers': bootstrap, 'auto.offset.reset': 'earliest' })
  try {
    const partition = { topic, partition: 0 }
    consumer.assign([partition])
    consumer.seekToBeginning([partition])
    const end = (await consumer.endOffsets([partition]))[0]?.offset ?? 0
    const letters: Letter[] = []
    while ((consumer.position(partition) ?? 0) < end) {
      for (const { reader, count } of (await consumer.poll(100)).chunks) {
        for (let left = count; left > 0; left--) {
          reader.next()
          const headers = Object.fromEntries(reader.headers().map((one) => [one.key, String(one.value)]))
          letters.push({ key: reader.keyEnd < 0 ? null : reader.key.text(), headers })
        }
      }
    }
    return letters
  } finally {
    await consumer.close()
  }
}
