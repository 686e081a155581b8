// What is changed of a letter before it is replayed: by a function in a file, by edits of its JSON, or by an edited export.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { errorMessage } from '@millrace/api'
import { ExitCode } from '../../exit-codes.ts'
import { ClientError, usage } from '../client-error.ts'
import { parseExact } from '../exact-json.ts'
import { bytesOfJson, type Letter, type LetterHeader, placeOf, textOf } from './letter.ts'

/** Options that say what to change. */
export interface FixOptions {
  /** A .ts or .js file whose default export is a function of a letter. */
  readonly with?: string
  /** `path=json` within the JSON of the value. */
  readonly set?: readonly string[]
  readonly remove?: readonly string[]
  /** What `dlq export` printed, edited: only these letters, with their keys, values and headers. */
  readonly from?: string
}

/** What is to be written instead of a letter. */
export interface Fixed {
  /** Null: where it came from, or where the command line says. */
  readonly topic: string | null
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly LetterHeader[]
}

/** What becomes of a letter; null when it is to stay in the queue. @throws what is wrong with it */
export type Fix = (letter: Letter) => Promise<Fixed | null>

/** What a function in a file gets: bytes, and what they are as text and as JSON. */
export interface LetterToFix extends Letter {
  /** The value as text. @throws TypeError when it is none */
  readonly text: string
  /** The value as JSON; a new one each time. @throws SyntaxError when it is none */
  readonly json: unknown
}

/** @throws ClientError for options that do not fit, and for a file that cannot be used */
export async function fixOf(options: FixOptions): Promise<Fix | undefined> {
  const edits = (options.set?.length ?? 0) + (options.remove?.length ?? 0)
  const ways = [options.with !== undefined, edits > 0, options.from !== undefined].filter(Boolean)
  if (ways.length > 1) throw usage('Only one way to change letters at a time: --with, --set and --remove, or --from.')
  if (options.with !== undefined) return byFunction(options.with)
  if (options.from !== undefined) return byExport(options.from)
  return edits > 0 ? byEdits(options) : undefined
}

/** A letter as it is. */
export const unchanged: Fix = async (letter) => asIs(letter)

function asIs({ key, value, headers }: Letter): Fixed {
  return { topic: null, key, value, headers }
}

async function byFunction(path: string): Promise<Fix> {
  let module: { readonly default?: unknown }
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as typeof module
  } catch (cause) {
    throw new ClientError(ExitCode.START, `Cannot use ${path}: ${errorMessage(cause)}`, { cause })
  }
  const change = module.default
  if (typeof change !== 'function') {
    throw new ClientError(ExitCode.START, `${path} has no default export that is a function of a letter.`)
  }
  return async (letter) => {
    const answer: unknown = await change(toFix(letter))
    return answer === null ? null : fixedBy(letter, answer)
  }
}

function toFix(letter: Letter): LetterToFix {
  return Object.defineProperties({ ...letter } as LetterToFix, {
    text: {
      get: () => {
        const text = textOf(letter.value)
        if (text === undefined) throw new TypeError('The value is no text')
        return text
      },
    },
    json: { get: () => JSON.parse(letter.value?.toString('utf8') ?? 'null') as unknown },
  })
}

function fixedBy(letter: Letter, answer: unknown): Fixed {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    throw new TypeError(
      `The function must return an object with what is to be different (key, value, headers, topic), or null; it returned ${answer === undefined ? 'nothing' : typeof answer}`,
    )
  }
  const { key, value, headers, topic } = answer as Readonly<Record<string, unknown>>
  if (topic !== undefined && typeof topic !== 'string') throw new TypeError('topic must be a text')
  return {
    topic: topic ?? null,
    key: key === undefined ? letter.key : bytesBy(key),
    value: value === undefined ? letter.value : bytesBy(value),
    headers: headers === undefined ? letter.headers : headersBy(headers),
  }
}

