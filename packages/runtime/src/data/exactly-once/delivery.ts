// Puts the exactly-once delivery of a task together from its configuration.
import { SOURCE_ONLY_CONFIG } from '../../config/source-config.ts'
import type { ExactlyOnceStart, StartTask } from '../../plane/messages.ts'
import type { Tolerance } from '../errors/tolerance.ts'
import type { DeliveryParts, SourceDelivery } from '../source-delivery.ts'
import type { TaskSurroundings } from '../task-factory.ts'
import { type BoundaryKind, transactionBoundary } from './boundary.ts'
import { ExactlyOnce } from './exactly-once.ts'
import { OffsetRecords } from './offset-records.ts'

const FLUSH_INTERVAL_MS = 60_000
const ABORT_TIMEOUT_MS = 5_000

/** How a task delivers that is started with `exactlyOnce`. @throws ConfigException */
export function exactlyOnceDelivery(
  { id, connectorProps }: StartTask,
  { generation }: ExactlyOnceStart,
  { workerProps, control, log }: TaskSurroundings,
  tolerance: Tolerance,
): (parts: DeliveryParts) => SourceDelivery {
  const config = SOURCE_ONLY_CONFIG.parse(connectorProps)
  const kind = config['transaction.boundary'].toLowerCase() as BoundaryKind
  const intervalMs =
    config['transaction.boundary.interval.ms'] ?? Number(workerProps['offset.flush.interval.ms'] ?? FLUSH_INTERVAL_MS)
  const { connector } = id
  const shared = workerProps['offset.storage.topic'] ?? ''
  const own = config['offsets.storage.topic'] ?? shared
  return (parts) =>
    new ExactlyOnce({
      ...parts,
      id,
      tolerance,
      boundary: transactionBoundary(kind, intervalMs),
      offsetRecords: new OffsetRecords({
        topic: own,
        keysOf: (partitions) => control('offsetKeys', { connector, partitions }),
        copy: own === shared ? null : (offsets) => control('copyOffsets', { connector, offsets }),
        copyFailed: (error) =>
          log.warn(`Offsets are in the connector's own topic '${own}' but not in the worker's`, { error }),
      }),
      fenceZombies: () => control('fenceZombies', { id }),
      verify: () => control('verifyTask', { id, generation }),
      abortTimeoutMs: ABORT_TIMEOUT_MS,
    })
}
