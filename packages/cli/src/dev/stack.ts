// The embedded stack: a broker, a standalone worker and a schema registry in this process, their data in one folder.
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ConnectException, errorMessage } from '@millrace/api'
import { startBroker } from '@millrace/broker'
import { type LazyRegistry, listenLazily } from '@millrace/broker/registry/lazy'
import { createLogging, type StandaloneWorker, startStandalone } from '@millrace/runtime'
import { BUILTIN_PLUGIN_MODULES } from '../builtin-plugins.ts'

const HOST = '127.0.0.1'

/** Where and on which ports the stack runs. Port 0 takes any free one. */
export interface StackOptions {
  readonly dataDir: string
  readonly brokerPort: number
  readonly restPort: number
  /** Of the schema registry. Left out: none. */
  readonly registryPort?: number
  /** Go on without a registry, and say so, when its port is in use. */
  readonly registryMayLack?: boolean
  /** Connector configuration files to create at the start. */
  readonly connectorFiles?: readonly string[]
  /** More worker configuration, over the defaults here. */
  readonly workerProps?: Readonly<Record<string, string>>
  /** Level of all loggers; default INFO. */
  readonly logLevel?: string
}

/** A running stack. */
export interface DevStack {
  readonly bootstrap: string
  readonly restUrl: string
  readonly registryUrl: string | undefined
  readonly dataDir: string
  readonly worker: StandaloneWorker
  stop(): Promise<void>
}

/** Starts broker, then worker. @throws ConnectException when a port is taken or the folder cannot be used */
export async function startStack(options: StackOptions): Promise<DevStack> {
  const dataDir = resolve(options.dataDir)
  makeFolder(dataDir)
  const broker = await startBroker({ dataDir: join(dataDir, 'broker'), port: options.brokerPort, host: HOST }).catch(
    (cause: unknown) => {
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE')) throw cause
      throw new ConnectException(`The broker cannot listen on ${HOST}:${options.brokerPort}: the port is in use.`, {
        cause,
        action: 'Stop what uses it, or choose another port with --broker-port; 0 takes any free one.',
      })
    },
  )
  try {
    const worker = await startStandalone({
      workerProps: {
        'bootstrap.servers': broker.bootstrap,
        'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
        'key.converter.schemas.enable': 'false',
        'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
        'value.converter.schemas.enable': 'false',
        'offset.storage.file.filename': join(dataDir, 'connect.offsets'),
        'offset.flush.interval.ms': '5000',
        listeners: `http://${HOST}:${options.restPort}`,
        ...options.workerProps,
      },
      connectorFiles: options.connectorFiles ?? [],
      pluginModules: BUILTIN_PLUGIN_MODULES,
      ...(options.logLevel !== undefined && { logging: { levels: { root: options.logLevel } } }),
    })
    const registry = await listenForRegistry(options, broker.bootstrap).catch(async (error) => {
      await worker.stop()
      throw error
    })
    const stop = async () => {
      await registry?.close()
      await worker.stop()
      await broker.close()
    }
    return { bootstrap: broker.bootstrap, restUrl: worker.restUrl, registryUrl: registry?.url, dataDir, worker, stop }
  } catch (error) {
    await broker.close()
    throw error
  }
}

/** The registry only listens here: it is loaded and started by its first request. */
async function listenForRegistry(
  { registryPort, registryMayLack, logLevel }: StackOptions,
  bootstrap: string,
): Promise<LazyRegistry | undefined> {
  if (registryPort === undefined) return undefined
  const levels = logLevel === undefined ? {} : { levels: { root: logLevel } }
  const log = createLogging(levels).logger('io.confluent.kafka.schemaregistry')
  const props = {
    'kafkastore.bootstrap.servers': bootstrap,
    'kafkastore.topic.replication.factor': '1',
    'kafkastore.timeout.ms': '10000',
  }
  try {
    return await listenLazily({ listener: `http://${HOST}:${registryPort}`, props, log })
  } catch (cause) {
    if (registryMayLack === true) {
      const action = 'Choose another port with --registry-port.'
      log.warn(`There is no schema registry: ${errorMessage(cause)} ${action}`)
      return undefined
    }
    throw new ConnectException(`The schema registry cannot listen on ${HOST}:${registryPort}.`, {
      cause,
      action: 'Stop what uses the port, or choose another one with --registry-port; 0 takes any free one.',
    })
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (cause) {
    throw new ConnectException(`The data folder ${path} cannot be made: ${errorMessage(cause)}`, {
      cause,
      action: 'Choose another one with --data.',
    })
  }
}
