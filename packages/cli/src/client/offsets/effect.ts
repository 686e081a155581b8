// What a change of offsets would do, as far as it can be known: how many records come again, how many are left out.
import type { OffsetEntry } from '../connect-api.ts'
import { canonical, wholeNumber } from '../exact-json.ts'

/** A change of one partition; null for no offset. */
export interface OffsetChange {
  readonly partition: OffsetEntry['partition']
  readonly from: OffsetEntry['offset']
  readonly to: OffsetEntry['offset']
}

/** First offset and end of a partition of a topic, by {@link partitionKey}. */
export type TopicEnds = ReadonlyMap<string, { readonly start: bigint; readonly end: bigint }>

/** What becomes of one partition. Counts are of offsets: records that compaction took, and marks of transactions, are in them. */
export interface Effect extends OffsetChange {
  /** Records that come again; null when nobody can know from here. */
  readonly replays: number | null
  /** Records that will never come; null when nobody can know from here. */
  readonly skips: number | null
  /** In words. */
  readonly text: string
}

/** What is known beside the offsets. */
export interface Knowledge {
  readonly type: string
  /** Where a sink begins without an offset: `earliest` unless its configuration says otherwise. */
  readonly resetsTo: string
  /** Not there without access to the brokers. */
  readonly ends?: TopicEnds
}

/** `topic-partition` of a sink's partition; undefined for what is none. */
export function partitionKey(partition: OffsetEntry['partition']): string | undefined {
  const { kafka_topic: topic, kafka_partition: number } = partition
  return typeof topic === 'string' && wholeNumber(number) !== undefined ? `${topic}-${wholeNumber(number)}` : undefined
}

/** Offset of a sink's entry. */
export function kafkaOffset(offset: OffsetEntry['offset']): bigint | undefined {
  return offset === null ? undefined : wholeNumber(offset.kafka_offset)
}

/** What differs between two states of a connector's offsets. */
export function changesBetween(from: readonly OffsetEntry[], to: readonly OffsetEntry[]): OffsetChange[] {
  const [before, after] = [byPartition(from), byPartition(to)]
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const [a, b] = [before.get(key), after.get(key)]
    const change = { partition: (a ?? b)!.partition, from: a?.offset ?? null, to: b?.offset ?? null }
    return sameOffset(change.from, change.to) ? [] : [change]
  })
}

/** A state of offsets after some entries were set; entries with null are taken out. */
export function withEntries(offsets: readonly OffsetEntry[], entries: readonly OffsetEntry[]): OffsetEntry[] {
  return [...byPartition([...offsets, ...entries]).values()].filter((one) => one.offset !== null)
}

/** What one change does. */
export function effectOf(change: OffsetChange, known: Knowledge): Effect {
  if (known.type !== 'sink') {
    const text = "how many records that is, only the source's system knows"
    return { ...change, replays: null, skips: null, text: sameOffset(change.from, change.to) ? 'stays' : text }
  }
  const ends = known.ends?.get(partitionKey(change.partition) ?? '')
  const from = position(kafkaOffset(change.from), known, ends)
  const to = position(kafkaOffset(change.to), known, ends)
  if (from === undefined || to === undefined) return unbounded(change, known)
  return counted(change, from, to, ends)
}

/** Where reading begins; undefined when only the brokers know. */
function position(
  offset: bigint | undefined,
  { resetsTo }: Knowledge,
  ends: { readonly start: bigint; readonly end: bigint } | undefined,
): bigint | undefined {
  // What is older than the topic's first record is gone, and reading begins at that.
  if (offset !== undefined) return ends !== undefined && offset < ends.start ? ends.start : offset
  if (ends === undefined) return undefined
  return resetsTo === 'latest' ? ends.end : ends.start
}

function counted(
  change: OffsetChange,
  from: bigint,
  to: bigint,
  ends: { readonly start: bigint; readonly end: bigint } | undefined,
): Effect {
  const beyond = ends !== undefined && to > ends.end ? `; ${to} is beyond the end, ${ends.end}` : ''
  if (to < from)
    return { ...change, replays: Number(from - to), skips: 0, text: `replays ${records(from - to)}${beyond}` }
  if (to > from)
    return { ...change, replays: 0, skips: Number(to - from), text: `skips ${records(to - from)}${beyond}` }
  return { ...change, replays: 0, skips: 0, text: `stays${beyond}` }
}

/** Without the brokers' word, a reset goes back by no more than the offset. */
function unbounded(change: OffsetChange, { resetsTo }: Knowledge): Effect {
  const from = kafkaOffset(change.from)
  const nothing = { ...change, replays: null, skips: null }
  if (from === undefined) return { ...nothing, text: 'had no offset; --bootstrap-servers lets the records be counted' }
  if (resetsTo === 'latest') return { ...nothing, text: 'begins at the end of the topic, whatever that is by then' }
  if (resetsTo !== 'earliest') return { ...nothing, text: `begins as auto.offset.reset=${resetsTo} says` }
  return { ...nothing, text: `replays at most ${records(from)}; --bootstrap-servers lets them be counted` }
}

function records(count: bigint): string {
  return `${count.toLocaleString('en')} record${count === 1n ? '' : 's'}`
}

/** `"0"` and `0` name the same partition of a topic. */
function byPartition(entries: readonly OffsetEntry[]): Map<string, OffsetEntry> {
  return new Map(entries.map((one) => [partitionKey(one.partition) ?? canonical(one.partition), one]))
}

function sameOffset(a: OffsetEntry['offset'], b: OffsetEntry['offset']): boolean {
  const [x, y] = [kafkaOffset(a), kafkaOffset(b)]
  return x !== undefined && y !== undefined ? x === y : canonical(a) === canonical(b)
}
