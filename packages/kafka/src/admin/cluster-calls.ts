// Admin calls about the cluster itself, and the fencing of producers.
import type { ClusterClient } from '../cluster/index.ts'
import { DescribeCluster, ErrorCode, InitProducerId } from '../protocol/index.ts'
import { adminError, coordinatorFor } from './admin-error.ts'
import type { Outcome, Try } from './retry.ts'

/** A broker. */
export interface NodeDescription {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

/** A described cluster. */
export interface ClusterDescription {
  readonly clusterId: string
  /** Node id; in KRaft a broker that passes requests on to the controller. -1 when there is none. */
  readonly controllerId: number
  readonly nodes: readonly NodeDescription[]
}

/** How the fencing of a transactional id ended; id and epoch are what its next producer starts above. */
export interface FencedProducer extends Outcome {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
}

/** @throws KafkaException */
export async function describeCluster(cluster: ClusterClient, { timeoutMs }: Try): Promise<ClusterDescription> {
  const request = { includeClusterAuthorizedOperations: false }
  const answer = await cluster.send(-1, DescribeCluster, request, { timeoutMs })
  const action = { what: 'Describing the cluster', operation: 'DESCRIBE', resource: 'cluster', name: '' } as const
  const error = adminError(answer.errorCode, action, answer.errorMessage)
  if (error !== null) throw error
  return {
    clusterId: answer.clusterId,
    controllerId: answer.controllerId,
    nodes: answer.brokers.map((one) => ({ id: one.brokerId, host: one.host, port: one.port, rack: one.rack })),
  }
}

/** One round of fencing (KIP-618): as a new producer of each id would, this ends the transactions of the old one. */
export async function fenceProducers(
  cluster: ClusterClient,
  transactionalIds: readonly string[],
  { timeoutMs }: Try,
): Promise<ReadonlyMap<string, FencedProducer>> {
  const outcomes = await Promise.all(
    transactionalIds.map(async (transactionalId): Promise<FencedProducer> => {
      const action = {
        what: `Fencing producers of transactional id ${transactionalId}`,
        operation: 'WRITE',
        resource: 'transactional id',
        name: transactionalId,
      } as const
      const coordinator = await coordinatorFor(cluster, 'transaction', transactionalId, action)
      if (typeof coordinator !== 'number') {
        return { transactionalId, producerId: -1, producerEpoch: -1, error: coordinator }
      }
      const request = { transactionalId, transactionTimeoutMs: Math.ceil(timeoutMs) }
      const answer = await cluster.send(coordinator, InitProducerId, request, { timeoutMs }).catch((error: unknown) => {
        cluster.forgetCoordinator('transaction', transactionalId)
        throw error
      })
      const { errorCode, producerId, producerEpoch } = answer
      if (errorCode === ErrorCode.NOT_COORDINATOR || errorCode === ErrorCode.COORDINATOR_NOT_AVAILABLE) {
        cluster.forgetCoordinator('transaction', transactionalId)
      }
      return { transactionalId, producerId, producerEpoch, error: adminError(errorCode, action) }
    }),
  )
  return new Map(outcomes.map((one) => [one.transactionalId, one]))
}
