// One Apache Kafka for a whole test run, where its jars (or a running one) are at hand.
import { findKafkaLib, startKafka } from '@millrace/testkit'

/** What the test files get in their environment, and how to end it. */
export interface SharedKafka {
  readonly env: Readonly<Record<string, string>>
  stop(): Promise<void>
}

const NONE: SharedKafka = { env: {}, stop: async () => {} }

/** Starts the broker, or finds that there is none to start: then suites that need it are skipped. */
export async function sharedKafka(): Promise<SharedKafka> {
  if (process.env.KAFKA_BOOTSTRAP !== undefined) return NONE
  if ((await findKafkaLib().catch(() => undefined)) === undefined) return NONE
  const kafka = await startKafka()
  return { env: { KAFKA_BOOTSTRAP: kafka.bootstrap }, stop: () => kafka.stop() }
}
