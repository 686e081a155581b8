// The id of the cluster from any broker's metadata: one client, one request, closed again.
import type { ConnectorProps, Logger } from '@millrace/api'
import { Admin } from '@millrace/kafka'

/** @throws KafkaException when no broker answers in time */
export async function fetchClusterId(props: ConnectorProps, log: Logger, signal: AbortSignal): Promise<string> {
  const admin = Admin.create(props, { log })
  try {
    return (await admin.describeCluster({ signal })).clusterId
  } finally {
    await admin.close()
  }
}
