// The worker's own ways to Kafka, imported when first used: a worker that runs nothing has no client.
import type { ConnectorProps } from '@millrace/api'
import { workerClientProps } from '../config/client-configs.ts'
import type { Logging } from '../logging/logging.ts'
import { createThreadPool } from '../plane/thread-pool.ts'
import type { StandaloneEnds } from '../standalone.ts'

/** Thread pool, group offsets and cluster id as a real worker has them. */
export function kafkaEnds(props: ConnectorProps, logging: Logging): StandaloneEnds {
  const log = logging.logger('org.apache.kafka.clients.admin.KafkaAdminClient')
  return {
    createDataPlane: createThreadPool,
    createSinkOffsetAdmin: async (adminProps) => {
      const { createSinkOffsetAdmin } = await import('./kafka-sink-offsets.ts')
      return createSinkOffsetAdmin(adminProps, log)
    },
    fetchClusterId: async (signal) => {
      const { fetchClusterId } = await import('./kafka-cluster-id.ts')
      return fetchClusterId(workerClientProps(props), log, signal)
    },
  }
}
