// Writes letters back to topics, each once: letters and the note that they are done go into one transaction, and the note is an offset of
// a consumer group of its own. Whoever replays again goes on where it ended; a command that dies leaves nothing half done.
import { errorMessage } from '@millrace/api'
import type { Producer, ProducerRecord } from '@millrace/kafka'
import { ExitCode } from '../../exit-codes.ts'
import { ClientError } from '../client-error.ts'
import { type BrokerOptions, brokerProps } from '../offsets/brokers.ts'
import type { Fix, Fixed } from './fix.ts'
import { isOfSource, type Letter, placeOf } from './letter.ts'
import { decodeRuns, encodeRuns, isDone, MOST_METADATA, NOTHING, type Progress, ProgressWalk } from './progress.ts'
import { lettersOf, type Queue, type QueuePartition } from './queue.ts'

/** What is to be replayed, and how. */
export interface ReplayPlan {
  readonly brokers: BrokerOptions
  readonly queue: Queue
  /** Where it is kept what was replayed: also the transactional id, so that there is one replay at a time. */
  readonly group: string
  readonly filter: (letter: Letter) => boolean
  readonly fix: Fix
  /** A fix was asked for: what a source polled may then go to its topic. */
  readonly fixes: boolean
  /** Topic to write to instead of the one where letters came from. */
  readonly to?: string
  /** At most so many letters. */
  readonly limit: number
  /** Letters that were replayed before, too. */
  readonly again: boolean
  readonly dryRun: boolean
}

/** What became of the letters that were chosen. */
export interface ReplayResult {
  replayed: number
  /** Letters for each topic. */
  readonly topics: Map<string, number>
  /** Replayed before. */
  done: number
  /** The fix gave null for them: they stay. */
  left: number
  readonly failed: { readonly place: string; readonly reason: string }[]
  /** The note of what is done would not fit into the metadata of an offset. */
  full: boolean
}

/** Header of a replayed record: the letter that it was. */
export const REPLAYED_HEADER = 'millrace.replayed.from'
const BATCH = 500
/** What a record needs beside its bytes, and what a batch does. */
const OVERHEAD = 256
/** A letter makes the note longer by at most so much. */
const NOTE_RESERVE = 32
/** So few runs fit whatever their lengths. */
const SURE_RUNS = 250

/** The group in which replays of a queue note what is done. */
export function groupOf(queue: string): string {
  return `millrace-dlq-${queue}`
}

/** What has been replayed, by partition. @throws ClientError when somebody else uses the group */
export async function progressOf(brokers: BrokerOptions, queue: Queue, group: string): Promise<Map<number, Progress>> {
  const { Admin } = await import('@millrace/kafka')
  await using admin = Admin.create(await brokerProps(brokers))
  const partitions = queue.partitions.map(({ partition }) => ({ topic: queue.topic, partition }))
  const found = await admin.groupOffsets(group, { partitions, requireStable: true })
  return new Map(
    found.map(({ partition, offset, metadata }) => {
      const runs = decodeRuns(offset, metadata)
      if (runs !== null) return [partition, { position: offset, runs }]
      throw new ClientError(ExitCode.REFUSED, `Group ${group} has offsets of ${queue.topic} that no replay has set.`, {
        action: 'Name another with --group.',
      })
    }),
  )
}

/** Replays, or with `dryRun` only counts. @throws ClientError when the brokers refuse; what was not committed then is not there */
export async function replay(plan: ReplayPlan): Promise<ReplayResult> {
  const { brokers, queue, group } = plan
  const { Producer } = await import('@millrace/kafka')
  const topics = await topicsOf(brokers)
  const props = { ...(await brokerProps(brokers)), 'transactional.id': group, acks: 'all' }
  const producer = plan.dryRun ? null : Producer.create(props)
  try {
    // Another replay is fenced here, and what it had not committed is gone: only then it is certain what is done.
    await producer?.initTransactions()
    const work = new Replay(plan, producer, topics, await progressOf(brokers, queue, group))
    for (const one of queue.partitions) await work.partition(one)
    return work.result
  } catch (cause) {
    if (cause instanceof ClientError) throw cause
    const fenced = cause instanceof Error && /Fenced|InvalidProducerEpoch/.test(cause.name)
    throw new ClientError(
      fenced ? ExitCode.FINDINGS : ExitCode.UNREACHABLE,
      fenced
        ? `Another replay of ${queue.topic} has begun meanwhile: this one has ended, with what it had committed.`
        : `The replay of ${queue.topic} ended: ${errorMessage(cause)}`,
      { cause, action: 'What was committed is not replayed again: the same command goes on behind it.' },
    )
  } finally {
    await producer?.close({ timeoutMs: 0 })
  }
}

async function topicsOf(brokers: BrokerOptions): Promise<ReadonlySet<string>> {
  const { Admin } = await import('@millrace/kafka')
  await using admin = Admin.create(await brokerProps(brokers))
  return new Set((await admin.listTopics()).map((one) => one.name))
}

class Replay {
  readonly result: ReplayResult = { replayed: 0, topics: new Map(), done: 0, left: 0, failed: [], full: false }
  readonly #plan: ReplayPlan
  readonly #producer: Producer | null
  readonly #topics: ReadonlySet<string>
  readonly #before: ReadonlyMap<number, Progress>
  #sending: Promise<unknown>[] = []
  #noteLength = 0
  #noteRuns = 0

  constructor(
    plan: ReplayPlan,
    producer: Producer | null,
    topics: ReadonlySet<string>,
    before: ReadonlyMap<number, Progress>,
  ) {
    this.#plan = plan
    this.#producer = producer
    this.#topics = topics
    this.#before = before
  }

