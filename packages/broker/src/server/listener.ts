// The port: accepts connections and keeps track of them.
import { createServer, type Server } from 'node:net'
import type { BrokerConfig } from '../config/broker-config.ts'
import type { Logger } from '../logger.ts'
import { type AnswerRequest, ClientConnection } from './client-connection.ts'

/** What the listener needs from outside. */
export interface ListenerOptions {
  readonly config: BrokerConfig
  readonly log: Logger
  readonly answer: AnswerRequest
}

/** A listening port. */
export class Listener {
  readonly #options: ListenerOptions
  readonly #connections = new Set<ClientConnection>()
  readonly #server: Server
  #nextId = 1

  constructor(options: ListenerOptions) {
    this.#options = options
    this.#server = createServer((socket) => {
      const connection = new ClientConnection({
        socket,
        id: this.#nextId++,
        answer: options.answer,
        maxRequestBytes: options.config.number('socket.request.max.bytes'),
        log: options.log,
        onClose: (gone) => this.#connections.delete(gone),
      })
      this.#connections.add(connection)
    })
  }

  get connections(): number {
    return this.#connections.size
  }

  /** Starts to listen; port 0 takes a free one. Returns the port. Rejects with the system's error, as EADDRINUSE. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ port, host }, () => {
        this.#server.off('error', reject)
        this.#server.on('error', (error) => this.#options.log.error(`listener: ${error.message}`))
        const address = this.#server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : port)
      })
    })
  }

  /** Ends connections nobody used for `connections.max.idle.ms`. */
  closeIdle(now: number): void {
    const limit = this.#options.config.number('connections.max.idle.ms')
    if (limit < 0) return
    for (const connection of this.#connections) if (now - connection.lastActive > limit) connection.destroy()
  }

  /** Stops listening and ends all connections. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      for (const connection of [...this.#connections]) connection.destroy()
    })
  }
}
