// What all brokers of the test matrix have in common.
import { connect } from 'node:net'
import { until } from '../until.ts'
import type { ServiceProcess } from './process.ts'

/** A broker that a test uses. Faults can be made only on one of the test's own. */
export interface BrokerService extends AsyncDisposable {
  readonly name: 'kafka' | 'embedded'
  /** Value for `bootstrap.servers`. */
  readonly bootstrap: string
  /** Where the broker itself listens, `host:port`: differs from {@link bootstrap} behind a proxy. */
  readonly address: string
  /** The folder with its data, log and configuration; null for a broker that was found running. */
  readonly folder: string | null
  /** False for a broker that others use too: then the following throw. */
  readonly isOwn: boolean
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
  /** Starts it again on the same port and data; resolves when it answers. */
  restart(): Promise<void>
  /** SIGSTOP: connections stay, nothing answers. */
  pause(): void
  /** SIGCONT. */
  resume(): void
  /** Ends it and removes its data; does nothing to a broker that was found running. */
  stop(): Promise<void>
}

/** Options of the launchers. */
export interface BrokerOptions {
  /** Broker configuration above the defaults for tests. */
  readonly properties?: Readonly<Record<string, string>>
  /** What clients are told to connect to, `host:port`, when it is not the broker itself (a proxy between them). */
  readonly advertised?: string
}

const READY_MS = 180_000

/**
 * Resolves when the broker of `process` tells of itself in an answer to a metadata request.
 * @throws Error with the end of its output when the process ends, or nothing came in a minute
 */
export async function brokerAnswers(what: string, process: ServiceProcess, host: string, port: number): Promise<void> {
  try {
    await until(
      `${what} answers on ${host}:${port}`,
      async () => {
        if (!process.isRunning) return 'ended'
        return (await brokersKnownBy(host, port)) > 0
      },
      { timeoutMs: READY_MS, everyMs: 25 },
    )
  } catch (cause) {
    throw new Error(`${what} did not start. The end of its output:\n${process.lastOutput()}`, { cause })
  }
  if (!process.isRunning) throw new Error(`${what} ended at start. The end of its output:\n${process.lastOutput()}`)
}

/** Asks with a metadata request of version 1, for no topics, in bytes: a launcher should not depend on the client it serves to test. */
function brokersKnownBy(host: string, port: number): Promise<number> {
  const request = Buffer.alloc(4 + 10 + 4)
  request.writeInt32BE(request.length - 4, 0)
  request.writeInt16BE(3, 4) // api key: Metadata
  request.writeInt16BE(1, 6) // version
  request.writeInt32BE(7, 8) // correlation id
  request.writeInt16BE(-1, 12) // no client id
  request.writeInt32BE(0, 14) // no topics
  return new Promise((resolve, reject) => {
    const socket = connect(port, host)
    socket.setTimeout(2_000, () => socket.destroy(new Error('no answer in 2 s')))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed without an answer')))
    let answer = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      answer = Buffer.concat([answer, bytes])
      // Size, correlation id, then the number of brokers.
      if (answer.length < 12) return
      resolve(answer.readInt32BE(8))
      socket.destroy()
    })
    socket.write(request)
  })
}
