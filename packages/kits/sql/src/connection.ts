// What the connectors ask of a connection, whatever the driver behind it.

/** A parameter as the dialect's encoders make it. */
export type Cell = string | number | bigint | boolean | Uint8Array | null

/** A column of a result, in the database's own words. */
export interface ResultColumn {
  readonly name: string
  /** The database's name of the type, lower case. */
  readonly type: string
  readonly precision: number | null
  readonly scale: number | null
  /** Null where the database does not say. */
  readonly nullable: boolean | null
  /** Table it comes from, where known. */
  readonly table: string | null
  /** Name of the column in that table. */
  readonly baseName: string
}

/** Rows as the driver's most faithful form: text for PostgreSQL and MySQL (bytes for binary), native values for SQLite. */
export interface RowBatch {
  readonly columns: readonly ResultColumn[]
  readonly rows: readonly (readonly unknown[])[]
}

/**
 * One connection, used by one caller at a time. Errors are `SqlError`s. After one of kind `connection` it is closed.
 */
export interface SqlConnection {
  /** False once it is known to be broken or closed. */
  readonly open: boolean
  /** Runs a statement and gives all of its rows. */
  query(sql: string, params?: readonly Cell[]): Promise<RowBatch>
  /** Runs a statement and gives the number of rows it changed. */
  execute(sql: string, params?: readonly Cell[]): Promise<number>
  /** Streams the rows of a query, about `size` at a time, without ever holding all of them. Ends the query when left early. */
  stream(sql: string, params: readonly Cell[], size: number): AsyncGenerator<RowBatch>
  begin(): Promise<void>
  commit(): Promise<void>
  rollback(): Promise<void>
  /** Ends the connection; never fails. */
  close(): Promise<void>
}
