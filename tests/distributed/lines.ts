// Numbered lines, written to a file that a FileStreamSource reads and looked for in the file of a FileStreamSink: connectors that both makes have.
import { appendFileSync, readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { until } from '@millrace/testkit'

const EVERY_MS = 20
const DRAIN_MS = 90_000

/** What became of the lines: all that were written against all that arrived. */
export interface Outcome {
  readonly written: number
  readonly arrived: number
  /** Numbers that never came, the first few of them. */
  readonly lost: readonly number[]
  /** Lines that came again. */
  readonly repeated: number
  /** First occurrences that came after that of a later line. */
  readonly outOfOrder: number
  /** Pieces of the sink's file that are no line: what a kill left half written. */
  readonly torn: number
  /** Lines that were never written. */
  readonly foreign: readonly string[]
}

/** One source file and the sink file that it is compared with. */
export class Lines {
  readonly input: string
  readonly output: string
  #written = 0
  #timer: NodeJS.Timeout | undefined

  constructor(input: string, output: string) {
    this.input = input
    this.output = output
    appendFileSync(input, '')
  }

  /** Writes `count` lines. */
  write(count: number): void {
    let text = ''
    for (let i = 0; i < count; i++) text += `${line(this.#written++)}\n`
    appendFileSync(this.input, text)
  }
  /** Writes lines until `rest`, about this many a second. */
  flow(perSecond: number): void {
    this.rest()
    this.#timer = setInterval(() => this.write(Math.ceil((perSecond * EVERY_MS) / 1_000)), EVERY_MS)
    this.#timer.unref()
  }
  rest(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
  get written(): number {
    return this.#written
  }

  /** Waits until everything that was written has arrived; gives up after a while and says what is there. */
  async drained(): Promise<Outcome> {
    await until('all lines arrive', () => this.outcome().lost.length === 0, {
      timeoutMs: DRAIN_MS,
      everyMs: 200,
    }).catch(() => undefined)
    return this.outcome()
  }
  /** Waits until a line arrives that is written from now on. */
  async flows(): Promise<void> {
    const from = this.#written
    await until('new lines arrive', () => read(this.output).numbers.some((number) => number >= from), {
      timeoutMs: DRAIN_MS,
      everyMs: 100,
    })
  }

  /** What has arrived so far. */
  outcome(): Outcome {
    const { numbers, torn } = read(this.output)
    const seen = new Set<number>()
    const foreign: string[] = []
    let last = -1
    let outOfOrder = 0
    for (const number of numbers) {
      if (number >= this.#written) foreign.push(line(number))
      else if (!seen.has(number)) {
        if (number < last) outOfOrder++
        last = Math.max(last, number)
        seen.add(number)
      }
    }
    const lost: number[] = []
    for (let number = 0; number < this.#written && lost.length < 10; number++) if (!seen.has(number)) lost.push(number)
    const repeated = numbers.length - foreign.length - seen.size
    return { written: this.#written, arrived: seen.size, lost, repeated, outOfOrder, torn, foreign }
  }
}

/** The checksum tells a line from what is left of one: `<12:0a1b2c3d>`. */
function line(number: number): string {
  return `<${number}:${crc32(`line ${number}`).toString(16)}>`
}

function read(file: string): { numbers: number[]; torn: number } {
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const numbers: number[] = []
  let torn = 0
  for (const one of text.split('\n')) {
    if (one === '') continue
    const whole = /<(\d+):[0-9a-f]+>$/.exec(one)
    const number = whole === null ? Number.NaN : Number(whole[1])
    if (whole !== null && whole[0] === line(number)) numbers.push(number)
    if (whole === null || whole[0] !== one) torn++
  }
  return { numbers, torn }
}
