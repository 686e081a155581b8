// A worker on a broker of its own, in this process, for tests of the client.
import { startBroker } from '@millrace/broker'
import { startStandalone } from '@millrace/runtime'
import { type TemporaryFolder, temporaryFolder } from '@millrace/testkit'

/** A running worker, its broker, and a folder. */
export interface ClientWorld extends AsyncDisposable {
  readonly url: string
  readonly bootstrap: string
  readonly folder: TemporaryFolder
}

/** Starts them. `props` are put over the worker's. */
export async function startWorld(props: Readonly<Record<string, string>> = {}): Promise<ClientWorld> {
  const folder = await temporaryFolder('millrace-client-')
  const broker = await startBroker({ dataDir: folder.file('broker'), port: 0, host: '127.0.0.1' })
  const worker = await startStandalone({
    workerProps: {
      'bootstrap.servers': broker.bootstrap,
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'offset.storage.file.filename': folder.file('offsets'),
      'offset.flush.interval.ms': '200',
      listeners: 'http://127.0.0.1:0',
      ...props,
    },
    pluginModules: ['@millrace/converters', '@millrace/connector-file', '@millrace/connector-generator'],
    logging: { format: 'json', levels: { root: 'OFF' } },
  })
  return {
    url: worker.restUrl,
    bootstrap: broker.bootstrap,
    folder,
    [Symbol.asyncDispose]: async () => {
      await worker.stop()
      await broker.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}
