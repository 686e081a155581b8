// Signals: what a user asks of a running connector, by a row of a table, a line of a file, or a record.
import { open, readFile } from 'node:fs/promises'
import { type Logger, type Schema, SourceRecord, type Value } from '@millrace/api'

/** One signal. */
export interface Signal {
  readonly id: string
  readonly type: string
  /** JSON, or null. */
  readonly data: string | null
}

/**
 * The signal of a row written to the signal table: its first three columns are id, type and data, whatever their names.
 * @returns null for a row of another shape
 */
export function signalOfRow(schema: Schema, row: Value): Signal | null {
  if (row === null || typeof row !== 'object' || schema.fields.length !== 3) return null
  const [id, type, data] = schema.fields.map(({ name }) => (row as Readonly<Record<string, Value>>)[name] ?? null)
  if (typeof id !== 'string' || typeof type !== 'string') return null
  return { id, type, data: typeof data === 'string' ? data : null }
}

/** Reads a signal of JSON, `{id, type, data}`. @throws SyntaxError or TypeError when it is none */
export function signalOfJson(text: string): Signal {
  const { id, type, data } = JSON.parse(text) as Readonly<Record<string, unknown>>
  if (id === undefined || typeof type !== 'string') throw new TypeError('A signal has an id and a type')
  return { id: String(id), type, data: data === undefined ? null : JSON.stringify(data) }
}

/** Takes the signals out of a file, a JSON object a line, and empties it. Lines that are none are left out with a warning. */
export async function takeFileSignals(path: string, log: Logger): Promise<Signal[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  if (text === '') return []
  const file = await open(path, 'r+')
  try {
    await file.truncate(0)
  } finally {
    await file.close()
  }
  const signals: Signal[] = []
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    try {
      signals.push(signalOfJson(line))
    } catch (error) {
      log.warn(`A line of ${path} is no signal and was left out`, { error })
    }
  }
  return signals
}

/** Data of `execute-snapshot` and `stop-snapshot`. */
export interface SnapshotRequest {
  readonly kind: 'incremental' | 'blocking'
  /** Regular expressions for tables; empty stands for all, when stopping. */
  readonly collections: readonly string[]
  readonly conditions: readonly { readonly collection: string; readonly filter: string }[]
  /** A column that orders the table in place of its key; null for the key. */
  readonly surrogateKey: string | null
}

/** Reads the data of a snapshot signal; a text that says what is wrong with it, where something is. */
export function snapshotRequest(signal: Signal): SnapshotRequest | string {
  let data: Readonly<Record<string, unknown>>
  try {
    data = JSON.parse(signal.data ?? '{}') as typeof data
  } catch {
    return 'its data is not JSON'
  }
  const kind = String(data.type ?? 'incremental').toLowerCase()
  if (kind !== 'incremental' && kind !== 'blocking') return `its type ${kind} is neither incremental nor blocking`
  const collections = data['data-collections'] ?? []
  if (!Array.isArray(collections) || collections.some((one) => typeof one !== 'string')) {
    return 'its data-collections is not a list of names'
  }
  if (collections.length === 0 && signal.type === 'execute-snapshot') return 'its data-collections is missing or empty'
  const conditions = (data['additional-conditions'] ?? []) as readonly Readonly<Record<string, unknown>>[]
  const surrogate = data['surrogate-key']
  return {
    kind,
    collections: collections.map((one: string) => one.trim()),
    conditions: conditions.map((one) => ({ collection: String(one['data-collection']), filter: String(one.filter) })),
    surrogateKey: typeof surrogate === 'string' && surrogate.trim() !== '' ? surrogate : null,
  }
}

/** What a type of signal does. An action that throws is logged; the connector goes on. */
export type SignalAction = (signal: Signal) => void | Promise<void>

/** Hands signals to actions, one after the other. */
export class SignalProcessor {
  readonly #actions = new Map<string, SignalAction>()
  readonly #log: Logger

  constructor(log: Logger) {
    this.#log = log
    this.on('log', ({ data }) => {
      const { message } = JSON.parse(data ?? '{}') as { readonly message?: string }
      if (message === undefined || message === '') log.warn('A signal of type log has no message')
      else log.info(message)
    })
  }

  /** Sets the action of a type. */
  on(type: string, action: SignalAction): this {
    this.#actions.set(type, action)
    return this
  }

  async process(signal: Signal): Promise<void> {
    const action = this.#actions.get(signal.type)
    if (action === undefined) {
      this.#log.warn(
        `Signal ${signal.id} has the unknown type ${signal.type}; known are ${[...this.#actions.keys()].join(', ')}`,
      )
      return
    }
    try {
      await action(signal)
    } catch (error) {
      this.#log.error(`Signal ${signal.id} of type ${signal.type} failed`, { error })
    }
  }
}

/** A notification. */
export interface Notification {
  readonly id: string
  /** `Initial Snapshot`, `Incremental Snapshot`. */
  readonly aggregateType: string
  /** `STARTED`, `COMPLETED` and others. */
  readonly type: string
  readonly additionalData: Readonly<Record<string, string>>
  /** Milliseconds since the epoch. */
  readonly timestamp: number
}

/** The record of a notification on its topic; schemas from `notificationSchemas`. */
export function notificationRecord(
  notification: Notification,
  topic: string,
  schemas: { readonly key: Schema; readonly value: Schema },
  at: { readonly partition: SourceRecord['sourcePartition']; readonly offset: SourceRecord['sourceOffset'] },
): SourceRecord {
  const { id, type, aggregateType, additionalData, timestamp } = notification
  return new SourceRecord({
    sourcePartition: at.partition,
    sourceOffset: at.offset,
    topic,
    keySchema: schemas.key,
    key: { id },
    valueSchema: schemas.value,
    value: {
      id,
      type,
      aggregate_type: aggregateType,
      additional_data: new Map(Object.entries(additionalData)),
      timestamp,
    },
  })
}
