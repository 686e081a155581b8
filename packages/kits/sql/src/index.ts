// The entry of the SQL kit: what connectors of relational databases share.
export type { Cell, ResultColumn, RowBatch, SqlConnection } from './connection.ts'
export { rowKey } from './ddl.ts'
export type {
  ColumnDefinition,
  ColumnReader,
  ConnectOptions,
  DdlColumn,
  Dialect,
  EncodeOptions,
  Encoder,
  ReadOptions,
  TableDefinition,
  TableFilter,
  TableType,
  TableWriter,
  TransactionWatch,
  WriteSpec,
} from './dialect.ts'
export { DIALECT_NAMES, dialectOf } from './dialects.ts'
export {
  type IdentifierRules,
  parseTableId,
  quoteName,
  quoteTable,
  sameTable,
  splitQualifiedName,
  type TableId,
  tableText,
} from './identifiers.ts'
export { instantOf } from './reader.ts'
export { connectSemantic, type Semantic, type SemanticKind, scaleOf, semantic } from './semantics.ts'
export { SqlError, type SqlErrorKind } from './sql-error.ts'
export { type Calendar, formatInstant, type TimeUnit, type Zone, zoneOf } from './temporal.ts'
export { displayUrl, type JdbcHost, type JdbcUrl, parseJdbcUrl, property } from './url/jdbc-url.ts'
export { VERSION } from './version.ts'
