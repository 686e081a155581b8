// One captured table as it is written: the kit's names, schemas and fields, and readers compiled from them.
import type { Value } from '@millrace/api'
import {
  type ColumnMapping,
  compileDescription,
  describeTable,
  type FieldMaker,
  JdbcType,
  type TableEvents as KitTableEvents,
  makeTable,
  type TableEventsOptions,
  unconvertible,
} from '@millrace/kit-cdc'
import { idOf } from './capture.ts'
import { jdbcFacts } from './jdbc-facts.ts'
import type { Relation } from './protocol/pgoutput.ts'
import { type LineReader, lineReader, type Row, type RowColumn, type TupleReader, tupleReader } from './rows.ts'
import type { Column, Table } from './tables.ts'
import type { TypeCatalog } from './types/catalog.ts'
import type { ColumnTypes } from './types/column-type.ts'
import type { Decode } from './types/decoder.ts'
import { defaultValue } from './types/default-value.ts'
import { absentValue } from './types/fallback.ts'

/** The kit's events of a table, whose rows are arrays of the server's text, and readers of rows where they lie in bytes. */
export interface TableEvents extends KitTableEvents {
  readonly replicaIdentity: string
  readonly readTuple: TupleReader
  readonly readLine: LineReader
  /** The key of a tuple whose struct is read; null without a key. */
  readonly keyOfTuple: (bytes: Buffer, at: number, row: Row) => Value
  readonly keyOfLine: (bytes: Buffer, at: number, end: number, row: Row) => Value
  /** Fields of a tuple's columns, in its order; null for those that are left out. */
  readonly tuple: readonly (string | null)[]
  /** Columns that {@link readLine} expects, in its order. */
  readonly columns: readonly string[]
  /** Columns of the message key. */
  readonly keyColumns: readonly string[]
}

/** What tables have in common. */
export interface TableContext {
  readonly events: Omit<TableEventsOptions, 'types'>
  readonly catalog: TypeCatalog
  readonly types: ColumnTypes
}

/** A column's mapping, which also reads its value where it lies. */
interface Mapping extends ColumnMapping {
  readonly decode: Decode
}

/** Events of a table as its catalogue has it: for a snapshot. */
export function eventsOfTable(table: Table, context: TableContext): TableEvents {
  return build(table, table.columns, context)
}

/**
 * Events of a table as a relation message announces it. Types, names and order are the message's; whether columns are optional,
 * defaults and the key are the catalogue's, which may already be further: what it does not know is optional and has no default.
 */
export function eventsOfRelation(relation: Relation, table: Table | undefined, context: TableContext): TableEvents {
  const known = new Map((table?.columns ?? []).map((one) => [one.name, one]))
  const columns = relation.columns.map(({ name, typeOid, modifier }) => {
    const column = known.get(name)
    const same = column !== undefined && column.typeOid === typeOid
    return {
      name,
      typeOid,
      modifier,
      optional: column?.optional ?? true,
      defaultExpression: same ? column.defaultExpression : null,
    }
  })
  const names = new Set(columns.map((one) => one.name))
  const key =
    table === undefined
      ? relation.columns.filter((one) => one.isKey && relation.replicaIdentity !== 'f').map((one) => one.name)
      : table.key
  return build(
    {
      schema: relation.schema,
      name: relation.table,
      key: key.filter((one) => names.has(one)),
      replicaIdentity: relation.replicaIdentity,
    },
    columns,
    context,
  )
}

