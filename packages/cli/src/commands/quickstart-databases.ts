// millrace quickstart with databases: changes of one PostgreSQL database arrive in another and in a file, counted while they do.
import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectException } from '@millrace/api'
import type { DevStack } from '../dev/stack.ts'
import { ExitCode } from '../exit-codes.ts'
import { Shop, TOPIC } from '../quickstart/database.ts'
import { createDatabasePipeline } from '../quickstart/database-pipeline.ts'
import { ConnectorFailures, LineCounter } from '../quickstart/watch.ts'
import { untilStopped } from '../signals.ts'

const BATCH = 200
const EVERY_MS = 250
const LATENCY_MS = 5_000
const STALLED_MS = 60_000
const CLEAR_LINE = '\r\x1b[K'

/** Figures of one moment. */
interface Seen {
  readonly changes: number
  readonly inFile: number
  readonly inWarehouse: number
}

/** Runs it; with `once` for `changes` changes, until every one has arrived and both sides were compared. */
export async function quickstartDatabases(
  startStack: () => Promise<DevStack>,
  options: { readonly once: boolean; readonly records: number; readonly rate: number },
): Promise<void> {
  const rows = Math.ceil(options.records / 2)
  const [opening, starting] = [Shop.open(rows), startStack()]
  const [opened, started] = await Promise.allSettled([opening, starting])
  await using ending = new AsyncDisposableStack()
  // The worker stops first: its connectors should not see the server go.
  if (opened.status === 'fulfilled') ending.use(opened.value)
  if (started.status === 'fulfilled') ending.defer(() => started.value.stop())
  const [shop, stack] = [await opening, await starting]
  console.log(
    `${shop.server.title} on port ${shop.server.port} with ${rows.toLocaleString('en')} orders, a broker on ${stack.bootstrap}, ` +
      `and a worker on ${stack.restUrl}; data in ${stack.dataDir}`,
  )
  const began = performance.now()
  const output = await createDatabasePipeline(stack, shop)
  const lines = new LineCounter(output)
  const watch = new Watch(stack, shop, lines)
  if (options.once) {
    while (shop.work.inserted + shop.work.updated + shop.work.deleted < options.records) {
      await shop.change(BATCH)
      await watch.show()
    }
    await finish(shop, watch, began)
  } else {
    tell(stack, shop, output)
    const stopped = untilStopped()
    let over = false
    stopped.then(() => {
      over = true
    })
    for (let next = performance.now(); !over; next += EVERY_MS) {
      await shop.change(Math.max(1, Math.round((options.rate * EVERY_MS) / 1000 / 2)))
      // Measured once the rows that were there before have begun to arrive.
      await watch.show((await shop.arrived()) > 0 ? await shop.latencyMs(LATENCY_MS) : undefined)
      await Promise.race([sleep(Math.max(0, next + EVERY_MS - performance.now())), stopped])
    }
    process.stdout.write('\n')
  }
}

async function finish(shop: Shop, watch: Watch, began: number): Promise<void> {
  // Deletes make two events, of which the file gets the first alone.
  const lines = shop.events - shop.work.deleted
  await watch.until(async (seen) => seen.inFile >= lines && (await shop.differences()) === 0)
  const seconds = (performance.now() - began) / 1000
  const latency = await shop.latencyMs(LATENCY_MS)
  const { inserted, updated, deleted } = shop.work
  const left = await shop.differences()
  const count = (number: number) => number.toLocaleString('en')
  console.log(
    `\nInserted ${count(inserted)}, updated ${count(updated)}, deleted ${count(deleted)}; in the other database ` +
      `${count(await shop.arrived())} rows, ${left} differences; in the file ${count(watch.lines)} lines, in ${seconds.toFixed(1)} s`,
  )
  if (latency !== undefined) console.log(`A change is in the other database ${latency.toFixed(0)} ms after its commit.`)
  if (left > 0) process.exitCode = ExitCode.FINDINGS
  else
    console.log(
      'Next: the same without --once keeps running, for psql, curl and kcat; `millrace dev` waits for your own connectors.',
    )
}

class Watch {
  readonly #shop: Shop
  readonly #lines: LineCounter
  readonly #failures: ConnectorFailures
  #shownAt = performance.now()
  #before: Seen = { changes: 0, inFile: 0, inWarehouse: 0 }

  constructor(stack: DevStack, shop: Shop, lines: LineCounter) {
    this.#shop = shop
    this.#lines = lines
    this.#failures = new ConnectorFailures(stack)
  }

  get lines(): number {
    return this.#lines.count()
  }

  /** Prints figures. @throws ConnectException when a task failed */
  async show(latencyMs?: number): Promise<Seen> {
    await this.#failures.check()
    const { inserted, updated, deleted } = this.#shop.work
    const seen = {
      changes: inserted + updated + deleted,
      inFile: this.#lines.count(),
      inWarehouse: await this.#shop.arrived(),
    }
    const seconds = (performance.now() - this.#shownAt) / 1000
    this.#shownAt = performance.now()
    const rate = Math.round((seen.inFile - this.#before.inFile) / seconds)
    this.#before = seen
    const latency = latencyMs === undefined ? '' : `   ${latencyMs.toFixed(0)} ms from commit to there`
    const text =
      `changed in the shop ${seen.changes.toLocaleString('en')}   in the file ${seen.inFile.toLocaleString('en')}   ` +
      `rows in the warehouse ${seen.inWarehouse.toLocaleString('en')}   ${rate.toLocaleString('en')} changes/s${latency}`
    process.stdout.write(process.stdout.isTTY ? CLEAR_LINE + text : `${text}\n`)
    return seen
  }

  /** Shows figures until `done`. @throws ConnectException when nothing has moved for a minute */
  async until(done: (seen: Seen) => Promise<boolean>): Promise<void> {
    let last = ''
    for (let movedAt = performance.now(); ; ) {
      const seen = await this.show()
      if (await done(seen)) return
      const now = JSON.stringify(seen)
      if (now !== last) movedAt = performance.now()
      last = now
      if (performance.now() - movedAt > STALLED_MS) {
        throw new ConnectException(`Nothing has moved for ${STALLED_MS / 1000} s: ${now}`)
      }
      await sleep(EVERY_MS)
    }
  }
}

function tell(stack: DevStack, shop: Shop, output: string): void {
  const { user, password, host, port } = shop.server
  const psql = `psql postgres://${user}:${password}@${host}:${port}`
  console.log(`
While this runs, try in another terminal:
  ${psql}/shop -c "UPDATE orders SET item = 'cake' WHERE id = (SELECT max(id) FROM orders) RETURNING *"
  ${psql}/warehouse -c "SELECT * FROM orders WHERE item = 'cake'"
  tail -f ${output}
  kcat -b ${stack.bootstrap} -t ${TOPIC} -C -o -1 -e
  curl ${stack.restUrl}/connectors?expand=status
  curl -X PUT ${stack.restUrl}/connectors/warehouse/pause      then .../resume: what came meanwhile follows
Ctrl-C ends it.
`)
}
