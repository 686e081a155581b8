// What readers of committed records see of a topic's partition 0.
import { Consumer } from '@millrace/kafka'
import { until } from '@millrace/testkit'

/** Workers and tasks that start on a loaded machine take their time. */
const PATIENT = { timeoutMs: 90_000 }

/** Waits until at least `count` records are committed, and gives the values of all that are by then, in order. */
export async function committedValues(bootstrap: string, topic: string, count: number): Promise<string[]> {
  const consumer = Consumer.create({
    'bootstrap.servers': bootstrap,
    'auto.offset.reset': 'earliest',
    'isolation.level': 'read_committed',
  })
  const values: string[] = []
  try {
    await until(
      `${topic} exists`,
      async () => {
        const ends = await consumer.endOffsets([{ topic, partition: 0 }]).catch(() => [])
        return ends.length > 0
      },
      PATIENT,
    )
    consumer.assign([{ topic, partition: 0 }])
    await until(
      `${topic} has ${count} committed records`,
      async () => {
        const { chunks } = await consumer.poll(100)
        for (const { reader, count: most } of chunks) {
          for (let left = most; left > 0 && reader.next(); left--) values.push(reader.value.text())
        }
        return values.length >= count
      },
      PATIENT,
    )
    return values
  } finally {
    await consumer.close()
  }
}
