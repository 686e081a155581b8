// The embedded stack: a broker and a standalone worker in this process, their data in one folder.
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ConnectException, errorMessage } from '@millrace/api'
import { startBroker } from '@millrace/broker'
import { type StandaloneWorker, startStandalone } from '@millrace/runtime'
import { BUILTIN_PLUGIN_MODULES } from '../builtin-plugins.ts'

const HOST = '127.0.0.1'

/** Where and on which ports the stack runs. Port 0 takes any free one. */
export interface StackOptions {
  readonly dataDir: string
  readonly brokerPort: number
  readonly restPort: number
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
    const stop = async () => {
      await worker.stop()
      await broker.close()
    }
    return { bootstrap: broker.bootstrap, restUrl: worker.restUrl, dataDir, worker, stop }
  } catch (error) {
    await broker.close()
    throw error
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
