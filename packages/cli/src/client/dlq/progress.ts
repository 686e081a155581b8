// Which letters of a partition have been replayed: everything below a position, and runs above it. Kept as the committed offset of a
// consumer group and its metadata, so that it can be a part of the transaction that writes the letters.
import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** Runs of offsets, both ends included, in order. */
type Run = readonly [from: number, to: number]

/** What is done of one partition. */
export interface Progress {
  /** Below it everything is done. */
  readonly position: number
  readonly runs: readonly Run[]
}

/** Brokers keep 4096 bytes by default (`offset.metadata.max.bytes`). */
export const MOST_METADATA = 4_096
const PLAIN = 'millrace:1:'
const DEFLATED = 'millrace:2:'

/** Nothing is done. */
export const NOTHING: Progress = Object.freeze({ position: 0, runs: Object.freeze([]) })

/** Whether a letter has been replayed. */
export function isDone({ position, runs }: Progress, offset: number): boolean {
  return offset < position || runs.some(([from, to]) => from <= offset && offset <= to)
}

/** Runs as text: distances between their ends in base 128, packed where that is shorter. */
export function encodeRuns(position: number, runs: readonly Run[]): string {
  if (runs.length === 0) return ''
  const bytes: number[] = []
  let last = position
  for (const [from, to] of runs) {
    pushNumber(bytes, from - last)
    pushNumber(bytes, to - from)
    last = to
  }
  const plain = Buffer.from(bytes)
  const packed = deflateRawSync(plain, { level: 9 })
  return packed.length < plain.length ? DEFLATED + packed.toString('base64url') : PLAIN + plain.toString('base64url')
}

/** What {@link encodeRuns} has written; null for the metadata of somebody else. */
export function decodeRuns(position: number, metadata: string): Run[] | null {
  if (metadata === '') return []
  const prefix = [PLAIN, DEFLATED].find((one) => metadata.startsWith(one))
  if (prefix === undefined) return null
  const coded = Buffer.from(metadata.slice(prefix.length), 'base64url')
  const bytes = prefix === DEFLATED ? inflateRawSync(coded) : coded
  const runs: Run[] = []
  let last = position
  for (let at = 0; at < bytes.length; ) {
    const [gap, afterGap] = readNumber(bytes, at)
    const [length, next] = readNumber(bytes, afterGap)
    runs.push([last + gap, last + gap + length])
    last += gap + length
    at = next
  }
  return runs
}

/** Takes note of letters in the order of their offsets: what lies between two of them is none, and splits no run. */
export class ProgressWalk {
  readonly #before: Progress
  #position: number
  readonly #runs: [number, number][] = []
  /** All letters so far are done. */
  #unbroken = true
  /** The letter before this one is done. */
  #open = false
  #seen: number

  constructor(before: Progress) {
    this.#before = before
    this.#position = before.position
    this.#seen = before.position - 1
  }

  /** The next letter: done before or now, or left. */
  take(offset: number, done: boolean): void {
    // Below where it began all is done, and stays so.
    if (offset < this.#before.position) return
    this.#seen = offset
    if (!done) this.#unbroken = this.#open = false
    else if (this.#unbroken) this.#position = offset + 1
    else if (this.#open) (this.#runs.at(-1) as [number, number])[1] = offset
    else {
      this.#runs.push([offset, offset])
      this.#open = true
    }
  }

  /** There are no more letters below `offset`. */
  end(offset: number): void {
    if (this.#unbroken && offset > this.#position) this.#position = offset
  }

  /** What is done, with what was done before above the last letter taken. */
  get progress(): Progress {
    const above = this.#before.runs
      .filter(([, to]) => to > this.#seen)
      .map(([from, to]): Run => [Math.max(from, this.#seen + 1), to])
    return { position: this.#position, runs: [...this.#runs, ...above] }
  }
}

function pushNumber(bytes: number[], value: number): void {
  let left = value
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 128)
  bytes.push(left)
}

function readNumber(bytes: Uint8Array, from: number): [value: number, next: number] {
  let value = 0
  let unit = 1
  for (let at = from; ; at++, unit *= 128) {
    const byte = bytes[at]
    if (byte === undefined) throw new RangeError('The progress of a replay ends in the middle of a number')
    value += (byte & 127) * unit
    if (byte < 128) return [value, at + 1]
  }
}
