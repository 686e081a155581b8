// The one connection of a task: made when it is needed, with the attempts and pauses configured, and made anew when lost.
import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectException, type Logger, RetriableException } from '@millrace/api'
import { type ConnectOptions, type Dialect, displayUrl, type SqlConnection, SqlError } from '@millrace/kit-sql'

/** How to connect. */
export interface SessionOptions {
  readonly dialect: Dialect
  readonly connect: ConnectOptions
  /** The URL as configured: shown in messages without its secrets. */
  readonly urlText: string
  readonly attempts: number
  readonly backoffMs: number
  readonly log: Logger
  /** Called for each new connection. */
  onConnect?(connection: SqlConnection): Promise<void>
}

export class Session {
  readonly dialect: Dialect
  readonly #options: SessionOptions
  #connection: SqlConnection | null = null

  constructor(options: SessionOptions) {
    this.#options = options
    this.dialect = options.dialect
  }

  /**
   * The open connection, or a new one.
   * @throws RetriableException when the database cannot be reached in the attempts configured
   * @throws ConnectException when it was reached and refused: a wrong password, a database that is not there
   */
  async connection(signal?: AbortSignal): Promise<SqlConnection> {
    if (this.#connection?.open) return this.#connection
    await this.reset()
    const { attempts, backoffMs, log, urlText } = this.#options
    for (let attempt = 1; ; attempt++) {
      try {
        const connection = await this.dialect.connect(this.#options.connect)
        this.#connection = connection
        await this.#options.onConnect?.(connection)
        return connection
      } catch (error) {
        await this.reset()
        if (!(error instanceof SqlError)) throw error
        const passing = error.kind === 'connection' || error.kind === 'transient'
        const message = `${error.message} (connection.url ${displayUrl(urlText)}, attempt ${attempt} of ${attempts})`
        if (!passing) throw new ConnectException(message, { cause: error, configKey: 'connection.url' })
        if (attempt >= attempts || signal?.aborted)
          throw new RetriableException(message, { cause: error, configKey: 'connection.url' })
        log.warn(`${message}; the next attempt is in ${backoffMs} ms`)
        await sleep(backoffMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
      }
    }
  }

  /** Gives the connection up: the next question makes a new one. */
  async reset(): Promise<void> {
    const connection = this.#connection
    this.#connection = null
    await connection?.close()
  }
}