/** Text as UTF-8, bytes as they are, anything else as JSON. */
function bytesBy(value: unknown): Buffer | null {
  if (value === null) return null
  if (typeof value === 'string') return Buffer.from(value)
  if (value instanceof Uint8Array) return Buffer.from(value)
  const json = JSON.stringify(value)
  if (json === undefined) throw new TypeError(`A ${typeof value} is no key or value`)
  return Buffer.from(json)
}

function headersBy(value: unknown): LetterHeader[] {
  if (!Array.isArray(value)) throw new TypeError('headers must be a list of {key, value}')
  return value.map((one: unknown) => {
    const { key, value: bytes } = (one ?? {}) as { readonly key?: unknown; readonly value?: unknown }
    if (typeof key !== 'string') throw new TypeError('A header must have a key')
    return { key, value: bytesBy(bytes ?? null) }
  })
}

type Edit = (root: unknown) => unknown

function byEdits({ set = [], remove = [] }: FixOptions): Fix {
  const edits: Edit[] = [
    ...set.map((one) => {
      const at = one.indexOf('=')
      if (at < 1) throw usage(`--set ${one} is no change: it is path=json, as payload.amount=5.`)
      const value = jsonOrText(one.slice(at + 1))
      return editAt(one.slice(0, at), (holder, key) => void Reflect.set(holder, key, value))
    }),
    ...remove.map((path) =>
      editAt(path, (holder, key) => {
        if (Array.isArray(holder)) holder.splice(Number(key), 1)
        else Reflect.deleteProperty(holder, key)
      }),
    ),
  ]
  return async (letter) => {
    const text = textOf(letter.value)
    if (text === undefined) throw new TypeError('The value is no JSON: --set and --remove change JSON only')
    const root = edits.reduce((value, edit) => edit(value), parseExact(text))
    return { ...asIs(letter), value: Buffer.from(JSON.stringify(root)) }
  }
}

/** A change of what a path of names and numbers, with dots between, leads to. */
function editAt(path: string, change: (holder: object, key: string) => void): Edit {
  const names = path.split('.')
  const last = names.pop() as string
  return (root) => {
    let holder: unknown = root
    for (const [at, name] of names.entries()) {
      holder =
        typeof holder === 'object' && holder !== null && Object.hasOwn(holder, name)
          ? Reflect.get(holder, name)
          : undefined
      if (holder === undefined) throw new TypeError(`The value has no ${names.slice(0, at + 1).join('.')}`)
    }
    if (typeof holder !== 'object' || holder === null)
      throw new TypeError(`${names.join('.') || 'The value'} is no object`)
    change(holder, last)
    return root
  }
}

/** Whatever is no JSON is text: `name=Ann` needs no quotes. */
function jsonOrText(text: string): unknown {
  try {
    return parseExact(text)
  } catch {
    return text
  }
}

function byExport(path: string): Fix {
  let text: string
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch (cause) {
    throw new ClientError(ExitCode.START, `Cannot read the letters of ${path}: ${errorMessage(cause)}`, { cause })
  }
  const letters = new Map<string, Fixed>()
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const [place, fixed] = exported(line, path, at + 1)
    letters.set(place, fixed)
  }
  return async (letter) => letters.get(placeOf(letter)) ?? null
}

function exported(line: string, path: string, number: number): [place: string, fixed: Fixed] {
  try {
    const one = JSON.parse(line) as Readonly<Record<string, unknown>>
    const [key, value] = [bytesOfJson(one.key), bytesOfJson(one.value)]
    if (!(Number.isInteger(one.partition) && Number.isInteger(one.offset)))
      throw new TypeError('it has no partition and offset')
    if (key === undefined || value === undefined)
      throw new TypeError('its key or value is neither text, null nor {"base64": ...}')
    const headers = ((one.headers ?? []) as { readonly key: string; readonly value: unknown }[]).map((header) => ({
      key: header.key,
      value: bytesOfJson(header.value) ?? null,
    }))
    const place = placeOf({ partition: one.partition as number, offset: one.offset as number })
    return [place, { topic: null, key, value, headers }]
  } catch (cause) {
    throw new ClientError(ExitCode.START, `Line ${number} of ${path} is no exported letter: ${errorMessage(cause)}`, {
      cause,
    })
  }
}
