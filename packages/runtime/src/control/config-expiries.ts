// Restarts of connectors whose configuration holds a value that runs out: a secret on lease, a file that is read again.
import type { Logger } from '@millrace/api'

/** The planned restarts of one worker, at most one for each connector. */
export class ConfigExpiries {
  readonly #restart: (connector: string) => Promise<unknown>
  readonly #log: Logger
  readonly #timers = new Map<string, NodeJS.Timeout>()

  constructor(restart: (connector: string) => Promise<unknown>, log: Logger) {
    this.#restart = restart
    this.#log = log
  }

  /** A value runs out after `ttlMs`; what was planned before is off. */
  plan(connector: string, ttlMs: number): void {
    this.forget(connector)
    this.#log.info(
      `Connector ${connector} will be restarted in ${ttlMs} ms, when a value of its configuration runs out.`,
    )
    const restart = () => {
      this.#timers.delete(connector)
      this.#restart(connector).catch((error: unknown) => {
        this.#log.error(`Failed to restart connector ${connector}`, { error })
      })
    }
    this.#timers.set(connector, setTimeout(restart, ttlMs).unref())
  }
  forget(connector: string): void {
    clearTimeout(this.#timers.get(connector))
    this.#timers.delete(connector)
  }
  close(): void {
    for (const connector of [...this.#timers.keys()]) this.forget(connector)
  }
}
