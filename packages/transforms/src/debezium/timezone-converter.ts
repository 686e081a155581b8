// TimezoneConverter: times of a change event in another time zone.
import {
  type ConnectRecord,
  defineConfig,
  type Field,
  fieldOf,
  type RawConfig,
  type Schema,
  type Transformation,
} from '@millrace/api'
import type { Members } from '../apache/common/requirements.ts'
import { isEnvelope } from './envelope.ts'
import { DateTimeParseException, DebeziumException } from './errors.ts'
import { formatDateTime, formatTime, parseDateTime, parseTime, withOffset } from './iso-times.ts'
import { TimeZone } from './time-zone.ts'

const RULES =
  'Rules: source:TABLE, source:TABLE:FIELD, topic:TOPIC, topic:TOPIC:FIELD, or NAME:FIELD of a table or topic. FIELD may begin with before., after. or source.; times of the source block are changed only where a rule names them.'
const CONFIG = defineConfig({
  'converted.timezone': {
    type: 'string',
    importance: 'high',
    doc: 'The time zone: a name of the tz database as America/Los_Angeles, or an offset as +08:00.',
  },
  'include.list': {
    type: 'list',
    default: '',
    importance: 'high',
    doc: `What is changed; all times where both lists are empty. ${RULES}`,
  },
  'exclude.list': {
    type: 'list',
    default: '',
    importance: 'high',
    doc: `What is left as it is, in place of include.list. ${RULES}`,
  },
})
const LIST = /^\[(source|topic|[".\w\s]+):([".\w\s]+(?::[".\w\s]+)?(?:,|\]$))+$/
const EPOCHS: Readonly<Record<string, bigint>> = { ts_ms: 1n, ts_us: 1_000n, ts_ns: 1_000_000n }

/** What rules name: fields of a table or topic, none for all. */
type Rules = Map<string, Set<string>>
/** Which fields of a part of the event are changed. */
type Chosen = (name: string) => boolean

/** Converts times. */
export class TimezoneConverter implements Transformation {
  readonly config = CONFIG
  #zone = new TimeZone('+00:00')
  #mode: 'all' | 'include' | 'exclude' = 'all'
  readonly #topics: Rules = new Map()
  readonly #tables: Rules = new Map()
  readonly #either: Rules = new Map()

  configure(configs: RawConfig): void {
    const { 'converted.timezone': zone, 'include.list': include, 'exclude.list': exclude } = CONFIG.parse(configs)
    for (const [name, list] of [
      ['include', include],
      ['exclude', exclude],
    ] as const) {
      if (list.length === 0 || (name === 'exclude' && include.length > 0)) continue
      if (!LIST.test(`[${list.join(', ')}]`)) throw new DebeziumException(`Invalid ${name} list format. ${RULES}`)
    }
    try {
      this.#zone = new TimeZone(zone)
    } catch (error) {
      throw new DebeziumException(
        `Invalid timezone format. Please specify either a geographic timezone (e.g. America/Los_Angeles) or a UTC offset in the format of +/-hh:mm, (e.g. +08:00): ${zone}`,
        { cause: error },
      )
    }
    if (include.length > 0 && exclude.length > 0)
      throw new DebeziumException('Both include and exclude lists are specified. Please specify only one.')
    this.#mode = include.length > 0 ? 'include' : exclude.length > 0 ? 'exclude' : 'all'
    this.#collect([...include, ...exclude])
  }

  apply(record: ConnectRecord): ConnectRecord {
    const schema = record.valueSchema
    if (record.value === null || schema === null || !isEnvelope(record)) return record
    const event = record.value as Members
    const fields = this.#fieldsOf(record.topic, tableOf(schema, event))
    const all = fields === undefined || fields.size === 0
    if (this.#mode === 'include' ? fields === undefined : this.#mode === 'exclude' && fields !== undefined && all)
      return record
    const named = (part: string): ReadonlySet<string> => partOf(fields ?? new Set(), part)
    const chosen = (part: string): Chosen => {
      if (all) return () => true
      const names = named(part)
      return this.#mode === 'exclude' ? (name) => !names.has(name) : (name) => names.has(name)
    }
    const value: Record<string, unknown> = { ...event }
    for (const part of ['before', 'after', 'source']) {
      if (part === 'source' && named(part).size === 0) continue
      const inner = fieldOf(schema, part)?.schema
      const members = event[part] ?? null
      if (inner?.type === 'STRUCT' && members !== null)
        value[part] = this.#converted(part, inner, members as Members, chosen(part))
    }
    return record.withValue(schema, value)
  }

  /** A rule without a kind is of the kind of the rule before it. */
  #collect(list: readonly string[]): void {
    let kind: string | null = null
    for (const item of list) {
      const parts = item.split(':')
      const [first = '', second, third] = parts
      const isKind = parts.length > 1 && parts.length < 4 && ['source', 'topic'].includes(first.toLowerCase())
      if (isKind) kind = first
      const rules = kind === 'topic' ? this.#topics : kind === 'source' ? this.#tables : this.#either
      const [name, field] = isKind ? [second as string, third] : [first, second]
      const fields = rules.get(name) ?? new Set()
      rules.set(name, fields)
      if (field !== undefined) fields.add(field)
    }
  }

  #fieldsOf(topic: string, table: string | null): ReadonlySet<string> | undefined {
    const ofTable = (rules: Rules) => (table === null ? undefined : rules.get(table))
    return this.#topics.get(topic) ?? ofTable(this.#tables) ?? this.#either.get(topic) ?? ofTable(this.#either)
  }

  #converted(part: string, schema: Schema, members: Members, chosen: Chosen): Record<string, unknown> {
    const result: Record<string, unknown> = { ...members }
    for (const field of schema.fields) {
      const value = members[field.name] ?? field.schema.defaultValue ?? null
      if (value === null || !chosen(field.name)) continue
      result[field.name] = this.#time(part, field, value)
    }
    return result
  }

  #time(part: string, { name, schema }: Field, value: unknown): unknown {
    switch (schema.name) {
      case 'io.debezium.time.ZonedTimestamp': {
        const time = parseDateTime(String(value))
        if (time === undefined)
          throw new DateTimeParseException(`Text '${value}' could not be parsed as a date-time with offset`)
        return formatDateTime(withOffset(time, this.#zone.offsetAtLocal(time.localMs)))
      }
      case 'io.debezium.time.ZonedTime': {
        const time = parseTime(String(value))
        if (time === undefined)
          throw new DateTimeParseException(`Text '${value}' could not be parsed as a time with offset`)
        return formatTime(withOffset(time, this.#zone.offsetAt(Date.now())))
      }
      case 'io.debezium.time.Timestamp':
        return this.#fromLocal(value, 1n)
      case 'io.debezium.time.MicroTimestamp':
        return this.#fromLocal(value, 1_000n)
      case 'io.debezium.time.NanoTimestamp':
        return this.#fromLocal(value, 1_000_000n)
      case 'org.apache.kafka.connect.data.Timestamp': {
        const localMs = (value as Date).getTime()
        return new Date(localMs - this.#zone.offsetAtLocal(localMs))
      }
      case null: {
        const unit = part === 'source' ? EPOCHS[name] : undefined
        if (unit === undefined) return value
        if (schema.type !== 'INT64') throw new DebeziumException('Epoch field value should be a java.lang.Long')
        const exact = BigInt(value as number | bigint)
        const ms = Number(floor(exact, unit))
        return short(exact + BigInt(this.#zone.offsetAt(ms)) * unit)
      }
      default:
        return value
    }
  }

  /** A number that counts as local time, as what it is in UTC. @param unit how many of it are a millisecond */
  #fromLocal(value: unknown, unit: bigint): number | bigint {
    const exact = BigInt(value as number | bigint)
    const localMs = Number(floor(exact, unit))
    return short(exact - BigInt(this.#zone.offsetAtLocal(localMs)) * unit)
  }
}

function tableOf(schema: Schema, event: Members): string | null {
  const source = fieldOf(schema, 'source')?.schema
  if (source?.type !== 'STRUCT' || fieldOf(source, 'table')?.schema.type !== 'STRING') return null
  return ((event.source as Members | null)?.table as string | null | undefined) ?? null
}

/** Fields of a part: those named with it, and for rows those named without any. */
function partOf(fields: ReadonlySet<string>, part: string): ReadonlySet<string> {
  const found = new Set<string>()
  for (const field of fields) {
    const prefix = ['source.', 'before.', 'after.'].find((one) => field.startsWith(one))
    if (prefix === undefined ? part !== 'source' : prefix === `${part}.`) found.add(field.slice(prefix?.length ?? 0))
  }
  return found
}

function floor(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient
}
function short(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
