// Live counts of the quickstart: what is in Kafka and what has reached the file.
import { closeSync, openSync, readSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectException } from '@millrace/api'
import type { DevStack } from '../dev/stack.ts'
import { totals } from '../output/progress.ts'

const EVERY_MS = 250
const STALLED_MS = 60_000
const CLEAR_LINE = '\r\x1b[K'

/** Records seen so far. */
export interface Counts {
  readonly inKafka: number
  readonly arrived: number
}

/**
 * Prints counts until `done` says so or `stopped` resolves.
 * @throws ConnectException when a task failed, or nothing has moved for a minute while `done` is being waited for
 */
export async function watchCounts(
  stack: DevStack,
  output: string,
  done: (counts: Counts) => boolean,
  stopped?: Promise<unknown>,
): Promise<void> {
  const lines = new LineCounter(output)
  let before: Counts = { inKafka: 0, arrived: 0 }
  let movedAt = performance.now()
  let over = false
  stopped?.then(() => {
    over = true
  })
  for (let shown = performance.now(); !over; ) {
    const now = totals(await stack.worker.metrics())
    if (now.failed > 0) throw await failure(stack)
    const counts = { inKafka: now.written, arrived: lines.count() }
    const seconds = (performance.now() - shown) / 1000
    shown = performance.now()
    print(before, counts, seconds)
    if (done(counts)) break
    if (counts.arrived > before.arrived || counts.inKafka > before.inKafka) movedAt = shown
    if (stopped === undefined && shown - movedAt > STALLED_MS) {
      throw new ConnectException(
        `Nothing has moved for ${STALLED_MS / 1000} s: ${counts.inKafka} in Kafka, ${counts.arrived} in ${output}`,
      )
    }
    before = counts
    await Promise.race([sleep(EVERY_MS), ...(stopped === undefined ? [] : [stopped])])
  }
  process.stdout.write('\n')
}

function print(before: Counts, now: Counts, seconds: number): void {
  const rate = Math.round((now.arrived - before.arrived) / seconds)
  const text = `generated and in Kafka ${now.inKafka.toLocaleString('en')}   in the file ${now.arrived.toLocaleString('en')}   ${rate.toLocaleString('en')} records/s`
  process.stdout.write(process.stdout.isTTY ? CLEAR_LINE + text : `${text}\n`)
}

/** Tells of tasks that failed. */
export class ConnectorFailures {
  readonly #stack: DevStack

  constructor(stack: DevStack) {
    this.#stack = stack
  }

  /** @throws ConnectException with the states when a task failed */
  async check(): Promise<void> {
    if (totals(await this.#stack.worker.metrics()).failed > 0) throw await failure(this.#stack)
  }
}

async function failure(stack: DevStack): Promise<ConnectException> {
  const response = await fetch(`${stack.restUrl}/connectors?expand=status`)
  return new ConnectException(`A task of the quickstart failed: ${await response.text()}`)
}

/** Counts the lines of a growing file, reading each byte once. */
export class LineCounter {
  readonly #file: string
  readonly #chunk = Buffer.allocUnsafe(1 << 18)
  #position = 0
  #lines = 0

  constructor(file: string) {
    this.#file = file
  }

  count(): number {
    let fd: number
    try {
      fd = openSync(this.#file, 'r')
    } catch {
      // Not there before the sink's first record.
      return 0
    }
    for (;;) {
      const read = readSync(fd, this.#chunk, 0, this.#chunk.length, this.#position)
      if (read === 0) break
      for (let at = this.#chunk.indexOf(10); at >= 0 && at < read; at = this.#chunk.indexOf(10, at + 1)) this.#lines++
      this.#position += read
    }
    closeSync(fd)
    return this.#lines
  }
}
