// Makes the plan of a table and a pair of schemas, and finds it again for the records that follow.
import { type Schema, type SinkRecord, schemaEquals, type Value } from '@millrace/api'
import {
  connectSemantic,
  type DdlColumn,
  type Dialect,
  type EncodeOptions,
  type Semantic,
  type SqlConnection,
  semantic,
  type TableDefinition,
  type TableId,
  tableText,
  type WriteSpec,
  zoneOf,
} from '@millrace/kit-sql'
import { RecordError } from '../write/deliver.ts'
import { type BoundColumn, compileBinder, type Operation, type TablePlan } from '../write/plan.ts'
import { columnName, type Structure } from '../write/structure.ts'
import { type SinkConfig, TOPIC_PLACEHOLDER } from './config.ts'
import { type FieldRules, fieldsOf, type SinkField, type SinkFields } from './fields.ts'

/** Plans kept for one table: producers that take turns with a few schemas stay cheap. */
const KEPT_PLANS = 20

export class Planner {
  readonly #dialect: Dialect
  readonly #config: SinkConfig
  readonly #structure: Structure
  readonly #rules: FieldRules
  readonly #options: EncodeOptions
  readonly #timestamps: ReadonlySet<string>
  readonly #tables = new Map<string, { id: TableId; plans: TablePlan[] }>()

