// Which offsets a command line asks for.
import { readFileSync } from 'node:fs'
import { errorMessage } from '@millrace/api'
import { ExitCode } from '../../exit-codes.ts'
import { ClientError, usage } from '../client-error.ts'
import type { OffsetEntry } from '../connect-api.ts'
import { exactNumber, parseExact } from '../exact-json.ts'
import { TIME_FORMS, timeOf } from '../times.ts'
import { type BrokerOptions, offsetsAt, type Partition } from './brokers.ts'
import { kafkaOffset, partitionKey } from './effect.ts'

/** Options that say what to set. */
export interface WantedOptions {
  readonly filename?: string
  /** A sink's place: an offset, `+n`, `-n`, `earliest`, `latest`, or a time. */
  readonly to?: string
  readonly topic?: string
  /** Numbers of the topic's partitions, with commas between. */
  readonly partition?: string
  readonly sourcePartition?: string
  readonly sourceOffset?: string
}

const FORMS = 'Give -f file.json, or --to for a sink, or --source-offset for a source.'

/** The entries to set. `current` are the offsets as they are. @throws ClientError for what makes no sense */
export async function wantedEntries(
  options: WantedOptions,
  type: string,
  current: readonly OffsetEntry[],
  brokers: BrokerOptions | undefined,
): Promise<OffsetEntry[]> {
  const ways = [options.filename, options.to, options.sourceOffset].filter((one) => one !== undefined)
  if (ways.length !== 1)
    throw usage(ways.length === 0 ? 'It is not said what to set the offsets to.' : 'Only one way at a time.', FORMS)
  if (options.filename !== undefined) return fromFile(options.filename)
  if (options.to !== undefined) {
    if (type !== 'sink') throw usage(`--to is for sinks; this is a ${type}. Its offsets are set with --source-offset.`)
    return sinkEntries(options.to, options, current, brokers)
  }
  if (type === 'sink') throw usage('--source-offset is for sources; the offsets of a sink are set with --to.')
  return [sourceEntry(options, current)]
}

function fromFile(path: string): OffsetEntry[] {
  let value: unknown
  try {
    value = parseExact(readFileSync(path === '-' ? 0 : path, 'utf8'))
  } catch (cause) {
    throw new ClientError(ExitCode.START, `Cannot use the offsets of ${path}: ${errorMessage(cause)}`, { cause })
  }
  const list = isObject(value) ? value.offsets : value
  const isEntry = (one: unknown) =>
    isObject(one) && isObject(one.partition) && (one.offset === null || isObject(one.offset))
  if (Array.isArray(list) && list.length > 0 && list.every(isEntry)) return list as OffsetEntry[]
  throw new ClientError(
    ExitCode.START,
    `${path} holds no offsets: they look like {"offsets": [{"partition": {...}, "offset": {...}}]}, as millrace offsets get --json prints them.`,
  )
}

async function sinkEntries(
  to: string,
  options: WantedOptions,
  current: readonly OffsetEntry[],
  brokers: BrokerOptions | undefined,
): Promise<OffsetEntry[]> {
  const partitions = partitionsOf(options, current)
  const offsets = await placeOf(to, partitions, current, brokers)
  return partitions.map(({ topic, partition }, at) => ({
    partition: { kafka_topic: topic, kafka_partition: partition },
    offset: { kafka_offset: exactNumber(offsets[at]!) },
  }))
}

/** Those named, else those that have offsets. */
function partitionsOf({ topic, partition }: WantedOptions, current: readonly OffsetEntry[]): Partition[] {
  if (partition !== undefined && topic === undefined) throw usage('--partition goes with --topic.')
  if (topic !== undefined && partition !== undefined) {
    return partition.split(',').map((text) => {
      if (!/^\s*\d+\s*$/.test(text)) throw usage(`'${text}' is no partition: partitions are numbers from 0.`)
      return { topic, partition: Number(text) }
    })
  }
  const known = current.flatMap(({ partition: one }) =>
    partitionKey(one) === undefined ? [] : [{ topic: String(one.kafka_topic), partition: Number(one.kafka_partition) }],
  )
  const found = topic === undefined ? known : known.filter((one) => one.topic === topic)
  if (found.length > 0) return found
  throw new ClientError(ExitCode.NOT_FOUND, 'There are no offsets yet that would say which partitions are meant.', {
    action: 'Name them with --topic and --partition.',
  })
}

async function placeOf(
  to: string,
  partitions: readonly Partition[],
  current: readonly OffsetEntry[],
  brokers: BrokerOptions | undefined,
): Promise<bigint[]> {
  if (/^\d+$/.test(to)) return partitions.map(() => BigInt(to))
  if (/^[+-]\d+$/.test(to)) {
    const now = new Map(current.map((one) => [partitionKey(one.partition), kafkaOffset(one.offset)]))
    return partitions.map(({ topic, partition }) => {
      const from = now.get(`${topic}-${partition}`)
      if (from === undefined) throw usage(`${topic}-${partition} has no offset that '${to}' could be counted from.`)
      const moved = from + BigInt(to)
      return moved < 0n ? 0n : moved
    })
  }
  const time = timeOf(to)
  const word = to === 'earliest' || to === 'latest' ? to : undefined
  if (word === undefined && time === undefined) {
    throw usage(`'${to}' is no place: it may be an offset, +n, -n, earliest, latest, or a time as ${TIME_FORMS}.`)
  }
  if (brokers === undefined) {
    throw usage(`Only the brokers know where '${to}' is.`, 'Name them with --bootstrap-servers, or in a context.')
  }
  return offsetsAt(brokers, partitions, word ?? (time as number))
}

function sourceEntry({ sourcePartition, sourceOffset }: WantedOptions, current: readonly OffsetEntry[]): OffsetEntry {
  const offset = sourceOffset === 'null' ? null : json(sourceOffset!, '--source-offset')
  if (sourcePartition !== undefined) return { partition: json(sourcePartition, '--source-partition'), offset }
  const [only, ...others] = current
  if (only === undefined || others.length > 0) {
    throw usage(`The source has ${current.length} partitions with offsets: say which with --source-partition '{...}'.`)
  }
  return { partition: only.partition, offset }
}

function json(text: string, option: string): Record<string, unknown> {
  try {
    const value = parseExact(text)
    if (isObject(value)) return value
  } catch {
    // Said below.
  }
  throw usage(`${option} must be a JSON object, not ${text}.`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
