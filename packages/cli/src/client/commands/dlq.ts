// millrace dlq: look into dead letter queues, of any Kafka Connect.
import { closeSync, openSync, writeSync } from 'node:fs'
import { errorMessage } from '@millrace/api'
import { ExitCode } from '../../exit-codes.ts'
import { ClientError, usage } from '../client-error.ts'
import { type FilterOptions, filterOf, requirePlace } from '../dlq/filters.ts'
import { cut, errorName, type Letter, letterJson, originOf, placeOf, preview, textOf } from '../dlq/letter.ts'
import { isDone, NOTHING, type Progress } from '../dlq/progress.ts'
import { describeQueue, findQueue, lettersOf, QUEUE_KEY, type Queue, requireBrokers } from '../dlq/queue.ts'
import { groupOf, progressOf } from '../dlq/replay.ts'
import type { BrokerOptions } from '../offsets/brokers.ts'
import { openSession, type Session } from '../session.ts'
import type { ConnectionOptions } from '../settings.ts'

export interface DlqOptions extends ConnectionOptions {
  readonly commandConfig?: string
}
export interface LettersOptions extends DlqOptions, FilterOptions {
  readonly group?: string
  readonly pending?: boolean
  readonly limit?: string
}
export interface StatsOptions extends LettersOptions {
  readonly by?: string
}
export interface ExportOptions extends LettersOptions {
  readonly output?: string
}

const SHOWN = 20
const PREVIEW = 40

/** What a command about one queue works with. */
export interface Opened extends Session {
  readonly brokers: BrokerOptions
  readonly queue: Queue
  readonly group: string
}

/** @throws ClientError without brokers, or without such a queue */
export async function openQueue(name: string, options: LettersOptions): Promise<Opened> {
  const session = openSession(options)
  const brokers = requireBrokers(session.settings.bootstrapServers, options.commandConfig)
  const queue = await findQueue(brokers, session.api, name)
  return { ...session, brokers, queue, group: options.group ?? groupOf(queue.topic) }
}

/** A whole number above 0. @throws ClientError */
export function requireCount(option: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw usage(`${option} ${text} is no number above 0.`)
  return Number(text)
}

/** Prints the queues of all connectors of a cluster. */
export async function listQueues(options: DlqOptions): Promise<void> {
  const { api, out, settings } = openSession(options)
  const brokers = requireBrokers(settings.bootstrapServers, options.commandConfig)
  const rows: { connector: string; topic: string; letters: number | null; tolerance: string }[] = []
  for (const [connector, { info }] of [...(await api.all())].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const topic = info.config[QUEUE_KEY]
    if (topic == null || topic === '') continue
    const queue = await describeQueue(brokers, topic)
    const letters = queue?.partitions.reduce((sum, { start, end }) => sum + end - start, 0) ?? null
    rows.push({ connector, topic, letters, tolerance: info.config['errors.tolerance'] ?? 'none' })
  }
  out.data(rows)
  out.table(
    ['CONNECTOR', 'QUEUE', 'LETTERS', 'TOLERANCE'],
    rows.map((one) => [
      one.connector,
      one.topic,
      one.letters === null ? 'no topic yet' : String(one.letters),
      one.tolerance,
    ]),
  )
}

/** Prints the newest letters that fit. */
export async function listLetters(name: string, options: LettersOptions): Promise<void> {
  const limit = options.limit === undefined ? SHOWN : requireCount('--limit', options.limit)
  const opened = await openQueue(name, options)
  const { out } = opened
  const newest: { letter: Letter; done: boolean }[] = []
  let count = 0
  for await (const one of chosen(opened, options)) {
    count++
    newest.push(one)
    if (newest.length > limit * 2) newest.splice(0, newest.length - limit)
  }
  newest.splice(0, newest.length - limit)
  out.data(newest.map(({ letter, done }) => letterJson(letter, done)))
  out.table(
    ['PLACE', 'TIME', 'CONNECTOR', 'STAGE', 'ERROR', 'FROM', 'KEY', 'VALUE', ''],
    newest.map(({ letter, done }) => [
      placeOf(letter),
      timeText(letter.timestamp),
      letter.context['connector.name'] ?? '',
      letter.context.stage ?? '',
      errorName(letter),
      cut(originOf(letter), PREVIEW),
      preview(letter.key, PREVIEW / 2),
      preview(letter.value, PREVIEW),
      done ? 'replayed' : '',
    ]),
  )
  if (count > newest.length)
    out.line(`The newest ${newest.length} of ${count.toLocaleString('en')} letters; --limit shows more.`)
}

/** Prints one letter whole. */
export async function showLetter(name: string, place: string, options: LettersOptions): Promise<void> {
  const wanted = requirePlace(place)
  const opened = await openQueue(name, options)
  const { out, queue } = opened
  const [partition, offset] = wanted.split(':').map(Number) as [number, number]
  const only = queue.partitions
    .filter((one) => one.partition === partition)
    .map((one) => ({ ...one, start: Math.max(one.start, offset), end: Math.min(one.end, offset + 1) }))
  for await (const { letter, done } of chosen({ ...opened, queue: { ...queue, partitions: only } }, {})) {
    out.data(letterJson(letter, done))
    for (const line of letterLines(letter, done)) out.line(line)
    return
  }
  throw new ClientError(ExitCode.NOT_FOUND, `There is no letter at ${wanted} of ${queue.topic}.`)
}