  constructor(dialect: Dialect, config: SinkConfig, structure: Structure) {
    this.#dialect = dialect
    this.#config = config
    this.#structure = structure
    this.#rules = {
      pkMode: config['pk.mode'].toLowerCase() as FieldRules['pkMode'],
      pkFields: config['pk.fields'],
      whitelist: new Set(config['fields.whitelist']),
      stringColumn: config['string.output.value.column.name'],
    }
    this.#options = encodeOptions(config)
    this.#timestamps = new Set(config['timestamp.fields.list'])
  }

  /** Forgets plans and what is known of tables. */
  forget(): void {
    this.#structure.forget()
    this.#tables.clear()
  }

  /** The plan for a record, made (and its table with it) when there is none. */
  async plan(connection: SqlConnection, record: SinkRecord): Promise<TablePlan> {
    const found = this.find(record)
    if (found !== undefined) return found
    const table = this.#tableOf(record.topic)
    const plan = await this.#make(connection, table.id, record.keySchema, record.valueSchema)
    if (table.plans.length >= KEPT_PLANS) table.plans.shift()
    table.plans.push(plan)
    return plan
  }

  /** The plan for a record if there is one: the way that all records but the first go. */
  find(record: SinkRecord): TablePlan | undefined {
    const { plans } = this.#tableOf(record.topic)
    for (let i = plans.length - 1; i >= 0; i--) {
      const plan = plans[i] as TablePlan
      if (plan.keySchema === record.keySchema && fits(plan, record.valueSchema, (a, b) => a === b)) return plan
    }
    return plans.findLast((plan) => same(plan.keySchema, record.keySchema) && fits(plan, record.valueSchema, same))
  }

  #tableOf(topic: string) {
    let table = this.#tables.get(topic)
    if (table === undefined) {
      const name = this.#config['table.name.format'].trim().replaceAll(TOPIC_PLACEHOLDER, topic)
      const id = this.#dialect.parseTable(name)
      const folded = this.#quoted || this.#dialect.quote !== '"' ? id : { ...id, table: id.table.toLowerCase() }
      table = { id: folded, plans: [] }
      this.#tables.set(topic, table)
    }
    return table
  }

  get #quoted(): boolean {
    return this.#config['quote.sql.identifiers'].toUpperCase() === 'ALWAYS'
  }

  async #make(
    connection: SqlConnection,
    id: TableId,
    keySchema: Schema | null,
    valueSchema: Schema | null,
  ): Promise<TablePlan> {
    const fields = this.#fields(id, keySchema, valueSchema)
    const definition = await this.#structure.ensure(connection, id, this.#ddl(fields))
    const table = tableText(id)
    const mode = this.#config['insert.mode'].toLowerCase() as 'insert' | 'upsert' | 'update'
    if (mode === 'upsert' && fields.keys.length === 0) {
      throw new RecordError(
        `Write to table '${table}' in UPSERT mode requires key field names to be known, check the primary key configuration`,
        { configKey: 'pk.mode' },
      )
    }
    const all = [...fields.keys, ...fields.values]
    const remove = this.#config['delete.enabled'] ? this.#operation('delete', id, definition, fields.keys, []) : null
    return {
      table,
      keySchema,
      valueSchema,
      keys: fields.keys.length,
      write: this.#operation(mode, id, definition, fields.keys, fields.values, all),
      remove,
      truncate: null,
      reducible: mode === 'upsert',
    }
  }

  #fields(id: TableId, keySchema: Schema | null, valueSchema: Schema | null): SinkFields {
    try {
      return fieldsOf(tableText(id), this.#rules, keySchema, valueSchema)
    } catch (error) {
      throw new RecordError(error instanceof Error ? error.message : String(error), { cause: error })
    }
  }

  #operation(
    kind: WriteSpec['kind'],
    id: TableId,
    definition: TableDefinition,
    keys: readonly SinkField[],
    values: readonly SinkField[],
    bound: readonly SinkField[] = keys,
  ): Operation {
    const name = (field: SinkField) => columnName(definition, field.name) ?? field.name
    const spec: WriteSpec = {
      kind,
      table: id,
      definition,
      keys: keys.map(name),
      values: values.map(name),
      quote: this.#quoted,
      replace: true,
    }
    const columns: BoundColumn[] = bound.map((field) => ({
      column: name(field),
      semantic: this.#semantic(field),
      get: field.get,
      fallback: field.primaryKey || this.#config['replace.null.with.default'] ? field.schema.defaultValue : undefined,
    }))
    return {
      writer: this.#dialect.writer(spec),
      bind: compileBinder(this.#dialect, columns, definition, this.#options),
    }
  }

  #ddl(fields: SinkFields): DdlColumn[] {
    return fields.ordered.map((field) => {
      const fallback = field.schema.defaultValue
      return {
        name: field.name,
        type: this.#dialect.columnType(field.schema, {
          timestamp: this.#timestamps.has(field.name),
          primaryKey: field.primaryKey,
        }),
        nullable: field.schema.optional && !field.primaryKey,
        defaultText:
          fallback === undefined ? null : this.#dialect.literal(this.#semantic(field), fallback, this.#options),
        primaryKey: field.primaryKey,
      }
    })
  }

  #semantic(field: SinkField): Semantic {
    const { type } = field.schema
    if (this.#timestamps.has(field.name) && (type === 'INT64' || type === 'STRING')) {
      const unit = this.#config['timestamp.precision.mode'].toLowerCase() === 'nanoseconds' ? 'ns' : 'us'
      return semantic('timestamp', { unit, read: toLong })
    }
    try {
      return connectSemantic(field.schema, `Field ${field.name}`)
    } catch (error) {
      throw new RecordError(error instanceof Error ? error.message : String(error), { cause: error })
    }
  }
}

function toLong(value: Value): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  return BigInt(String(value).trim())
}

function encodeOptions(config: SinkConfig): EncodeOptions {
  const zone = zoneOf(config['db.timezone'])
  return {
    zone,
    dateZone: config['date.timezone'].toUpperCase() === 'UTC' ? zoneOf('UTC') : zone,
    calendar: config['date.calendar.system'].toUpperCase() === 'LEGACY' ? 'hybrid' : 'proleptic',
  }
}

/** A record without a value schema, a tombstone, fits any plan of its key that has deletes. */
function fits(plan: TablePlan, schema: Schema | null, equal: (a: Schema | null, b: Schema | null) => boolean): boolean {
  return equal(plan.valueSchema, schema) || (schema === null && plan.remove !== null)
}

function same(a: Schema | null, b: Schema | null): boolean {
  return a === b || (a !== null && b !== null && schemaEquals(a, b))
}
