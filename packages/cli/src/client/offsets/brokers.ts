// What REST cannot tell: where the partitions of topics begin and end, and which offset belongs to a time.
import { readFileSync } from 'node:fs'
import { errorMessage } from '@millrace/api'
import { ExitCode } from '../../exit-codes.ts'
import { ClientError } from '../client-error.ts'
import type { TopicEnds } from './effect.ts'

/** How to reach the brokers. */
export interface BrokerOptions {
  readonly bootstrapServers: string
  /** A .properties file of a Kafka client: security settings. */
  readonly commandConfig?: string
}

/** A partition of a topic. */
export interface Partition {
  readonly topic: string
  readonly partition: number
}

/** Which offset: the first, the end, or that of the first record not older than a time (ms since 1970). */
export type Place = 'earliest' | 'latest' | number

/** First offset and end of each partition. @throws ClientError when the brokers cannot be asked */
export async function topicEnds(options: BrokerOptions, partitions: readonly Partition[]): Promise<TopicEnds> {
  const [starts, ends] = [
    await offsetsAt(options, partitions, 'earliest'),
    await offsetsAt(options, partitions, 'latest'),
  ]
  return new Map(
    partitions.map(({ topic, partition }, at) => [`${topic}-${partition}`, { start: starts[at]!, end: ends[at]! }]),
  )
}

/** Offset at a place of each partition; the end where no record is that young. */
export async function offsetsAt(
  options: BrokerOptions,
  partitions: readonly Partition[],
  at: Place,
): Promise<bigint[]> {
  if (partitions.length === 0) return []
  const { Admin } = await import('@millrace/kafka')
  try {
    await using admin = Admin.create(await brokerProps(options))
    const found = await admin.listOffsets(partitions.map((one) => ({ ...one, at })))
    const offsets = found.map((one) => BigInt(one.offset))
    if (offsets.every((offset) => offset >= 0n)) return offsets
    const ends = await admin.listOffsets(partitions.map((one) => ({ ...one, at: 'latest' as const })))
    return offsets.map((offset, n) => (offset >= 0n ? offset : BigInt(ends[n]!.offset)))
  } catch (cause) {
    if (cause instanceof ClientError) throw cause
    throw new ClientError(
      ExitCode.UNREACHABLE,
      `The brokers at ${options.bootstrapServers} do not tell offsets: ${errorMessage(cause)}`,
      {
        cause,
      },
    )
  }
}

/** Properties of a Kafka client for these brokers. @throws ClientError for a file that cannot be read */
export async function brokerProps({ bootstrapServers, commandConfig }: BrokerOptions): Promise<Record<string, string>> {
  const address = { 'bootstrap.servers': bootstrapServers, 'default.api.timeout.ms': '15000' }
  if (commandConfig === undefined) return address
  try {
    const { getProperties } = await import('properties-file')
    return { ...getProperties(readFileSync(commandConfig, 'utf8')), ...address }
  } catch (cause) {
    throw new ClientError(ExitCode.START, `Cannot read ${commandConfig} of --command-config: ${errorMessage(cause)}`, {
      cause,
    })
  }
}
