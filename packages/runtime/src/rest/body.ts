// Request bodies as the reference's JSON mapper takes them: numbers and booleans become text where text is wanted, what does
// not fit is a 500 (that is how the reference answers, and clients know it).
import type { OffsetMap, RawConfig } from '@millrace/api'
import type { OffsetEntry } from '../control/entities.ts'
import { RestException } from '../control/errors.ts'
import { parseExact } from '../control/offset-json.ts'
import type { TargetState } from '../plane/messages.ts'

/** A create request. */
export interface CreateRequest {
  readonly name: string
  readonly config: RawConfig
  readonly initialState: TargetState | undefined
}

const CREATE_KEYS = new Set(['name', 'config', 'initial_state'])
const INITIAL_STATES: Readonly<Record<string, TargetState>> = {
  RUNNING: 'STARTED',
  PAUSED: 'PAUSED',
  STOPPED: 'STOPPED',
}

/** A number as it was written: `1.0` must not become `1` when it is taken as text. */
class NumberText {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** Body of POST /connectors. */
export function readCreateRequest(text: string): CreateRequest {
  const body = object(parse(text), 'The request body')
  const extra = Object.keys(body).find((key) => !CREATE_KEYS.has(key))
  if (extra !== undefined) {
    throw misfit(`Unrecognized field "${extra}" in the request body; known are "name", "config" and "initial_state".`)
  }
  if (body.config === undefined || body.config === null) {
    throw misfit('The request body has no "config": send {"name": "...", "config": {...}}.')
  }
  return {
    name: (textOf(body.name, 'name') ?? '').trim(),
    config: stringMap(body.config, 'config'),
    initialState: initialState(textOf(body.initial_state, 'initial_state')),
  }
}

/** A configuration: a map of texts, nulls allowed. */
export function readConfig(text: string): RawConfig {
  const body = parse(text)
  if (body === null) throw misfit('The request body is null: send a configuration, {"key": "value", ...}.')
  return stringMap(body, '')
}

/** A list of configurations. */
export function readConfigs(text: string): RawConfig[] {
  const body = parse(text)
  if (!Array.isArray(body)) throw misfit('The request body is no list of configurations.')
  return body.map((one) => stringMap(one, ''))
}

/** Body of PATCH /connectors/{c}/offsets. Null or empty lists come back empty. */
export function readOffsets(text: string): OffsetEntry[] {
  const body = object(parse(text, parseExact), 'The request body')
  const extra = Object.keys(body).find((key) => key !== 'offsets')
  if (extra !== undefined) throw misfit(`Unrecognized field "${extra}" in the request body; known is "offsets".`)
  if (body.offsets === undefined || body.offsets === null) return []
  if (!Array.isArray(body.offsets)) throw misfit('"offsets" is no list.')
  return body.offsets.map((one) => {
    const entry = object(one, 'An entry of "offsets"')
    return { partition: flatMap(entry.partition, 'partition'), offset: flatMap(entry.offset, 'offset') }
  })
}

/** `level` of PUT /admin/loggers/{l}; null when it is missing. */
export function readLevel(text: string): string | null {
  return stringMap(parse(text), '').level ?? null
}

function parse(text: string, parser: (text: string) => unknown = parseKeepingNumbers): unknown {
  if (text.trim() === '') throw misfit('The request has no body.')
  try {
    return parser(text)
  } catch (error) {
    throw new RestException(500, `The request body is not valid JSON: ${(error as Error).message}`, { cause: error })
  }
}

function parseKeepingNumbers(text: string): unknown {
  const keep = (_key: string, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' ? new NumberText(context?.source ?? String(value)) : value
  return JSON.parse(text, keep as (key: string, value: unknown) => unknown)
}

function initialState(text: string | null): TargetState | undefined {
  if (text === null) return undefined
  const state = INITIAL_STATES[text.toUpperCase()]
  if (state === undefined) throw misfit(`"initial_state" is ${text}; it may be RUNNING, PAUSED or STOPPED.`)
  return state
}

function stringMap(value: unknown, where: string): Record<string, string | null> {
  const map = object(value, where === '' ? 'The request body' : `"${where}"`)
  return Object.fromEntries(
    Object.entries(map).map(([key, one]) => [key, textOf(one, where === '' ? key : `${where}.${key}`)]),
  )
}

function textOf(value: unknown, where: string): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  if (value instanceof NumberText) return value.text
  if (typeof value === 'boolean') return String(value)
  throw misfit(`"${where}" must be a text, not ${Array.isArray(value) ? 'a list' : 'an object'}.`)
}

function flatMap(value: unknown, where: string): OffsetMap | null {
  if (value === null || value === undefined) return null
  return object(value, `"${where}"`) as OffsetMap
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText)) {
    return value as Record<string, unknown>
  }
  throw misfit(`${what} must be a JSON object.`)
}

function misfit(message: string): RestException {
  return new RestException(500, message)
}
