// Makes the plan of a table and a pair of schemas, and finds it again for the records that follow.
import { isPrimitive, type Schema, Schemas, type SinkRecord, schemaEquals, Values } from '@millrace/api'
import {
  type DdlColumn,
  type Dialect,
  type EncodeOptions,
  type Semantic,
  type SqlConnection,
  type TableDefinition,
  type TableId,
  tableText,
  zoneOf,
} from '@millrace/kit-sql'
import { RecordError } from '../write/deliver.ts'
import { compileBinder, type Getter, type Operation, type TablePlan } from '../write/plan.ts'
import { columnName, type Structure } from '../write/structure.ts'
import { debeziumColumnType } from './columns.ts'
import type { DebeziumSinkConfig } from './config.ts'
import { type Shape, shapeOf } from './event.ts'
import { type FieldFilter, fieldFilter, type TableNaming, tableNaming } from './naming.ts'
import { debeziumSemantic, type Family } from './types.ts'

interface EventField {
  readonly name: string
  readonly schema: Schema
  readonly key: boolean
  readonly get: Getter
}

interface Known {
  readonly headers: string
  readonly plan: TablePlan
}

const KEPT_PLANS = 20

export class DebeziumPlanner {
  readonly #dialect: Dialect
  readonly #family: Family
  readonly #config: DebeziumSinkConfig
  readonly #structure: Structure
  readonly #naming: TableNaming
  readonly #filter: FieldFilter
  readonly #options: EncodeOptions
  readonly #cloudEvents: RegExp
  readonly #shapes = new WeakMap<Schema, Shape>()
  readonly #tables = new Map<string, { id: TableId; known: Known[] }>()

  constructor(dialect: Dialect, config: DebeziumSinkConfig, structure: Structure) {
    this.#dialect = dialect
    this.#family = dialect.quote === '"' ? 'postgres' : dialect.name.startsWith('MySql') ? 'mysql' : 'sqlite'
    this.#config = config
    this.#structure = structure
    this.#naming = tableNaming(config)
    this.#filter = fieldFilter(config)
    const zone = zoneOf('UTC')
    this.#options = { zone, dateZone: zone, momentZone: zoneOf(config['use.time.zone']), calendar: 'proleptic' }
    this.#cloudEvents = new RegExp(config['cloud.events.schema.name.pattern'])
  }

  forget(): void {
    this.#structure.forget()
    this.#tables.clear()
  }

