// What the broker does without being asked: retention, compaction, time limits of transactions, groups and connections.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Listener } from './server/listener.ts'
import type { Services } from './server/services.ts'
import { cleanLog } from './storage/cleaner/cleaner.ts'
import { applyRetention } from './storage/retention.ts'

/** How often `flush.ms` is looked at. */
const FLUSH_CHECK_MS = 1000

/** Runs each chore at its own interval until stopped. */
export class Housekeeper {
  readonly #services: Services
  readonly #listener: Listener
  readonly #timers: NodeJS.Timeout[] = []
  #cleaning: Promise<void> | undefined
  #stopped = false

  constructor(services: Services, listener: Listener) {
    this.#services = services
    this.#listener = listener
    const { config } = services
    this.#every(config.number('log.retention.check.interval.ms'), () => this.#retain())
    this.#every(FLUSH_CHECK_MS, () => {
      for (const partition of services.topics.logs()) partition.flushIfDue(services.now())
    })
    this.#every(config.number('transaction.abort.timed.out.transaction.cleanup.interval.ms'), () =>
      services.transactions.tick(),
    )
    this.#every(config.number('offsets.retention.check.interval.ms'), () => services.groups.tick())
    if (config.flag('log.cleaner.enable'))
      this.#every(config.number('log.cleaner.backoff.ms'), () => void this.#clean(false))
  }

  /** Runs every chore once, now; compacts whatever can be compacted, however little it is. */
  async runAll(): Promise<void> {
    this.#retain()
    this.#services.transactions.tick()
    this.#services.groups.tick()
    await this.#cleaning
    await this.#clean(true)
  }

  /** Resolves when nothing is going on any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const timer of this.#timers) clearInterval(timer)
    await this.#cleaning
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
      for (const segment of partition.segments.slice(0, -1)) segment.closeIfIdle()
    }
    this.#listener.closeIdle(Date.now())
  }

  /** One round over all logs, one at a time; a round that is still going on is not joined by another. */
  #clean(always: boolean): Promise<void> {
    this.#cleaning ??= this.#cleanAll(always).finally(() => {
      this.#cleaning = undefined
    })
    return this.#cleaning
  }

  async #cleanAll(always: boolean): Promise<void> {
    const { topics, log, now } = this.#services
    const breathe = async (): Promise<void> => {
      await nextTurn()
      if (this.#stopped) throw new Stopped()
    }
    for (const partition of [...topics.logs()]) {
      if (this.#stopped) return
      try {
        const cleaned = await cleanLog(partition, { now: now(), breathe, always })
        if (cleaned !== undefined) {
          log.info(`${partition.name}: compacted ${cleaned.bytesBefore} bytes to ${cleaned.bytesAfter}`)
        }
      } catch (error) {
        if (error instanceof Stopped) return
        log.error(`${partition.name}: compaction failed: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }
}

class Stopped extends Error {}
