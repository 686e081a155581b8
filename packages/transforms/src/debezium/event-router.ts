// The outbox pattern's EventRouter: rows of an outbox table become messages of their own topics.
import {
  ConfigException,
  ConnectException,
  type ConnectRecord,
  compileJavaRegex,
  DataException,
  defineConfig,
  fieldOf,
  Headers,
  oneOfIgnoringCase,
  type RawConfig,
  type Schema,
  SchemaBuilder,
  Schemas,
  satisfies,
  type Transformation,
  type Value,
} from '@millrace/api'
import { javaRegex } from '../apache/common/config.ts'
import { type Members, requireStruct } from '../apache/common/requirements.ts'
import { BySchema } from '../apache/common/schemas.ts'
import { finding, replaceFirst } from '../shared/java-replace.ts'
import { existing, isEnvelope, memberOf, typed } from './envelope.ts'
import { IllegalStateException } from './errors.ts'
import { expandJson } from './json-payload.ts'

const PLACEMENTS = ['header', 'envelope', 'partition']
// A group of the configuration, not of a template.
const ROUTED = `\${routedByValue}`
const text = (fallback: string | null, doc: string) =>
  ({ type: 'string', default: fallback, importance: 'medium', doc }) as const

const CONFIG = defineConfig({
  'table.field.event.id': text('id', "Column of the event's id; it becomes the header id."),
  'table.field.event.key': text('aggregateid', "Column of the message's key."),
  'table.field.event.type': text(
    'type',
    'Column of the type of the event. Kept for configurations of the reference; without effect.',
  ),
  'table.field.event.payload': text('payload', "Column of the message's value."),
  'table.field.event.timestamp': text(
    null,
    "Column of the message's timestamp; without it the time of the change event.",
  ),
  'table.fields.additional.placement': {
    type: 'list',
    default: '',
    importance: 'medium',
    doc: 'More columns to pass on: column:placement or column:placement:name, where placement is header, envelope or partition.',
    validator: satisfies('list of column:placement[:name]', (value) =>
      (value as readonly string[]).every(
        (one) => [2, 3].includes(one.split(':').length) && placementOf(one) !== undefined,
      )
        ? undefined
        : 'A comma-separated list of column:placement or column:placement:name is expected, placement being header, envelope or partition',
    ),
  },
  'table.fields.additional.error.on.missing': {
    type: 'boolean',
    default: true,
    importance: 'medium',
    doc: 'Whether a column of table.fields.additional.placement that is not in the table is an error.',
  },
  'table.field.event.schema.version': text(null, 'Column of the version of the value schema, an INT32.'),
  'route.by.field': text('aggregatetype', 'Column whose value says to which topic the message goes.'),
  'route.topic.regex': {
    ...text('(?<routedByValue>.*)', 'A Java regular expression on that value.'),
    validator: javaRegex,
  },
  'route.topic.replacement': text(`outbox.event.${ROUTED}`, 'The topic, with groups of route.topic.regex.'),
  'route.tombstone.on.empty.payload': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether an empty payload becomes a tombstone.',
  },
  'table.op.invalid.behavior': {
    ...text(
      'warn',
      'What is done with an update of a row, which an outbox must not have: warn and error drop it, fatal stops.',
    ),
    validator: oneOfIgnoringCase('warn', 'error', 'fatal'),
  },
  'table.expand.json.payload': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether a payload that is the text of a JSON object becomes a struct of it. Other payloads stay as they are.',
  },
  'table.json.payload.null.behavior': {
    ...text(
      'ignore',
      'What becomes of a null in such JSON: ignore leaves the field out, optional_bytes makes it one of optional bytes.',
    ),
    validator: oneOfIgnoringCase('ignore', 'optional_bytes'),
  },
})

/** A column that is passed on. */
interface Addition {
  readonly column: string
  readonly placement: string
  readonly name: string
}
type Config = ReturnType<typeof CONFIG.parse>

