// Workers for tests of the client: one of ours in this process, on a broker of its own, and one of the JVM's.
import { startBroker } from '@millrace/broker'
import { startStandalone } from '@millrace/runtime'
import { startConnectJvm, startKafka, type TemporaryFolder, temporaryFolder, whyNoConnectJvm } from '@millrace/testkit'

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

/** The same with a distributed worker of the JVM on Apache Kafka. */
export async function startJvmWorld(): Promise<ClientWorld> {
  const folder = await temporaryFolder('millrace-client-')
  const kafka = await startKafka()
  const worker = await startConnectJvm({ bootstrap: kafka.bootstrap })
  return {
    url: worker.url,
    bootstrap: kafka.bootstrap,
    folder,
    [Symbol.asyncDispose]: async () => {
      await worker.stop()
      await kafka.stop()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** Every kind of worker that the client must get on with; `skip` says why one cannot be had here. */
export async function worlds(): Promise<
  readonly { readonly title: string; readonly skip?: string; start(): Promise<ClientWorld> }[]
> {
  const missing = process.env.MILLRACE_REQUIRE_SERVICES === '1' ? undefined : await whyNoConnectJvm()
  return [
    { title: 'a Millrace worker', start: () => startWorld() },
    {
      title: "a distributed worker of the JVM's Connect",
      ...(missing !== undefined && { skip: missing }),
      start: startJvmWorld,
    },
  ]
}
