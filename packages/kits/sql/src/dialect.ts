// What a database's dialect must know. One folder per database implements it; SQL Server, Oracle and Db2 come here next.
import type { Logger, Schema, Value } from '@millrace/api'
import type { Cell, ResultColumn, SqlConnection } from './connection.ts'
import type { TableId } from './identifiers.ts'
import type { Semantic } from './semantics.ts'
import type { Calendar, Zone } from './temporal.ts'
import type { JdbcUrl } from './url/jdbc-url.ts'

/** How to reach a database. */
export interface ConnectOptions {
  readonly url: JdbcUrl
  readonly user: string | null
  readonly password: string | null
  /** Name shown in the database's list of sessions. */
  readonly applicationName: string
  readonly log: Logger
}

/** A column of a table. */
export interface ColumnDefinition {
  readonly name: string
  /** The database's name of the type without length, lower case: `numeric`, `varchar`, `int4`. */
  readonly type: string
  /** What a cast to the type says, without length or scale: PostgreSQL's `timestamp with time zone`. */
  readonly castType: string
  readonly precision: number | null
  readonly scale: number | null
  readonly nullable: boolean
  readonly autoIncrement: boolean
  readonly primaryKey: boolean
  readonly hasDefault: boolean
}

export type TableType = 'TABLE' | 'PARTITIONED TABLE' | 'VIEW'

/** A table as the database describes it. */
export interface TableDefinition {
  readonly id: TableId
  readonly type: TableType
  readonly columns: ReadonlyMap<string, ColumnDefinition>
}

/** A column to be made. */
export interface DdlColumn {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  /** Text of the default, as it stands in DDL; null for none. */
  readonly defaultText: string | null
  readonly primaryKey: boolean
  /** True to say NULL or NOT NULL beside a default, too. */
  readonly explicitNull?: boolean
}

/** What is written into a table by one statement. */
export interface WriteSpec {
  readonly kind: 'insert' | 'upsert' | 'update' | 'delete'
  readonly table: TableId
  readonly definition: TableDefinition
  /** Names of the columns that find a row; cells of these come first. */
  readonly keys: readonly string[]
  /** Names of the other columns, whose cells follow. Empty for a delete. */
  readonly values: readonly string[]
  readonly quote: boolean
  /** True where an upsert may replace the whole row (SQLite's INSERT OR REPLACE), as the reference does there. */
  readonly replace: boolean
}

/** Writes rows in the fastest way the database has. */
export interface TableWriter {
  /** The statement, for logs and errors. */
  readonly sql: string
  /**
   * Writes rows of encoded cells, keys first. Rows of one call may hold the same key more than once: the last one stays.
   * Call it inside a transaction.
   */
  write(connection: SqlConnection, rows: readonly (readonly Cell[])[]): Promise<void>
}

/** Turns a value that is not null, as its {@link Semantic} has it, into a cell. */
export type Encoder = (value: unknown) => Cell

/** Choices of the connector that encoders heed. */
export interface EncodeOptions {
  /** Zone in which timestamps without a zone are written. */
  readonly zone: Zone
  /** Zone in which dates are written. */
  readonly dateZone: Zone
  /** Zone in which texts with an offset are written to columns without a zone; by default `zone`. */
  readonly momentZone?: Zone
  readonly calendar: Calendar
}

/** Choices of the connector that readers heed. */
export interface ReadOptions {
  readonly numericMapping: 'none' | 'precision_only' | 'best_fit' | 'best_fit_eager_double'
  readonly timestampGranularity:
    | 'connect_logical'
    | 'micros_long'
    | 'micros_string'
    | 'micros_iso_datetime_string'
    | 'nanos_long'
    | 'nanos_string'
    | 'nanos_iso_datetime_string'
  readonly zone: Zone
  readonly calendar: Calendar
}

/** How one column of a result becomes a field. */
export interface ColumnReader {
  readonly schema: Schema
  /** The field's value of a cell that is not null. */
  read(cell: unknown): Value
}

/** A filter of tables. Patterns are those of JDBC metadata: `%` and `_`. */
export interface TableFilter {
  readonly catalog: string | null
  readonly schemaPattern: string | null
  readonly types: readonly string[]
}

/**
 * Transactions that run now may still commit rows with numbers and times that others have passed already. A mark is taken of
 * them; once it is settled all of them have ended.
 */
export interface TransactionWatch {
  mark(connection: SqlConnection): Promise<string>
  settled(connection: SqlConnection, mark: string): Promise<boolean>
}

/** Everything a connector asks of a database. Stateless: one object serves all connections. */
export interface Dialect {
  /** The reference's name, as in `dialect.name`. */
  readonly name: string
  /** Character around quoted names. */
  readonly quote: string
  connect(options: ConnectOptions): Promise<SqlConnection>
  /** A table of a configured name. */
  parseTable(text: string): TableId
  /** The table, searched as a statement with this name would; null when it is not there. */
  describeTable(connection: SqlConnection, id: TableId): Promise<TableDefinition | null>
  listTables(connection: SqlConnection, filter: TableFilter): Promise<TableId[]>
  /** The type of a column for a field, as Confluent's connector chooses it. `timestamp` marks `timestamp.fields.list`. */
  columnType(schema: Schema, options: { readonly timestamp: boolean; readonly primaryKey: boolean }): string
  /** A default value as it stands in DDL. */
  literal(semantic: Semantic, value: unknown, options: EncodeOptions): string
  createTable(id: TableId, columns: readonly DdlColumn[], quote: boolean): string
  /** Empties a table. */
  truncate(id: TableId, quote: boolean): string
  addColumns(id: TableId, columns: readonly DdlColumn[], quote: boolean): readonly string[]
  /** @throws DataException from the encoder for a value the column's type cannot hold at all */
  encoder(semantic: Semantic, column: ColumnDefinition | undefined, options: EncodeOptions): Encoder
  writer(spec: WriteSpec): TableWriter
  /** Undefined for a type that has no mapping: the column is left out, as in the reference. */
  reader(column: ResultColumn, optional: boolean, options: ReadOptions): ColumnReader | undefined
  /** A parameter for a criterion on a timestamp column. */
  timestampCell(ms: number, nanos: number, zone: Zone): Cell
  /** A timestamp column, quoted, as it is compared with {@link timestampCell}. */
  timestampExpression(column: string): string
  /** Tells when all transactions that run now have ended; see {@link TransactionWatch}. */
  readonly watch: TransactionWatch
  /** The database's time now, in milliseconds since the epoch. */
  now(connection: SqlConnection): Promise<number>
  /** The statement that sets the isolation of the transactions to come, or null where it cannot be set. */
  isolation(mode: string): string | null
  /** The parameter marker of position `index`, from 1. */
  marker(index: number): string
}