/** Routes rows of an outbox. */
export class EventRouter implements Transformation {
  readonly config = CONFIG
  #config = null as unknown as Config
  #additions: readonly Addition[] = []
  #bare = true
  #whole = /^$/
  #found = /^$/
  /** By payload schema: value schemas by the row's schema name, topic and version. */
  readonly #schemas = new BySchema<Map<string, Schema>>(() => new Map())

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    const whole = compileJavaRegex(config['route.topic.regex'] as string)
    if (typeof whole === 'string')
      throw ConfigException.invalidValue('route.topic.regex', config['route.topic.regex'], whole)
    this.#whole = whole
    this.#found = finding(whole)
    this.#additions = config['table.fields.additional.placement'].map((one) => {
      const [column = '', , name] = one.split(':').map((part) => part.trim())
      return { column, placement: placementOf(one) as string, name: name ?? column }
    })
    this.#bare = this.#additions.every(({ placement }) => placement !== 'envelope')
    this.#config = config
  }

  apply(record: ConnectRecord): ConnectRecord | null {
    if (record.value === null) return null
    if (!isEnvelope(record)) return record
    const envelope = record.valueSchema as Schema
    const event = requireStruct(envelope, record.value, 'Detect Debezium Operation')
    const operation = typed(envelope, event, 'op', 'STRING')
    if (operation === 'd') return null
    if (operation === 'u') {
      if (this.#config['table.op.invalid.behavior']?.toLowerCase() !== 'fatal') return null
      throw new IllegalStateException(
        `Unexpected update in the outbox table of topic ${record.topic}: rows of an outbox are only inserted and deleted`,
      )
    }
    const schema = existing(envelope, 'after').schema
    return this.#route(record, schema, requireStruct(schema, event.after, 'Read Outbox Event'), envelope, event)
  }

  #route(record: ConnectRecord, schema: Schema, row: Members, envelope: Schema, event: Members): ConnectRecord {
    const config = this.#config
    const payloadColumn = column(schema, config['table.field.event.payload'] as string, 'payload')
    let payload = memberOf(schema, row, payloadColumn.name)
    let payloadSchema = payloadColumn.schema
    const timestamp = this.#timestamp(schema, row, envelope, event)
    const id = column(schema, config['table.field.event.id'] as string, 'event-id')
    const headers = record.hasHeaders ? record.headers.duplicate() : new Headers()
    headers.add('id', memberOf(schema, row, id.name), id.schema)
    if (config['table.expand.json.payload'] && typeof payload === 'string') {
      const keepsNulls = config['table.json.payload.null.behavior']?.toLowerCase() === 'optional_bytes'
      const expanded = expandJson(payloadColumn.name, payload, keepsNulls)
      if (expanded !== null) ({ schema: payloadSchema, value: payload } = expanded)
    }
    const routedBy = typed(schema, row, config['route.by.field'] as string, 'STRING') as string | null
    let valueSchema: Schema | null = payloadSchema
    let value: Value = payload
    const members: Record<string, unknown> = { payload }
    if (!this.#bare) {
      valueSchema = this.#valueSchema(payloadSchema, schema, row, String(routedBy))
      value = members
    }
    const partition = this.#add(schema, row, headers, members)
    const empty = payload === null || (typeof payload === 'string' && payload.trim() === '')
    if (empty && config['route.tombstone.on.empty.payload']) {
      value = null
      valueSchema = null
    }
    const keyColumn = config['table.field.event.key']
    return record.with({
      topic: this.#topic(routedBy),
      kafkaPartition: partition,
      keySchema: (keyColumn === null ? undefined : fieldOf(schema, keyColumn)?.schema) ?? Schemas.STRING,
      key: keyColumn === null ? null : memberOf(schema, row, keyColumn),
      valueSchema,
      value,
      timestamp,
      headers,
    })
  }

  #topic(routedBy: string | null): string {
    const from = routedBy ?? ''
    return this.#whole.test(from)
      ? replaceFirst(this.#found, from, this.#config['route.topic.replacement'] as string)
      : from
  }

  /** Puts the additional columns in their places; gives the partition. */
  #add(schema: Schema, row: Members, headers: Headers, members: Record<string, unknown>): number | null {
    let partition: number | null = null
    for (const { column: name, placement, name: as } of this.#additions) {
      const found = fieldOf(schema, name)
      if (found === undefined) {
        if (!this.#config['table.fields.additional.error.on.missing']) continue
        throw new DataException(`${name} is not a valid field name`)
      }
      if (placement === 'partition') partition = typed(schema, row, name, 'INT32') as number | null
      else if (placement === 'header') headers.add(as, memberOf(schema, row, name), found.schema)
      else members[as] = memberOf(schema, row, name)
    }
    return partition
  }

  #valueSchema(payload: Schema, row: Schema, members: Members, routedBy: string): Schema {
    const versionColumn = this.#config['table.field.event.schema.version']
    const version = versionColumn === null ? null : (typed(row, members, versionColumn, 'INT32') as number | null)
    const known = this.#schemas.get(payload)
    const key = `${row.name} ${routedBy} ${version}`
    let schema = known.get(key)
    if (schema === undefined) {
      const builder = SchemaBuilder.struct().name(routedName(row.name, routedBy)).field('payload', payload)
      if (version !== null) builder.version(version)
      for (const { column: name, placement, name: as } of this.#additions) {
        const found = fieldOf(row, name)
        if (placement === 'envelope' && found !== undefined) builder.field(as, found.schema)
      }
      schema = builder.build()
      known.set(key, schema)
    }
    return schema
  }

  #timestamp(schema: Schema, row: Members, envelope: Schema, event: Members): number | null {
    const name = this.#config['table.field.event.timestamp']
    const ofEvent = () => typed(envelope, event, 'ts_ms', 'INT64') as number | null
    if (name === null) return ofEvent()
    const logical = column(schema, name, 'timestamp').schema.name
    const value = typed(schema, row, name, 'INT64') as number | bigint | null
    if (value === null) return ofEvent()
    const unit = UNITS[logical ?? '']
    if (unit === undefined)
      throw new ConnectException(`Unsupported type ${logical} of field ${name} for event timestamp`)
    return Number(BigInt(value) / unit)
  }
}

const UNITS: Readonly<Record<string, bigint>> = {
  'io.debezium.time.Timestamp': 1n,
  'io.debezium.time.MicroTimestamp': 1_000n,
  'io.debezium.time.NanoTimestamp': 1_000_000n,
}

function placementOf(addition: string): string | undefined {
  const word = addition.split(':')[1]?.trim().toLowerCase()
  return PLACEMENTS.find((one) => one === word)
}

function column(schema: Schema, name: string, what: string): { readonly name: string; readonly schema: Schema } {
  const field = fieldOf(schema, name)
  if (field === undefined) throw new ConnectException(`Unable to find ${what} field ${name} in event`)
  return field
}

/** The routed value goes before the last part of the row's schema name. */
function routedName(name: string | null, routedBy: string): string {
  if (name === null) return routedBy
  const dot = name.lastIndexOf('.')
  return `${name.slice(0, dot + 1)}${routedBy}.${name.slice(dot + 1)}`
}