  /** How records of a value schema are read. */
  shape(schema: Schema | null): Shape {
    if (schema === null) return shapeOf(null, this.#cloudEvents)
    let shape = this.#shapes.get(schema)
    if (shape === undefined) {
      shape = shapeOf(schema, this.#cloudEvents)
      this.#shapes.set(schema, shape)
    }
    return shape
  }

  /** The name of a record's table, or null where it has none. */
  tableName(record: SinkRecord, shape: Shape): string | null {
    return this.#naming(record.topic, shape.source(record))
  }

  find(name: string, record: SinkRecord): TablePlan | undefined {
    const table = this.#tables.get(name)
    if (table === undefined) return undefined
    const headers = this.#headersOf(record)
    const { keySchema, valueSchema } = record
    const exact = table.known.findLast(
      (one) => one.plan.keySchema === keySchema && one.plan.valueSchema === valueSchema && one.headers === headers,
    )
    const found =
      exact ??
      table.known.findLast(
        ({ plan, headers: those }) =>
          those === headers &&
          same(plan.keySchema, keySchema) &&
          (same(plan.valueSchema, valueSchema) || (valueSchema === null && plan.remove !== null)),
      )
    return found?.plan
  }

  /** The plan of an event that empties a table: such events have no key, and need no columns. */
  truncation(name: string, record: SinkRecord): TablePlan {
    const id = this.#tableOf(name).id
    const nothing: Operation = { writer: { sql: '', write: async () => {} }, bind: () => [] }
    const { keySchema, valueSchema } = record
    const truncate = this.#dialect.truncate(id, true)
    return {
      table: tableText(id),
      keySchema,
      valueSchema,
      keys: 0,
      write: nothing,
      remove: null,
      truncate,
      reducible: false,
    }
  }

  #tableOf(name: string) {
    let table = this.#tables.get(name)
    if (table === undefined) {
      const id = this.#dialect.parseTable(name)
      table = { id: this.#config['quote.identifiers'] || this.#family !== 'postgres' ? id : lower(id), known: [] }
      this.#tables.set(name, table)
    }
    return table
  }

  async plan(connection: SqlConnection, name: string, record: SinkRecord, shape: Shape): Promise<TablePlan> {
    const table = this.#tableOf(name)
    const plan = await this.#make(connection, table.id, record, shape)
    if (table.known.length >= KEPT_PLANS) table.known.shift()
    table.known.push({ headers: this.#headersOf(record), plan })
    return plan
  }

  async #make(connection: SqlConnection, id: TableId, record: SinkRecord, shape: Shape): Promise<TablePlan> {
    const keys = this.#keyFields(record, shape)
    const names = new Set(keys.map((key) => key.name))
    const values = this.#valueFields(record, shape).filter((field) => !names.has(field.name))
    const all = [...keys, ...values]
    const definition = await this.#structure.ensure(
      connection,
      id,
      all.map((field) => this.#ddl(field)),
    )
    const mode = this.#config['insert.mode'] as 'insert' | 'upsert' | 'update'
    if (mode === 'upsert' && keys.length === 0) {
      throw new RecordError(
        `Cannot write to table ${tableText(id)} with UPSERT mode without at least one primary key field.`,
        {
          configKey: 'primary.key.mode',
        },
      )
    }
    const deletes = this.#config['delete.enabled'] && keys.length > 0
    return {
      table: tableText(id),
      keySchema: record.keySchema,
      valueSchema: record.valueSchema,
      keys: keys.length,
      write: this.#operation(mode, id, definition, keys, values),
      remove: deletes ? this.#operation('delete', id, definition, keys, []) : null,
      truncate: null,
      reducible: keys.length > 0 && (mode === 'upsert' || this.#config['use.reduction.buffer']),
    }
  }

  #operation(
    kind: 'insert' | 'upsert' | 'update' | 'delete',
    id: TableId,
    definition: TableDefinition,
    keys: EventField[],
    values: EventField[],
  ): Operation {
    const name = (field: EventField) =>
      columnName(definition, this.#columnName(field.name)) ?? this.#columnName(field.name)
    const writer = this.#dialect.writer({
      kind,
      table: id,
      definition,
      keys: keys.map(name),
      values: values.map(name),
      quote: true,
      replace: false,
    })
    const columns = [...keys, ...values].map((field) => ({
      column: name(field),
      semantic: this.#semantic(field),
      get: field.get,
      fallback: field.schema.defaultValue,
    }))
    return { writer, bind: compileBinder(this.#dialect, columns, definition, this.#options) }
  }

  #ddl(field: EventField): DdlColumn {
    const { defaultValue } = field.schema
    const type = this.#guard(() =>
      debeziumColumnType(field.schema, this.#family, field.key, this.#config['dialect.postgres.postgis.schema']),
    )
    // These types take no default in MySQL.
    const plain = this.#family !== 'mysql' || !/^((tiny|medium|long)?(text|blob)|json|geometry|point)$/.test(type)
    return {
      name: this.#columnName(field.name),
      type,
      nullable: !field.key && field.schema.optional,
      defaultText:
        defaultValue === undefined || !plain
          ? null
          : this.#dialect.literal(this.#semantic(field), defaultValue, this.#options),
      primaryKey: field.key,
      explicitNull: true,
    }
  }

  #semantic(field: EventField): Semantic {
    return this.#guard(() => debeziumSemantic(field.schema, this.#family, `Field ${field.name}`))
  }

  #columnName(field: string): string {
    return this.#config['quote.identifiers'] ? field : field.toLowerCase()
  }

  #valueFields(record: SinkRecord, shape: Shape): EventField[] {
    if (shape.rowSchema === null) return []
    return shape.rowSchema.fields
      .filter((field) => this.#filter(record.topic, field.name))
      .map((field) => ({ name: field.name, schema: field.schema, key: false, get: ofRow(shape, field.name) }))
  }

  #keyFields(record: SinkRecord, shape: Shape): EventField[] {
    const chosen = this.#config['primary.key.fields']
    const picks = (topic: string, name: string) =>
      chosen.length > 0 ? chosen.includes(name) : this.#filter(topic, name)
    switch (this.#config['primary.key.mode']) {
      case 'none':
        return []
      case 'kafka':
        return [
          { name: '__connect_topic', schema: Schemas.STRING, key: true, get: (one) => one.topic },
          { name: '__connect_partition', schema: Schemas.INT32, key: true, get: (one) => one.kafkaPartition },
          { name: '__connect_offset', schema: Schemas.INT64, key: true, get: (one) => one.kafkaOffset },
        ]
      case 'record_header':
        if (!record.hasHeaders)
          throw new RecordError("Configured primary key mode 'record_header' cannot have empty message headers")
        return [...record.headers]
          .filter((header) => chosen.length === 0 || chosen.includes(header.key))
          .map((header) => ({
            name: header.key,
            schema: header.schema ?? Values.inferSchema(header.value) ?? Schemas.OPTIONAL_STRING,
            key: true,
            get: (one) => one.headers.lastWithName(header.key)?.value,
          }))
      case 'record_value':
        if (shape.rowSchema === null) throw new RecordError('Cannot extract primary key from a null record value')
        return shape.rowSchema.fields
          .filter((field) => picks(record.topic, field.name))
          .map((field) => ({ name: field.name, schema: field.schema, key: true, get: ofRow(shape, field.name) }))
      default:
        return this.#recordKey(record, picks)
    }
  }

