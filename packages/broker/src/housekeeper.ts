// What the broker does without being asked: retention, compaction, time limits of transactions, groups and connections.
import type { Listener } from './server/listener.ts'
import type { Services } from './server/services.ts'
import { applyRetention } from './storage/retention.ts'

/** Runs each chore at its own interval until stopped. */
export class Housekeeper {
  readonly #services: Services
  readonly #listener: Listener
  readonly #timers: NodeJS.Timeout[] = []

  constructor(services: Services, listener: Listener) {
    this.#services = services
    this.#listener = listener
    const { config } = services
    this.#every(config.number('log.retention.check.interval.ms'), () => this.#retain())
    this.#every(config.number('transaction.abort.timed.out.transaction.cleanup.interval.ms'), () =>
      services.transactions.tick(),
    )
    this.#every(config.number('offsets.retention.check.interval.ms'), () => services.groups.tick())
    if (config.flag('log.cleaner.enable')) this.#every(config.number('log.cleaner.backoff.ms'), () => this.#clean())
  }

  /** Runs every chore once, now. */
  runAll(): void {
    this.#retain()
    this.#services.transactions.tick()
    this.#services.groups.tick()
    this.#clean()
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer)
  }

  #every(ms: number, chore: () => void): void {
    const timer = setInterval(() => {
      try {
        chore()
      } catch (error) {
        // A chore that fails must not take the broker with it; it comes round again.
        this.#services.log.error(
          `housekeeping: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        )
      }
    }, ms)
    timer.unref()
    this.#timers.push(timer)
  }

  #retain(): void {
    const { topics, now, config, log } = this.#services
    const horizon = now() - config.number('producer.id.expiration.ms')
    for (const partition of topics.logs()) {
      const dropped = applyRetention(partition, now())
      if (dropped > 0) log.info(`${partition.name}: retention deleted ${dropped} segment(s)`)
      partition.producers.expire(horizon)
      partition.flushIfDue(now())
      for (const segment of partition.segments.slice(0, -1)) segment.closeIfIdle()
    }
    this.#listener.closeIdle(Date.now())
  }

  #clean(): void {}
}
