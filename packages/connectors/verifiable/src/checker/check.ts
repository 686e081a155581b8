// Compares what sources sent with what sinks were given: nothing lost, order kept, duplicates counted.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { CommittedEntry, ReceivedEntry, SentEntry } from '../entries.ts'
import { Seen } from './seen.ts'

/** A record by its task and sequence number. */
export interface RecordId {
  readonly task: number
  readonly seqno: number
}

/** What a check found. All is well when {@link Verdict.problems} is empty. */
export interface Verdict {
  /** Records that were sent, acknowledged, and given to a sink, each counted once. */
  readonly sent: number
  readonly acknowledged: number
  readonly received: number
  /** Records that are in no sink, though acknowledged or expected: the first hundred, and how many. */
  readonly lost: readonly RecordId[]
  readonly lostCount: number
  /** Records that lie in Kafka more than once, at different offsets: a source sent them again. */
  readonly duplicatesInKafka: number
  /** Deliveries of an offset that a sink had been given before. */
  readonly redelivered: number
  /** Records that came to Kafka after a later one of the same task and partition, the first time they came. */
  readonly outOfOrderInKafka: number
  /** Deliveries of an offset after a greater one of its partition, the first time it came. */
  readonly outOfOrderInSink: number
  /** Records that no source sent, or without a task and number. */
  readonly unknown: number
  /** Lines that are no JSON: torn by a crash. */
  readonly tornLines: number
  /** What breaks the promise of at-least-once delivery in order, in words; empty when all is well. */
  readonly problems: readonly string[]
}

/** What to compare. */
export interface CheckInput {
  /** Journals of the source; without them, only `expected` tells what must have arrived. */
  readonly source?: readonly string[]
  readonly sink: readonly string[]
  /** Tasks of the source, and how many records each was to send. */
  readonly expected?: { readonly tasks: number; readonly count: number }
  /**
   * True when every source task was stopped in good order, so that nothing was under way at the end: then what a task sent
   * before a number that was acknowledged must have come too, acknowledged or not. (A kill loses the end of the journal.)
   */
  readonly gapless?: boolean
  /** True when exactly once was promised: then duplicates in Kafka are a problem. */
  readonly exactlyOnce?: boolean
}

const LISTED = 100

/** Reads the journals and compares them. @throws the system's error when a file cannot be read */
export async function check(input: CheckInput): Promise<Verdict> {
  const journals = new Journals()
  for (const file of input.source ?? []) await readLines(file, (line) => journals.addSource(line))
  for (const file of input.sink) await readLines(file, (line) => journals.addSink(line))
  return journals.verdict(input)
}

async function readLines(file: string, take: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line !== '') take(line)
  }
}

/** Everything known of one partition of a topic. */
class PartitionLog {
  readonly offsets = new Seen()
  /** Greatest sequence number of each task so far, in the order of offsets. */
  readonly greatest = new Map<number, number>()
}

class Journals {
  readonly #sent = new Map<number, Seen>()
  readonly #acknowledged = new Map<number, Seen>()
  readonly #received = new Map<number, Seen>()
  readonly #partitions = new Map<string, PartitionLog>()
  #duplicatesInKafka = 0
  #redelivered = 0
  #outOfOrderInKafka = 0
  #outOfOrderInSink = 0
  #tornLines = 0
  #unreadable = 0