  async partition(one: QueuePartition): Promise<void> {
    const { brokers, queue } = this.#plan
    const before = this.#before.get(one.partition) ?? NOTHING
    const walk = new ProgressWalk(before)
    this.#noteLength = this.#noteRuns = 0
    let whole = true
    const letters = lettersOf(brokers, { ...queue, partitions: [one] })
    for await (const letter of letters) {
      if (this.#ended(walk)) {
        whole = false
        break
      }
      const done = isDone(before, letter.offset)
      walk.take(letter.offset, (await this.#one(letter, done)) || done)
      if (this.#sending.length >= BATCH) await this.#commit(one.partition, walk)
    }
    if (whole) walk.end(one.end)
    if (this.#sending.length > 0) await this.#commit(one.partition, walk)
  }

  /** No further letter is to be replayed. */
  #ended(walk: ProgressWalk): boolean {
    const { limit, again } = this.#plan
    if (this.result.full || this.result.replayed >= limit) return true
    const { position, runs } = walk.progress
    if (again || runs.length <= SURE_RUNS || runs.length === this.#noteRuns) return false
    this.#noteRuns = runs.length
    this.#noteLength = encodeRuns(position, runs).length
    this.result.full = this.#noteLength > MOST_METADATA - NOTE_RESERVE
    return this.result.full
  }

  /** True when the letter is written. */
  async #one(letter: Letter, done: boolean): Promise<boolean> {
    const { filter, fix, again } = this.#plan
    if (!filter(letter)) return false
    if (done) this.result.done++
    if (done && !again) return false
    let target: { readonly topic: string; readonly fixed: Fixed }
    try {
      const fixed = await fix(letter)
      if (fixed === null) {
        this.result.left++
        return false
      }
      target = { topic: this.#topicFor(letter, fixed), fixed }
      await this.#write(letter, target.topic, fixed)
    } catch (error) {
      if (error instanceof WriteFailure) throw error.cause
      this.result.failed.push({ place: placeOf(letter), reason: errorMessage(error) })
      return false
    }
    this.result.replayed++
    this.result.topics.set(target.topic, (this.result.topics.get(target.topic) ?? 0) + 1)
    return true
  }

  #topicFor(letter: Letter, fixed: Fixed): string {
    const { to, fixes } = this.#plan
    const topic = fixed.topic ?? to ?? letter.context.topic ?? undefined
    if (topic === undefined) throw new Error('it has no header that tells its topic: name one with --to')
    if (isOfSource(letter) && !fixes && to === undefined) {
      throw new Error(
        `a source polled it for ${topic}: it is JSON of what was polled, not what the source's converter writes. Name a topic for such JSON with --to, or change it with --with`,
      )
    }
    if (!this.#topics.has(topic)) throw new Error(`there is no topic ${topic}`)
    return topic
  }

  async #write(letter: Letter, topic: string, { key, value, headers }: Fixed): Promise<void> {
    const record = {
      topic,
      key,
      value,
      headers: [...headers, { key: REPLAYED_HEADER, value: `${letter.queue}-${placeOf(letter)}` }],
      ...(letter.timestamp >= 0 && { timestamp: letter.timestamp }),
    }
    const producer = this.#producer
    const most = producer?.options.maxRequestSize ?? Number.POSITIVE_INFINITY
    if (sizeOf(record) > most) {
      throw new Error(
        `its ${sizeOf(record)} bytes are more than max.request.size (${most}): raise it in --command-config`,
      )
    }
    if (producer === null) return
    try {
      await producer.awaitReady(topic)
      if (this.#sending.length === 0) producer.beginTransaction()
      const sent = producer.send({ ...record, ...samePartition(letter, record, producer.partitionCount(topic)) })
      sent.catch(() => {})
      this.#sending.push(sent)
    } catch (cause) {
      throw new WriteFailure(cause)
    }
  }

  async #commit(partition: number, walk: ProgressWalk): Promise<void> {
    const { queue, group } = this.#plan
    const producer = this.#producer as Producer
    const { position, runs } = walk.progress
    try {
      await Promise.all(this.#sending)
      const note = { topic: queue.topic, partition, offset: position, metadata: encodeRuns(position, runs) }
      await producer.sendOffsetsToTransaction([note], { groupId: group })
      await producer.commitTransaction()
    } catch (error) {
      await producer.abortTransaction().catch(() => {})
      throw error
    }
    this.#sending = []
  }
}

/** A failure of the brokers, not of a letter. */
class WriteFailure extends Error {
  constructor(cause: unknown) {
    super('a letter could not be written', { cause })
  }
}

/** Back where it came from a record goes to its own partition, as long as it has its own key. */
function samePartition(letter: Letter, { topic, key }: ProducerRecord, count: number): { readonly partition?: number } {
  const partition = Number(letter.context.partition ?? Number.NaN)
  const same = topic === letter.context.topic && sameBytes(key as Buffer | null, letter.key)
  return same && Number.isInteger(partition) && partition >= 0 && partition < count ? { partition } : {}
}

function sameBytes(a: Buffer | null, b: Buffer | null): boolean {
  return a === b || (a !== null && b !== null && a.equals(b))
}

function sizeOf({ key, value, headers }: Pick<ProducerRecord, 'key' | 'value' | 'headers'>): number {
  const own = (headers ?? []).reduce((sum, one) => sum + one.key.length + (one.value?.length ?? 0) + 10, 0)
  return OVERHEAD + (key?.length ?? 0) + (value?.length ?? 0) + own
}
