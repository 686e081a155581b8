// millrace offsets: look at a connector's offsets, change them knowing what that does, and take it back.
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { ExitCode } from '../../exit-codes.ts'
import { ClientError, RefusedError } from '../client-error.ts'
import type { ConnectApi, ConnectorInfo, OffsetEntry } from '../connect-api.ts'
import { type BrokerOptions, type Partition, topicEnds } from '../offsets/brokers.ts'
import {
  changesBetween,
  type Effect,
  effectOf,
  kafkaOffset,
  partitionKey,
  type TopicEnds,
  withEntries,
} from '../offsets/effect.ts'
import { beginEntry, endEntry, entryToUndo, type HistoryEntry, readHistory } from '../offsets/history.ts'
import { nextTimes, type ReadingPlace } from '../offsets/next-times.ts'
import { type WantedOptions, wantedEntries } from '../offsets/wanted.ts'
import { openSession, type Session } from '../session.ts'
import type { ConnectionOptions } from '../settings.ts'
import { durationText } from '../times.ts'
import { waitForState } from '../waiting.ts'

export interface OffsetsOptions extends ConnectionOptions {
  readonly commandConfig?: string
}
export interface ChangeOptions extends OffsetsOptions {
  readonly dryRun?: boolean
  /** Stop the connector for the change, and let it go on as it did after it. */
  readonly stop?: boolean
}
export interface SetOptions extends ChangeOptions, WantedOptions {}
export interface UndoOptions extends ChangeOptions {
  readonly entry?: string
  readonly force?: boolean
}

const STOP_PATIENCE_MS = 60_000
/** Tasks that are still going keep a sink's group busy for a moment. */
const BUSY_PATIENCE_MS = 30_000
const BUSY = /can be safely retried/

/** Prints offsets, of a sink with the topics' ends where the brokers can be asked. */
export async function getOffsets(name: string, options: OffsetsOptions): Promise<void> {
  const { api, out, settings } = openSession(options)
  const { type } = await api.info(name)
  const offsets = await api.offsets(name)
  const brokers = type === 'sink' ? brokersOf(settings.bootstrapServers, options) : undefined
  const ends = await endsOf(brokers, offsets)
  const next = brokers === undefined ? undefined : await nextTimes(brokers, unread(offsets, ends))
  const now = Date.now()
  const known = (one: OffsetEntry) => {
    const time = next?.get(partitionKey(one.partition) ?? '')
    return {
      ...endOf(one, ends),
      ...(time !== undefined && { next: new Date(time).toISOString(), behindMs: now - time }),
    }
  }
  out.data({ connector: name, type, offsets: offsets.map((one) => ({ ...one, ...known(one) })) })
  if (type !== 'sink') {
    out.table(
      ['PARTITION', 'OFFSET'],
      offsets.map((one) => [JSON.stringify(one.partition), JSON.stringify(one.offset)]),
    )
    return
  }
  out.table(
    ['TOPIC', 'PARTITION', 'OFFSET', ...(ends === undefined ? [] : ['END', 'LAG', 'BEHIND'])],
    offsets.map((one) => {
      const { end, lag, behindMs } = known(one)
      const { kafka_topic: topic, kafka_partition: partition } = one.partition
      const behind = behindMs === undefined ? '-' : durationText(behindMs)
      const fromBrokers = end === undefined ? [] : [String(end), String(lag), behind]
      return [String(topic), String(partition), String(kafkaOffset(one.offset) ?? ''), ...fromBrokers]
    }),
  )
}

/** Sets some offsets. */
export async function setOffsets(name: string, options: SetOptions): Promise<void> {
  const session = openSession(options)
  const { type } = await session.api.info(name)
  await change(session, name, options, async (before) => {
    const entries = await wantedEntries(options, type, before, brokersOf(session.settings.bootstrapServers, options))
    return { action: 'set', wanted: withEntries(before, entries), entries }
  })
}

/** Forgets all offsets: the connector begins anew. */
export async function resetOffsets(name: string, options: ChangeOptions): Promise<void> {
  await change(openSession(options), name, options, async () => ({ action: 'reset', wanted: [], entries: null }))
}

