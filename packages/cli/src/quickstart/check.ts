// Did every generated order arrive, once, and in order? Read from the file that the sink wrote, not from any counter.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** What went in against what came out. */
export interface Arrival {
  readonly lines: number
  readonly missing: number
  readonly duplicates: number
  /** Lines whose order id is below one already seen. */
  readonly outOfOrder: number
}

/** Reads `file` whole: `expected` orders with ids 0 to `expected` - 1 must be in it, one JSON line each. */
export async function checkArrival(file: string, expected: number): Promise<Arrival> {
  const seen = new Uint8Array(expected)
  let lines = 0
  let duplicates = 0
  let outOfOrder = 0
  let last = -1
  for await (const line of createInterface({ input: createReadStream(file) })) {
    lines++
    const id = (JSON.parse(line) as { orderid: number }).orderid
    if (seen[id] === 1) duplicates++
    else if (id < last) outOfOrder++
    if (id < expected) seen[id] = 1
    last = Math.max(last, id)
  }
  return { lines, missing: seen.reduce((sum, one) => sum + (1 - one), 0), duplicates, outOfOrder }
}
