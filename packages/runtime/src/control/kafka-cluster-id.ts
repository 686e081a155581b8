// The id of the cluster from any broker's metadata: one client, one request, closed again. Kept light: this is all of Kafka
// that an idle worker's main thread ever loads.
import type { ConnectorProps, Logger } from '@millrace/api'
import { openCluster } from '@millrace/kafka/cluster'

/** @throws KafkaException when no broker answers in time, or the signal's reason */
export async function fetchClusterId(props: ConnectorProps, log: Logger, signal: AbortSignal): Promise<string> {
  const cluster = openCluster(props, { log })
  const closed = () => void cluster.close()
  signal.addEventListener('abort', closed, { once: true })
  try {
    signal.throwIfAborted()
    await cluster.refresh()
    return cluster.clusterId ?? ''
  } finally {
    signal.removeEventListener('abort', closed)
    await cluster.close()
  }
}