/** Takes back a change of the history. */
export async function undoOffsets(name: string, options: UndoOptions): Promise<void> {
  const session = openSession(options)
  const entry = entryToUndo(readHistory(), {
    cluster: await clusterOf(session.api),
    connector: name,
    id: options.entry,
  })
  await change(session, name, options, async (before) => {
    if (options.force !== true) requireUnmoved(name, entry, before)
    const entries = changesBetween(before, entry.before).map(({ partition, to }) => ({ partition, offset: to }))
    return { action: 'undo', undoes: entry.id, wanted: entry.before, entries }
  })
}

/** What came after the change must not be lost with it. */
function requireUnmoved(name: string, { id, time, after }: HistoryEntry, now: readonly OffsetEntry[]): void {
  if (after !== undefined && changesBetween(after, now).length === 0) return
  throw new ClientError(
    ExitCode.FINDINGS,
    after === undefined
      ? `It is not known whether change ${id} of ${time} was made: the command ended in the middle.`
      : `The offsets of ${name} have moved since change ${id} of ${time}.`,
    { action: 'Look with --dry-run --force at what taking it back would do, then do it with --force.' },
  )
}

/** Prints the history, newest first. */
export async function showHistory(name: string | undefined, options: ConnectionOptions): Promise<void> {
  const { out } = openSession(options)
  const entries = readHistory()
    .filter((one) => name === undefined || one.connector === name)
    .reverse()
  const undone = new Set(entries.map((one) => one.undoes))
  out.data(entries)
  out.table(
    ['ID', 'TIME', 'CONNECTOR', 'CHANGE', 'PARTITIONS', 'CLUSTER'],
    entries.map((one) => {
      const what = one.undoes === undefined ? one.action : `undo of ${one.undoes}`
      const state = one.after === undefined ? ' (not known whether done)' : undone.has(one.id) ? ' (taken back)' : ''
      const count = changesBetween(one.before, one.after ?? one.before).length
      return [one.id, one.time, one.connector, what + state, String(count), one.cluster]
    }),
  )
}

interface Change extends Pick<HistoryEntry, 'action' | 'undoes'> {
  /** All offsets as they are to be. */
  readonly wanted: readonly OffsetEntry[]
  /** What is sent; null for a reset. */
  readonly entries: readonly OffsetEntry[] | null
}

/**
 * Makes a change, or tells what it would do. `plan` gets the offsets as they are once the connector has stopped: a task
 * commits on its way out.
 */
async function change(
  session: Session,
  name: string,
  options: ChangeOptions,
  plan: (before: readonly OffsetEntry[]) => Promise<Change>,
): Promise<void> {
  const { api, out, settings } = session
  const info = await api.info(name)
  const tell = async () => {
    const before = await api.offsets(name)
    const what = await plan(before)
    const effects = await effectsOf(info, before, what, brokersOf(settings.bootstrapServers, options))
    for (const one of effects) {
      out.line(`${describePartition(one)}: ${showOffset(one.from)} -> ${showOffset(one.to)}, ${one.text}`)
    }
    out.line(effects.length === 0 ? `${name}: the offsets are as wanted` : total(name, effects))
    return { before, what, effects }
  }
  if (options.dryRun === true) {
    const { effects } = await tell()
    out.data({ connector: name, changed: false, effects })
    out.line('Nothing was changed: a dry run.')
    return
  }
  await whileStopped(api, name, options.stop === true, async () => {
    const { before, what, effects } = await tell()
    if (effects.length === 0 && what.action !== 'reset') {
      out.data({ connector: name, changed: false, effects })
      return
    }
    const { id, message } = await perform(api, name, before, what)
    out.data({ connector: name, changed: true, effects, id, message })
    out.line(`${message} Taken back with: millrace offsets undo ${name} (${id})`)
  })
}

async function perform(
  api: ConnectApi,
  name: string,
  before: readonly OffsetEntry[],
  { action, undoes, entries }: Change,
): Promise<{ readonly id: string; readonly message: string }> {
  const id = randomBytes(4).toString('hex')
  const base = { id, time: new Date().toISOString(), cluster: await clusterOf(api), connector: name, action, before }
  beginEntry(undoes === undefined ? base : { ...base, undoes })
  const giveUp = performance.now() + BUSY_PATIENCE_MS
  for (;;) {
    try {
      const message = await (entries === null ? api.resetOffsets(name) : api.alterOffsets(name, entries))
      endEntry(id, await api.offsets(name))
      return { id, message: /\.$/.test(message) ? message : `${message}.` }
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error
      if (!BUSY.test(error.message) || performance.now() > giveUp) {
        endEntry(id, null)
        throw error
      }
      await pause(500)
    }
  }
}