function build(
  table: Pick<Table, 'schema' | 'name' | 'key' | 'replicaIdentity'>,
  columns: readonly Column[],
  context: TableContext,
): TableEvents {
  const { catalog } = context
  const described = makeTable(
    idOf(table.schema, table.name),
    columns.map((column) => {
      const { type, modifier } = catalog.resolve(column.typeOid, column.modifier)
      const facts = type === undefined ? NO_FACTS : jdbcFacts(type, modifier)
      return {
        name: column.name,
        ...facts,
        nativeType: column.typeOid,
        optional: column.optional,
        hasDefault: column.defaultExpression !== null,
        defaultExpression: column.defaultExpression,
        enumValues: type?.labels ?? [],
      }
    }),
    table.key,
  )
  const options: TableEventsOptions = {
    ...context.events,
    types: { mapping: ({ position }) => mappingOf(columns[position - 1] as Column, context) },
  }
  const description = describeTable(described, options)
  const { fields, keyFields, keyAugment, keySchema } = description
  const events = compileDescription(description, options)
  const mode = options.convertingFailure
  const safely = (field: FieldMaker): RowColumn => {
    const column = columnOf(field)
    const decode: Decode = (bytes, start, end) => {
      try {
        return (column.decode as Decode)(bytes, start, end)
      } catch (cause) {
        unconvertible(described.id, field.column, cause, mode, options.log)
        return null
      }
    }
    return { ...column, decode }
  }
  /** Columns of a tuple, or of a line: those without a field are passed over. */
  const laidOut = (names: readonly string[], some: readonly FieldMaker[], make = columnOf): RowColumn[] =>
    names.map((name) => {
      const field = some.find((one) => one.column.name === name)
      return field === undefined ? { name, decode: null, absent: null, unchanged: null } : make(field)
    })
  const all = columns.map((one) => one.name)
  const selected = all.filter((name) => [...fields, ...keyFields].some((one) => one.column.name === name))
  const fieldOf = new Map(fields.map((one) => [one.column.name, one.name]))

  const isInValue = keyFields.every((key) => {
    const field = fields.find((one) => one.column === key.column)
    return field !== undefined && field.change === undefined
  })
  const derive = isInValue ? keyReader(keyFields, keyAugment) : null
  const keyTuple = derive === null ? tupleReader(laidOut(all, keyFields)) : null
  const keyLine = derive === null ? lineReader(laidOut(selected, keyFields)) : null
  const complete = (key: Row): Row => {
    if (keyAugment !== undefined) key[keyAugment.field] = keyAugment.value
    return key
  }
  const readTuple = tupleReader(laidOut(all, fields))
  const readLine = lineReader(laidOut(selected, fields))
  let safeTuple: TupleReader | null = null
  let safeLine: LineReader | null = null
  return Object.freeze({
    ...events,
    replicaIdentity: table.replicaIdentity,
    readTuple(bytes: Buffer, at: number): Row {
      try {
        return readTuple(bytes, at)
      } catch {
        safeTuple ??= tupleReader(laidOut(all, fields, safely))
        return safeTuple(bytes, at)
      }
    },
    readLine(bytes: Buffer, at: number, end: number): Row {
      try {
        return readLine(bytes, at, end)
      } catch {
        safeLine ??= lineReader(laidOut(selected, fields, safely))
        return safeLine(bytes, at, end)
      }
    },
    keyOfTuple:
      keySchema === null
        ? () => null
        : derive !== null
          ? (_bytes: Buffer, _at: number, row: Row) => derive(row)
          : (bytes: Buffer, at: number) => complete((keyTuple as TupleReader)(bytes, at)),
    keyOfLine:
      keySchema === null
        ? () => null
        : derive !== null
          ? (_bytes: Buffer, _at: number, _end: number, row: Row) => derive(row)
          : (bytes: Buffer, at: number, end: number) => complete((keyLine as LineReader)(bytes, at, end)),
    tuple: all.map((name) => fieldOf.get(name) ?? null),
    columns: selected,
    keyColumns: keyFields.map((one) => one.column.name),
  })
}

const NO_FACTS = { jdbcType: JdbcType.OTHER, typeName: 'unknown', length: null, scale: null }

function mappingOf(column: Column, { catalog, types }: TableContext): Mapping | undefined {
  const type = types.of(column)
  if (type === null) return undefined
  const plain = type.schema().build()
  const fallback = absentValue(plain) as Value
  const found = catalog.resolve(column.typeOid, column.modifier).type
  const value =
    column.defaultExpression === null || found === undefined
      ? undefined
      : (defaultValue(column.defaultExpression, found.name, found.labels, type) as Value | undefined)
  const { decode } = type
  // A large value that was not touched is one the row has: it cannot be null.
  const unavailable = (type.unchanged ?? (column.optional ? null : (value ?? fallback))) as Value
  return {
    schema: type.schema(),
    decode,
    convert: (raw) => {
      const bytes = Buffer.from(raw as string)
      return decode(bytes, 0, bytes.length) as Value
    },
    ...(value !== undefined && { defaultValue: value }),
    fallback,
    unavailable,
  }
}

function columnOf({ name, mapping, change, whenNull, whenUnavailable }: FieldMaker): RowColumn {
  const { decode } = mapping as Mapping
  return {
    name,
    decode: change === undefined ? decode : (bytes, start, end) => change(decode(bytes, start, end) as Value),
    absent: whenNull,
    unchanged: whenUnavailable,
  }
}

/** Takes the key out of a row's struct. */
function keyReader(
  fields: readonly FieldMaker[],
  augment: { readonly field: string; readonly value: string } | undefined,
): (row: Row) => Row {
  const member = (name: string, value: string) => `[${JSON.stringify(name)}]:${value}`
  const parts = fields.map(({ name }) => member(name, `row[${JSON.stringify(name)}]`))
  if (augment !== undefined) parts.push(member(augment.field, JSON.stringify(augment.value)))
  return new Function('row', `return {${parts.join()}}`) as (row: Row) => Row
}