  #recordKey(record: SinkRecord, picks: (topic: string, name: string) => boolean): EventField[] {
    const { keySchema } = record
    if (keySchema === null) throw new RecordError("Configured primary key mode 'record_key' cannot have null schema")
    if (keySchema.type === 'STRUCT') {
      return keySchema.fields
        .filter((field) => picks(record.topic, field.name))
        .map((field) => ({
          name: field.name,
          schema: field.schema,
          key: true,
          get: (one) => (one.key as Record<string, unknown> | null)?.[field.name],
        }))
    }
    const name = this.#config['primary.key.fields'][0]
    if (!isPrimitive(keySchema.type) || name === undefined) {
      throw new RecordError(`A key of type ${keySchema.type} needs the name of its one column in primary.key.fields`, {
        configKey: 'primary.key.fields',
      })
    }
    return [{ name, schema: keySchema, key: true, get: (one) => one.key }]
  }

  #headersOf(record: SinkRecord): string {
    if (this.#config['primary.key.mode'] !== 'record_header') return ''
    return [...record.headers].map((header) => `${header.key}:${header.schema?.type}:${header.schema?.name}`).join(',')
  }

  #guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw new RecordError(error instanceof Error ? error.message : String(error), { cause: error })
    }
  }
}

function ofRow(shape: Shape, name: string): Getter {
  return (record) => shape.row(record)?.[name]
}

function lower(id: TableId): TableId {
  return {
    catalog: id.catalog?.toLowerCase() ?? null,
    schema: id.schema?.toLowerCase() ?? null,
    table: id.table.toLowerCase(),
  }
}

function same(a: Schema | null, b: Schema | null): boolean {
  return a === b || (a !== null && b !== null && schemaEquals(a, b))
}