function letterLines(letter: Letter, done: boolean): string[] {
  const { 'exception.stacktrace': stack, ...context } = letter.context
  const text = (bytes: Buffer | null) => textOf(bytes) ?? preview(bytes, 400)
  return [
    `Letter:    ${placeOf(letter)} of ${letter.queue}${done ? ', replayed' : ''}`,
    `Time:      ${timeText(letter.timestamp)}`,
    `From:      ${originOf(letter)}`,
    ...Object.entries(context).map(([key, value]) => `  ${key}: ${value ?? 'null'}`),
    `Key:       ${text(letter.key)}`,
    `Value:     ${text(letter.value)}`,
    ...letter.headers.map(({ key, value }) => `Header:    ${key}: ${text(value)}`),
    ...(stack == null
      ? []
      : [
          'Trace:',
          ...stack
            .trimEnd()
            .split('\n')
            .map((line) => `  ${line}`),
        ]),
  ]
}

/** What letters can be counted by. */
const GROUPS: Readonly<Record<string, (letter: Letter) => string>> = {
  error: errorName,
  stage: ({ context }) => context.stage ?? '',
  class: ({ context }) => context['class.name'] ?? '',
  connector: ({ context }) => context['connector.name'] ?? '',
  topic: ({ context }) => context.topic ?? '',
  // Numbers and quoted texts differ from record to record: without them what is the same is counted together.
  message: ({ context }) => cut((context['exception.message'] ?? '').replaceAll(/"[^"]*"|'[^']*'|\d+/g, '…'), 100),
  day: ({ timestamp }) => timeText(timestamp).slice(0, 10),
}
const DEFAULT_GROUPS = 'connector,stage,error'

interface Count {
  readonly group: readonly string[]
  count: number
  pending: number
  first: number
  last: number
  /** Place of the newest. */
  at: string
}

/** Prints how many letters there are of each kind. */
export async function showStats(name: string, options: StatsOptions): Promise<void> {
  const fields = (options.by ?? DEFAULT_GROUPS).split(',').map((one) => one.trim())
  const unknown = fields.find((one) => GROUPS[one] === undefined)
  if (unknown !== undefined) {
    throw usage(`Letters are not counted by '${unknown}', but by ${Object.keys(GROUPS).join(', ')}.`)
  }
  const opened = await openQueue(name, options)
  const { out } = opened
  const counts = new Map<string, Count>()
  for await (const { letter, done } of chosen(opened, options)) {
    const group = fields.map((field) => GROUPS[field]!(letter))
    const key = group.join('\0')
    const { timestamp } = letter
    let one = counts.get(key)
    if (one === undefined)
      counts.set(key, (one = { group, count: 0, pending: 0, first: timestamp, last: timestamp, at: '' }))
    one.count++
    if (!done) one.pending++
    one.first = Math.min(one.first, timestamp)
    one.last = Math.max(one.last, timestamp)
    one.at = placeOf(letter)
  }
  const sorted = [...counts.values()].sort((a, b) => b.count - a.count)
  out.data(
    sorted.map(({ group, first, last, ...one }) => ({
      ...Object.fromEntries(fields.map((field, at) => [field, group[at]])),
      ...one,
      first: timeText(first),
      last: timeText(last),
    })),
  )
  out.table(
    [...fields.map((field) => field.toUpperCase()), 'LETTERS', 'TO REPLAY', 'FIRST', 'LAST', 'NEWEST'],
    sorted.map(({ group, count, pending, first, last, at }) => [
      ...group,
      String(count),
      String(pending),
      timeText(first),
      timeText(last),
      at,
    ]),
  )
}

/** Prints letters as JSON, one a line, to a file or to standard output. */
export async function exportLetters(name: string, options: ExportOptions): Promise<void> {
  const opened = await openQueue(name, options)
  const limit = options.limit === undefined ? Number.POSITIVE_INFINITY : requireCount('--limit', options.limit)
  const file = options.output === undefined || options.output === '-' ? null : openFile(options.output)
  let count = 0
  try {
    for await (const { letter, done } of chosen(opened, options)) {
      const line = JSON.stringify(letterJson(letter, done))
      if (file === null) console.log(line)
      else writeSync(file, `${line}\n`)
      if (++count >= limit) break
    }
  } finally {
    if (file !== null) closeSync(file)
  }
  if (file === null) return
  opened.out.data({ queue: opened.queue.topic, file: options.output, letters: count })
  opened.out.line(`${count.toLocaleString('en')} letters of ${opened.queue.topic} are in ${options.output}.`)
}

function openFile(path: string): number {
  try {
    return openSync(path, 'w', 0o600)
  } catch (cause) {
    throw new ClientError(ExitCode.START, `Cannot write ${path}: ${errorMessage(cause)}`, { cause })
  }
}

/** Letters that fit, each with whether it has been replayed. */
export async function* chosen(
  { brokers, queue, group }: Pick<Opened, 'brokers' | 'queue' | 'group'>,
  options: LettersOptions,
): AsyncGenerator<{ readonly letter: Letter; readonly done: boolean }> {
  const filter = filterOf(options)
  const progress: ReadonlyMap<number, Progress> = await progressOf(brokers, queue, group)
  for await (const letter of lettersOf(brokers, queue)) {
    if (!filter(letter)) continue
    const done = isDone(progress.get(letter.partition) ?? NOTHING, letter.offset)
    if (options.pending !== true || !done) yield { letter, done }
  }
}

function timeText(timestamp: number): string {
  return timestamp < 0 ? '' : new Date(timestamp).toISOString()
}
