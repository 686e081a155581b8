// The embedded broker for tests: as a process of its own that can be killed, or in this process for speed.
import { mkdir } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type TemporaryFolder, temporaryFolder } from '../folder.ts'
import { type BrokerOptions, type BrokerService, brokerAnswers } from './broker-service.ts'
import { freePorts } from './ports.ts'
import { ServiceProcess } from './process.ts'

const HOST = '127.0.0.1'

/** Options of {@link startEmbeddedBroker}. */
export interface EmbeddedOptions extends BrokerOptions {
  /** Run it in this process: it starts in milliseconds, and cannot be killed or paused. */
  readonly inProcess?: boolean
  /** An existing folder for its data instead of a fresh one: on a disk that is full, say. It is not removed. */
  readonly dataFolder?: string
}

/** An embedded broker of the test's own, ready to answer, on a free port and a fresh folder. */
export async function startEmbeddedBroker(options: EmbeddedOptions = {}): Promise<BrokerService> {
  const folder = await temporaryFolder('millrace-broker-')
  try {
    await mkdir(folder.file('data'))
    return await (options.inProcess ? startHere(folder, options) : startProcess(folder, options))
  } catch (error) {
    await folder[Symbol.asyncDispose]()
    throw error
  }
}

async function startProcess(folder: TemporaryFolder, options: EmbeddedOptions): Promise<BrokerService> {
  const [port] = (await freePorts(1)) as [number]
  const entry = fileURLToPath(import.meta.resolve('@millrace/broker'))
  const main = join(dirname(entry), `main${extname(entry)}`)
  const args = ['--data-dir', options.dataFolder ?? folder.file('data'), '--port', String(port), '--host', HOST]
  const advertised = options.advertised?.split(':')
  if (advertised !== undefined) args.push('--advertised-host', advertised[0]!, '--advertised-port', advertised[1]!)
  for (const [key, value] of Object.entries(options.properties ?? {})) args.push('--set', `${key}=${value}`)
  const process_ = new ServiceProcess({
    command: [process.execPath, main, ...args],
    logFile: folder.file('broker.log'),
  })
  const start = async () => {
    process_.start()
    await brokerAnswers('The embedded broker', process_, HOST, port)
  }
  const stop = async () => {
    await process_.end('SIGKILL')
    await folder[Symbol.asyncDispose]()
  }
  await start()
  return {
    name: 'embedded',
    bootstrap: options.advertised ?? `${HOST}:${port}`,
    address: `${HOST}:${port}`,
    folder: folder.path,
    isOwn: true,
    kill: async () => {
      await process_.end('SIGKILL')
    },
    restart: start,
    pause: () => process_.signal('SIGSTOP'),
    resume: () => process_.signal('SIGCONT'),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function startHere(folder: TemporaryFolder, options: EmbeddedOptions): Promise<BrokerService> {
  if (options.advertised !== undefined) throw new Error('A broker in this process cannot stand behind a proxy')
  const { startBroker } = await import('@millrace/broker')
  const start = (port: number) =>
    startBroker({
      dataDir: options.dataFolder ?? folder.file('data'),
      port,
      host: HOST,
      config: options.properties ?? {},
    })
  let broker = await start(0)
  const { port } = broker
  const refuse = () => {
    throw new Error('A broker in this process cannot be killed or paused: start it as a process')
  }
  const stop = async () => {
    await broker.close()
    await folder[Symbol.asyncDispose]()
  }
  return {
    name: 'embedded',
    bootstrap: broker.bootstrap,
    address: broker.bootstrap,
    folder: folder.path,
    isOwn: true,
    kill: async () => refuse(),
    restart: async () => {
      await broker.close()
      broker = await start(port)
    },
    pause: refuse,
    resume: refuse,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
