// What all database servers of tests have in common: a process on a port and a folder, which can be killed and started again.
import { connect } from 'node:net'
import { until } from '../../until.ts'
import type { ServiceProcess } from '../process.ts'

const READY_MS = 60_000

/** A database server that a test has for itself. */
export interface DatabaseServer extends AsyncDisposable {
  /** As users name it: `PostgreSQL 18`, `MariaDB 10.11`. */
  readonly title: string
  readonly host: string
  readonly port: number
  /** A user that may do everything. */
  readonly user: string
  readonly password: string
  /** A database that is there. */
  readonly database: string
  /** All of it: `postgres://user:password@host:port/database`, `mysql://...`. */
  readonly url: string
  /** Its data, log and configuration. */
  readonly folder: string
  readonly isRunning: boolean
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
  /** Ends it in good order without waiting for its clients: their connections break. Can be started again. */
  end(): Promise<void>
  /** Starts it again on the same port and data; resolves when it answers. */
  restart(): Promise<void>
  /** SIGSTOP: connections stay, nothing answers. */
  pause(): void
  /** SIGCONT. */
  resume(): void
  /** The log so far. */
  log(): string
  /** Ends it at once and removes its data. */
  stop(): Promise<void>
}

/** What a launcher knows of the server it made ready to start. */
export interface ServerParts {
  readonly title: string
  readonly scheme: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  readonly folder: string
  readonly process: ServiceProcess
  /** The signal that ends it in good order. */
  readonly endSignal: NodeJS.Signals
  /** Asks the server for something only a working one answers; throws until then. */
  readonly asks: () => Promise<unknown>
  readonly removeFolder: () => Promise<void>
}

const HOST = '127.0.0.1'

/**
 * Starts what `parts` describe.
 * @throws Error with the end of its output when it ends or does not answer in a minute
 */
export async function startServer(parts: ServerParts): Promise<DatabaseServer> {
  const { process, port, user, password, database } = parts
  const restart = async () => {
    process.start()
    await serverAnswers(parts)
  }
  const stop = async () => {
    await process.end('SIGKILL')
    await parts.removeFolder()
  }
  try {
    await restart()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    title: parts.title,
    host: HOST,
    port,
    user,
    password,
    database,
    url: `${parts.scheme}://${user}:${password}@${HOST}:${port}/${database}`,
    folder: parts.folder,
    get isRunning() {
      return process.isRunning
    },
    kill: async () => {
      await process.end('SIGKILL')
    },
    end: async () => {
      await process.end(parts.endSignal, 30_000)
    },
    restart,
    pause: () => process.signal('SIGSTOP'),
    resume: () => process.signal('SIGCONT'),
    log: () => process.lastOutput(Number.MAX_SAFE_INTEGER),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function serverAnswers({ title, port, process, asks }: ServerParts): Promise<void> {
  const said = () => `The end of its output:\n${process.lastOutput()}`
  try {
    await until(
      `${title} answers on ${HOST}:${port}`,
      async () => {
        if (!process.isRunning) return 'ended'
        await listens(port)
        await asks()
        return 'ready'
      },
      { timeoutMs: READY_MS, everyMs: 25 },
    )
  } catch (cause) {
    throw new Error(`${title} did not start. ${said()}`, { cause })
  }
  if (!process.isRunning) throw new Error(`${title} ended at start. ${said()}`)
}

/** Cheaper to ask than a client of the database, while there is nobody to answer. */
function listens(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: HOST }, () => {
      socket.destroy()
      resolve()
    })
    socket.once('error', reject)
  })
}
