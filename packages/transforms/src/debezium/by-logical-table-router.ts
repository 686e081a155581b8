// ByLogicalTableRouter: many physical tables into the topic of one logical table.
import {
  ConfigException,
  type ConnectRecord,
  compileJavaRegex,
  defineConfig,
  fieldOf,
  nonEmptyString,
  type RawConfig,
  type Schema,
  SchemaBuilder,
  Schemas,
  type Transformation,
} from '@millrace/api'
import { javaRegex } from '../apache/common/config.ts'
import { NullPointerException } from '../apache/common/errors.ts'
import { compileParts, fieldPart, type Maker } from '../apache/common/parts.ts'
import { type Members, requireStruct } from '../apache/common/requirements.ts'
import { BySchema } from '../apache/common/schemas.ts'
import { finding, replaceFirst } from '../shared/java-replace.ts'
import { isEnvelope } from './envelope.ts'
import { ADJUSTMENT, type NameAdjuster, nameAdjuster } from './schema-names.ts'

const CONFIG = defineConfig({
  'topic.regex': {
    type: 'string',
    importance: 'low',
    validator: javaRegex,
    doc: 'A Java regular expression. Records of topics that it matches as a whole are rerouted, others pass as they are.',
  },
  'topic.replacement': {
    type: 'string',
    importance: 'low',
    validator: nonEmptyString,
    doc: 'The new topic; $1 and so on stand for groups of topic.regex. Records stay where they are if it comes out empty.',
  },
  'key.enforce.uniqueness': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: 'Whether a field that names the physical table is added to the key, so that equal keys of two tables stay apart.',
  },
  'key.field.regex': {
    type: 'string',
    default: null,
    importance: 'low',
    validator: javaRegex,
    doc: 'A Java regular expression that takes the name of the physical table from the old topic; without it the topic is the name.',
  },
  'key.field.name': {
    type: 'string',
    default: '__dbz__physicalTableIdentifier',
    importance: 'low',
    doc: 'Name of the field that is added to the key.',
  },
  'key.field.replacement': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'The name of the physical table: $1 and so on stand for groups of key.field.regex. Required with it.',
  },
  ...ADJUSTMENT,
  'logical.table.cache.size': {
    type: 'int',
    default: 16,
    importance: 'low',
    doc: 'How many topics are remembered with the schemas made for them.',
  },
})
const PURPOSE = 'Updating schema'

/** A schema with other names in it, and how its values are made. */
interface Renamed {
  readonly schema: Schema
  readonly make: Maker
}
/** All that depends on the old topic. */
interface Route {
  readonly topic: string
  readonly keys: BySchema<Renamed>
  readonly envelopes: BySchema<Renamed>
}
interface Rule {
  readonly whole: RegExp
  readonly found: RegExp
  readonly replacement: string
}

