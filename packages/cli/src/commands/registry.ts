// millrace registry: a schema registry over any Kafka, until it is told to stop.
import { startRegistry } from '@millrace/broker/registry'
import { createHttpsListener, createLogging, loadWorkerFile } from '@millrace/runtime'
import { untilStopped } from '../signals.ts'

/** Runs a registry with a file of the reference's keys. Resolves when it has stopped. */
export async function registry(file: string): Promise<void> {
  const props = await loadWorkerFile(file)
  const log = createLogging().logger('io.confluent.kafka.schemaregistry')
  const running = await startRegistry({
    props,
    log,
    https: (handle) => createHttpsListener(props, '', handle),
  })
  log.info(`The schema registry is ready at ${running.url}`)
  await untilStopped()
  await running.close()
}
