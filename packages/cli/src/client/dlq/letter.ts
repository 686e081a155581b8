// A dead letter, decoded: what failed, where it came from, and what its bytes look like. The headers are the reference's (KIP-298), so
// letters of a JVM's Connect are read like ours.

/** What the headers of the framework begin with. */
export const CONTEXT_PREFIX = '__connect.errors.'

/** A header of the record itself. */
export interface LetterHeader {
  readonly key: string
  readonly value: Buffer | null
}

/** A record of a dead letter queue. */
export interface Letter {
  /** Where it lies in the queue. */
  readonly queue: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds since the epoch: mostly that of the record that failed. */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** Headers of its own, without those of the framework. */
  readonly headers: readonly LetterHeader[]
  /** The framework's headers, without their prefix: `topic`, `exception.class.name` and so on. Empty where they are not enabled. */
  readonly context: Readonly<Record<string, string | null>>
}

/** `0:17`, partition and offset: how a letter is named on the command line. */
export function placeOf({ partition, offset }: Pick<Letter, 'partition' | 'offset'>): string {
  return `${partition}:${offset}`
}

/** True for what a source polled: it lies in the queue as JSON, not as the source's converter would have written it. */
export function isOfSource({ context }: Letter): boolean {
  return context['source.offset'] !== undefined || context['source.partition'] !== undefined
}

/** Where the record came from: topic, partition and offset of a sink's; of a source's what it read. */
export function originOf(letter: Letter): string {
  const { topic, partition, offset } = letter.context
  if (isOfSource(letter)) return `${letter.context['source.partition'] ?? ''} ${letter.context['source.offset'] ?? ''}`
  return topic == null ? '' : [topic, partition, offset].filter((one) => one != null).join('-')
}

/** The last part of the error's class. */
export function errorName({ context }: Letter): string {
  return (context['exception.class.name'] ?? '').replace(/^.*\./, '')
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
/** Of a binary value so many bytes are shown. */
const SHOWN_BYTES = 64

/** The bytes as text, or undefined when they are none. */
export function textOf(bytes: Buffer | null): string | undefined {
  if (bytes === null) return undefined
  try {
    const text = utf8.decode(bytes)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they tell that this is no text.
    return /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

/** What people see of a key or a value, in one line of at most `most` characters. */
export function preview(bytes: Buffer | null, most: number): string {
  if (bytes === null) return 'null'
  const text = textOf(bytes)
  if (text !== undefined) return cut(text.replaceAll(/\s+/g, ' '), most)
  // The framing of schema registries: a zero, and the id of the schema in four bytes.
  const schema = bytes.length >= 5 && bytes[0] === 0 ? `schema ${bytes.readUInt32BE(1)}, ` : ''
  return cut(`(${schema}${bytes.length} bytes) ${bytes.subarray(0, SHOWN_BYTES).toString('hex')}`, most)
}

/** At most so many characters. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}

/** A letter as JSON: bytes as text where they are UTF-8, else in base64. */
export interface LetterJson {
  readonly queue: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: BytesJson
  readonly value: BytesJson
  readonly headers: readonly { readonly key: string; readonly value: BytesJson }[]
  readonly context: Readonly<Record<string, string | null>>
  readonly replayed?: boolean
}
export type BytesJson = string | null | { readonly base64: string }

/** @param replayed whether it has been replayed, where that is known */
export function letterJson(letter: Letter, replayed?: boolean): LetterJson {
  const { queue, partition, offset, timestamp, context } = letter
  return {
    queue,
    partition,
    offset,
    timestamp,
    key: bytesJson(letter.key),
    value: bytesJson(letter.value),
    headers: letter.headers.map(({ key, value }) => ({ key, value: bytesJson(value) })),
    context,
    ...(replayed !== undefined && { replayed }),
  }
}

function bytesJson(bytes: Buffer | null): BytesJson {
  if (bytes === null) return null
  try {
    return utf8.decode(bytes)
  } catch {
    return { base64: bytes.toString('base64') }
  }
}

/** Bytes of {@link BytesJson}; undefined for anything else. */
export function bytesOfJson(value: unknown): Buffer | null | undefined {
  if (value === null) return null
  if (typeof value === 'string') return Buffer.from(value)
  const base64 = typeof value === 'object' ? Reflect.get(value as object, 'base64') : undefined
  return typeof base64 === 'string' ? Buffer.from(base64, 'base64') : undefined
}
