// Numbers of binlog event types: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_replication_binlog_event.html
// and https://mariadb.com/kb/en/2-binlog-event-header/ for those from 160 on, which are MariaDB's alone.

export const EventType = {
  QUERY: 2,
  STOP: 3,
  ROTATE: 4,
  INTVAR: 5,
  RAND: 13,
  USER_VAR: 14,
  FORMAT_DESCRIPTION: 15,
  XID: 16,
  TABLE_MAP: 19,
  WRITE_ROWS_V1: 23,
  UPDATE_ROWS_V1: 24,
  DELETE_ROWS_V1: 25,
  INCIDENT: 26,
  HEARTBEAT: 27,
  IGNORABLE: 28,
  ROWS_QUERY: 29,
  WRITE_ROWS: 30,
  UPDATE_ROWS: 31,
  DELETE_ROWS: 32,
  GTID: 33,
  ANONYMOUS_GTID: 34,
  PREVIOUS_GTIDS: 35,
  TRANSACTION_CONTEXT: 36,
  VIEW_CHANGE: 37,
  XA_PREPARE: 38,
  PARTIAL_UPDATE_ROWS: 39,
  TRANSACTION_PAYLOAD: 40,
  HEARTBEAT_V2: 41,
  GTID_TAGGED: 42,
  ANNOTATE_ROWS: 160,
  BINLOG_CHECKPOINT: 161,
  MARIADB_GTID: 162,
  MARIADB_GTID_LIST: 163,
  START_ENCRYPTION: 164,
  QUERY_COMPRESSED: 165,
  WRITE_ROWS_COMPRESSED_V1: 166,
  UPDATE_ROWS_COMPRESSED_V1: 167,
  DELETE_ROWS_COMPRESSED_V1: 168,
  WRITE_ROWS_COMPRESSED: 169,
  UPDATE_ROWS_COMPRESSED: 170,
  DELETE_ROWS_COMPRESSED: 171,
} as const

/** Bytes of an event's header. */
export const HEADER_LENGTH = 19

/** Header flag: made by the server for this connection alone; it stands in no file. */
export const FLAG_ARTIFICIAL = 0x20

/** What every event begins with. */
export interface EventHeader {
  /** Seconds since the epoch at which the statement began; 0 for artificial events. */
  readonly timestamp: number
  readonly type: number
  readonly serverId: number
  /** Bytes of the whole event, its header and checksum included. */
  readonly size: number
  /** Position in the file after this event, modulo 2^32; 0 for artificial ones. */
  readonly nextPosition: number
  readonly flags: number
}

/** Reads the header at `at`. @throws RangeError when there is none whole */
export function readHeader(buffer: Buffer, at: number): EventHeader {
  return {
    timestamp: buffer.readUInt32LE(at),
    type: buffer.readUInt8(at + 4),
    serverId: buffer.readUInt32LE(at + 5),
    size: buffer.readUInt32LE(at + 9),
    nextPosition: buffer.readUInt32LE(at + 13),
    flags: buffer.readUInt16LE(at + 17),
  }
}

/** Numbers of column types as they stand in a table map. */
export const ColumnType = {
  DECIMAL: 0,
  TINY: 1,
  SHORT: 2,
  LONG: 3,
  FLOAT: 4,
  DOUBLE: 5,
  NULL: 6,
  TIMESTAMP: 7,
  LONGLONG: 8,
  INT24: 9,
  DATE: 10,
  TIME: 11,
  DATETIME: 12,
  YEAR: 13,
  NEWDATE: 14,
  VARCHAR: 15,
  BIT: 16,
  TIMESTAMP2: 17,
  DATETIME2: 18,
  TIME2: 19,
  BLOB_COMPRESSED: 140,
  VARCHAR_COMPRESSED: 141,
  VECTOR: 242,
  JSON: 245,
  NEWDECIMAL: 246,
  ENUM: 247,
  SET: 248,
  TINY_BLOB: 249,
  MEDIUM_BLOB: 250,
  LONG_BLOB: 251,
  BLOB: 252,
  VAR_STRING: 253,
  STRING: 254,
  GEOMETRY: 255,
} as const