  addSource(line: string): void {
    const entry = this.#parse<SentEntry | CommittedEntry>(line)
    if (entry === null) return
    const acknowledged = 'committed' in entry
    seenOf(acknowledged ? this.#acknowledged : this.#sent, entry.task).add(entry.seqno)
  }

  addSink(line: string): void {
    const entry = this.#parse<ReceivedEntry>(line)
    if (entry === null || entry.flushed) return
    const task = Number(entry.task)
    const seqno = Number(entry.seqno)
    if (!(Number.isSafeInteger(task) && Number.isSafeInteger(seqno))) {
      this.#unreadable++
      return
    }
    const name = `${entry.topic}-${entry.partition}`
    let log = this.#partitions.get(name)
    if (log === undefined) this.#partitions.set(name, (log = new PartitionLog()))
    const late = entry.offset < log.offsets.greatest
    if (log.offsets.add(entry.offset) > 0) {
      this.#redelivered++
      return
    }
    if (late) this.#outOfOrderInSink++
    const greatest = log.greatest.get(task) ?? -1
    const before = seenOf(this.#received, task).add(seqno)
    if (before > 0) this.#duplicatesInKafka++
    else if (seqno < greatest && !late) this.#outOfOrderInKafka++
    if (seqno > greatest) log.greatest.set(task, seqno)
  }

  verdict(input: CheckInput): Verdict {
    const { lost, lostCount } = this.#lost(input)
    const unknown = this.#unreadable + (input.source === undefined ? 0 : this.#unknown())
    const found = {
      sent: total(this.#sent),
      acknowledged: total(this.#acknowledged),
      received: total(this.#received),
      lost,
      lostCount,
      duplicatesInKafka: this.#duplicatesInKafka,
      redelivered: this.#redelivered,
      outOfOrderInKafka: this.#outOfOrderInKafka,
      outOfOrderInSink: this.#outOfOrderInSink,
      unknown,
      tornLines: this.#tornLines,
    }
    return { ...found, problems: problemsOf(found, input.exactlyOnce ?? false) }
  }

  #lost({ expected, gapless = false }: CheckInput): { lost: RecordId[]; lostCount: number } {
    const lost: RecordId[] = []
    let lostCount = 0
    const tasks = new Set([...this.#acknowledged.keys(), ...Array(expected?.tasks ?? 0).keys()])
    for (const task of tasks) {
      const received = this.#received.get(task)
      const acknowledged = this.#acknowledged.get(task)
      const end = (acknowledged?.greatest ?? -1) + 1
      const due = Math.max(task < (expected?.tasks ?? 0) ? (expected?.count ?? 0) : 0, gapless ? end : 0)
      for (let seqno = 0; seqno < Math.max(due, end); seqno++) {
        if (received?.has(seqno) || (seqno >= due && !acknowledged?.has(seqno))) continue
        if (lostCount++ < LISTED) lost.push({ task, seqno })
      }
    }
    return { lost, lostCount }
  }

  #unknown(): number {
    let unknown = 0
    for (const [task, received] of this.#received) {
      const sent = this.#sent.get(task)
      for (let seqno = 0; seqno <= received.greatest; seqno++) if (received.has(seqno) && !sent?.has(seqno)) unknown++
    }
    return unknown
  }

  #parse<T>(line: string): T | null {
    try {
      return JSON.parse(line) as T
    } catch {
      this.#tornLines++
      return null
    }
  }
}

function problemsOf(found: Omit<Verdict, 'problems'>, exactlyOnce: boolean): string[] {
  const first = found.lost[0]
  const counts: readonly (readonly [number, string])[] = [
    [found.lostCount, `lost, the first of them number ${first?.seqno} of task ${first?.task}`],
    [found.outOfOrderInKafka, 'out of order in Kafka'],
    [found.outOfOrderInSink, 'out of order at the sink'],
    [found.unknown, 'that no source sent'],
    [exactlyOnce ? found.duplicatesInKafka : 0, 'in Kafka more than once'],
  ]
  return counts.filter(([count]) => count > 0).map(([count, what]) => `${count} records ${what}`)
}

function seenOf(map: Map<number, Seen>, task: number): Seen {
  let seen = map.get(task)
  if (seen === undefined) map.set(task, (seen = new Seen()))
  return seen
}

function total(map: ReadonlyMap<number, Seen>): number {
  let sum = 0
  for (const seen of map.values()) sum += seen.distinct
  return sum
}
