// What a partition's leader knows of this producer: the last sequence number it has of it (KIP-664).
import { errorMessage } from '@millrace/api'
import { backoffMs, wait } from '../backoff.ts'
import { brokerError, isRetriable } from '../errors.ts'
import { DescribeProducers } from '../protocol/messages/describe-producers.ts'
import type { NumberingContext } from './numbering.ts'
import type { PartitionQueue } from './partition-queue.ts'

/** The question is worth some patience; without an answer the records may be written twice. */
const ATTEMPTS = 20

/** The last sequence number under the partition's present id and epoch; -1 when the leader has none, or cannot be asked. */
export async function lastSequence(context: NumberingContext, queue: PartitionQueue): Promise<number> {
  const { cluster, options, log } = context
  for (let attempt = 0; ; attempt++) {
    try {
      const leader = cluster.leader(queue.topic, queue.partition)
      const topics = [{ name: queue.topic, partitionIndexes: [queue.partition] }]
      const answer = await cluster.send(leader, DescribeProducers, { topics })
      const partition = answer.topics[0]?.partitions[0]
      const code = partition?.errorCode ?? 0
      if (code !== 0) throw brokerError(code, `Asking for the producers of ${queue.name}`, partition?.errorMessage)
      const own = partition?.activeProducers.find(
        (one) => one.producerId === queue.producerId && one.producerEpoch === queue.producerEpoch,
      )
      return own?.lastSequence ?? -1
    } catch (error) {
      if (!isRetriable(error) || attempt === ATTEMPTS) {
        log.warn(
          `Records for ${queue.name} may be written twice: whether the broker has them could not be learnt (${errorMessage(error)})`,
        )
        return -1
      }
      cluster.requestRefresh()
      await wait(backoffMs(options.backoff, attempt))
    }
  }
}