/** Offsets can be changed while a connector is stopped, only. */
async function whileStopped<T>(api: ConnectApi, name: string, mayStop: boolean, work: () => Promise<T>): Promise<T> {
  const status = await api.findStatus(name)
  const state = status?.connector.state
  if (state === 'STOPPED') {
    await waitForState(api, name, 'STOPPED', STOP_PATIENCE_MS)
    return work()
  }
  if (!mayStop) {
    throw new ClientError(
      ExitCode.REFUSED,
      `Connector ${name} is ${state ?? 'not known to run'}: its offsets can be changed while it is STOPPED, only.`,
      { action: `Add --stop, which lets it go on afterwards, or run millrace stop ${name} --wait before.` },
    )
  }
  await api.setState(name, 'STOPPED')
  try {
    await waitForState(api, name, 'STOPPED', STOP_PATIENCE_MS)
    return await work()
  } finally {
    await api.setState(name, state === 'PAUSED' ? 'PAUSED' : 'RUNNING')
  }
}

async function effectsOf(
  info: ConnectorInfo,
  before: readonly OffsetEntry[],
  { wanted }: Change,
  brokers: BrokerOptions | undefined,
): Promise<Effect[]> {
  const changes = changesBetween(before, wanted)
  const ends = info.type === 'sink' ? await endsOf(brokers, changes) : undefined
  const resetsTo = info.config['consumer.override.auto.offset.reset'] ?? 'earliest'
  return changes.map((one) => effectOf(one, { type: info.type, resetsTo, ...(ends && { ends }) }))
}

function brokersOf(bootstrapServers: string | undefined, { commandConfig }: OffsetsOptions): BrokerOptions | undefined {
  if (bootstrapServers === undefined) return undefined
  return { bootstrapServers, ...(commandConfig !== undefined && { commandConfig }) }
}

async function endsOf(
  brokers: BrokerOptions | undefined,
  entries: readonly Pick<OffsetEntry, 'partition'>[],
): Promise<TopicEnds | undefined> {
  if (brokers === undefined) return undefined
  const partitions = entries.map(
    ({ partition }): Partition => ({
      topic: String(partition.kafka_topic),
      partition: Number(partition.kafka_partition),
    }),
  )
  return topicEnds(brokers, partitions)
}

/** Partitions that have something to read. */
function unread(offsets: readonly OffsetEntry[], ends: TopicEnds | undefined): ReadingPlace[] {
  return offsets.flatMap(({ partition, offset }) => {
    const { kafka_topic: topic, kafka_partition: number } = partition
    const at = kafkaOffset(offset)
    const end = ends?.get(partitionKey(partition) ?? '')?.end
    if (at === undefined || end === undefined || at >= end) return []
    return [{ topic: String(topic), partition: Number(number), offset: at }]
  })
}

function endOf(entry: OffsetEntry, ends: TopicEnds | undefined): { readonly end?: number; readonly lag?: number } {
  const found = ends?.get(partitionKey(entry.partition) ?? '')
  const offset = kafkaOffset(entry.offset)
  if (found === undefined || offset === undefined) return {}
  return { end: Number(found.end), lag: Number(found.end > offset ? found.end - offset : 0n) }
}

async function clusterOf(api: ConnectApi): Promise<string> {
  return (await api.worker()).kafka_cluster_id ?? api.http.origin
}

function describePartition({ partition }: Effect): string {
  return partitionKey(partition) ?? JSON.stringify(partition)
}

function showOffset(offset: OffsetEntry['offset']): string {
  if (offset === null) return 'none'
  const number = kafkaOffset(offset)
  return number === undefined ? JSON.stringify(offset) : String(number)
}

function total(name: string, effects: readonly Effect[]): string {
  const sum = (what: 'replays' | 'skips') =>
    effects.reduce((all, one) => all + (one[what] ?? 0), 0).toLocaleString('en')
  const unknown = effects.filter((one) => one.replays === null).length
  const doubt = unknown === 0 ? '' : `; not known for ${unknown} of ${effects.length} partitions`
  return `${name}: replays ${sum('replays')} records, skips ${sum('skips')}${doubt}`
}