/** Routes by the names of tables. */
export class ByLogicalTableRouter implements Transformation {
  readonly config = CONFIG
  #rule: Rule | null = null
  #keyRule: Rule | null = null
  #unique = true
  #keyField = ''
  #cacheSize = 16
  #adjust: NameAdjuster = (name) => name
  readonly #routes = new Map<string, Route | null>()
  #lastTopic: string | null = null
  #last: Route | null = null

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    this.#rule = ruleOf(config['topic.regex'], config['topic.replacement'])
    const keyRegex = config['key.field.regex']?.trim() ?? ''
    const replacement = config['key.field.replacement'] ?? ''
    if (keyRegex !== '' && replacement.trim() === '') {
      const reason = 'key.field.replacement must be non-empty if key.field.regex is set.'
      throw ConfigException.invalidValue('key.field.replacement', replacement, reason)
    }
    this.#keyRule = keyRegex === '' ? null : ruleOf(keyRegex, replacement)
    this.#unique = config['key.enforce.uniqueness']
    this.#keyField = config['key.field.name']
    this.#cacheSize = config['logical.table.cache.size']
    this.#adjust = nameAdjuster(config['schema.name.adjustment.mode'])
  }

  apply(record: ConnectRecord): ConnectRecord {
    const route = record.topic === this.#lastTopic ? this.#last : this.#find(record.topic)
    if (route === null) return record
    let keySchema: Schema | null = null
    let key: unknown = null
    if (record.key !== null) {
      const members = structOf(record.keySchema, record.key)
      const renamed = route.keys.get(record.keySchema as Schema)
      keySchema = renamed.schema
      key = renamed.make(members, record)
    }
    if (record.value === null || !isEnvelope(record)) return record.with({ topic: route.topic, keySchema, key })
    const members = structOf(record.valueSchema, record.value)
    const renamed = route.envelopes.get(record.valueSchema as Schema)
    const value = renamed.make(members, record)
    return record.with({ topic: route.topic, keySchema, key, valueSchema: renamed.schema, value })
  }

  #find(old: string): Route | null {
    let route = this.#routes.get(old)
    if (route === undefined) {
      route = this.#route(old)
      if (this.#routes.size >= this.#cacheSize) this.#routes.clear()
      this.#routes.set(old, route)
    }
    this.#lastTopic = old
    this.#last = route
    return route
  }

  #route(old: string): Route | null {
    const topic = replaced(this.#rule as Rule, old)
    if (topic === null || topic === '') return null
    const table = this.#keyRule === null ? old : (replaced(this.#keyRule, old) ?? old)
    return {
      topic,
      keys: new BySchema((schema) => this.#key(schema, topic, table)),
      envelopes: new BySchema((schema) => this.#envelope(schema, topic)),
    }
  }

  #key(old: Schema, topic: string, table: string): Renamed {
    const builder = copied(old, this.#adjust(`${topic}.Key`))
    for (const field of old.fields) builder.field(field.name, field.schema)
    const parts = old.fields.map((field) => fieldPart(field, true))
    if (!this.#unique) return { schema: builder.build(), make: compileParts(parts) }
    const added = { name: this.#keyField, source: null, otherwise: table, change: null }
    return { schema: builder.field(this.#keyField, Schemas.STRING).build(), make: compileParts([...parts, added]) }
  }

  #envelope(old: Schema, topic: string): Renamed {
    const before = fieldOf(old, 'before')?.schema
    if (before === undefined) throw new NullPointerException('The envelope has no field before')
    const rows = copied(before, this.#adjust(`${topic}.Value`))
    for (const field of before.fields) rows.field(field.name, field.schema)
    const row = rows.build()
    const makeRow = compileParts(row.fields.map((field) => fieldPart(field, true)))
    const change = (value: unknown, record: ConnectRecord) =>
      value === null ? null : makeRow(requireStruct(before, value, PURPOSE), record)
    const builder = copied(old, this.#adjust(`${topic}.Envelope`))
    for (const field of old.fields) builder.field(field.name, isRow(field.name) ? row : field.schema)
    const schema = builder.build()
    const parts = schema.fields.map((field) => fieldPart(field, true, field.name, isRow(field.name) ? change : null))
    return { schema, make: compileParts(parts) }
  }
}

function isRow(name: string): boolean {
  return name === 'before' || name === 'after'
}

function structOf(schema: Schema | null, value: unknown): Members {
  return requireStruct(schema ?? Schemas.OPTIONAL_STRING, value, PURPOSE)
}

function ruleOf(regex: string, replacement: string): Rule {
  const whole = compileJavaRegex(regex)
  if (typeof whole === 'string') throw ConfigException.invalidValue('topic.regex', regex, whole)
  return { whole, found: finding(whole), replacement }
}

function replaced({ whole, found, replacement }: Rule, text: string): string | null {
  return whole.test(text) ? replaceFirst(found, text, replacement) : null
}

/** A builder with all attributes of a schema but its name and fields. */
function copied(source: Schema, name: string): SchemaBuilder {
  const builder = SchemaBuilder.struct().name(name)
  if (source.version !== null) builder.version(source.version)
  if (source.doc !== null) builder.doc(source.doc)
  if (source.parameters !== null) builder.parameters(source.parameters)
  return source.optional ? builder.optional() : builder.required()
}
