// What the columns of a row event are turned into: the seam between the binlog's bytes and a connector's values.

/**
 * Makes the final value of one column out of what stood in the event. One object per column, chosen when a table's decoder
 * is compiled; only the function of the column's own type is called. Views of buffers share memory with the event.
 */
export interface ColumnForms {
  integer(value: number | bigint): unknown
  float(value: number): unknown
  /** The value is `unscaled × 10^-scale`; `unscaled` is a number when the column has at most 15 digits. */
  decimal(unscaled: bigint | number, scale: number): unknown
  /** Days since 1970-01-01; null where it is none: a zero year, month or day, which only MySQL takes for a date. */
  date(epochDays: number | null): unknown
  /** May be negative, and longer than a day. */
  time(microseconds: number): unknown
  /** Seconds since 1970 as if the time were UTC, null where the date is none; microseconds 0 to 999,999. */
  dateTime(seconds: number | null, microseconds: number): unknown
  /** Seconds since the epoch; null for the zero timestamp. */
  timestamp(seconds: number | null, microseconds: number): unknown
  /** 0 for the zero year. */
  year(value: number): unknown
  text(value: string): unknown
  bytes(value: Buffer): unknown
  /** Big-endian, as many bytes as the column's bits need. */
  bits(value: Buffer): unknown
  /** Number of the value from 1; 0 is the empty value that stands for a wrong one. */
  enumeration(index: number): unknown
  /** Bit 0 is the first value. */
  set(bits: bigint): unknown
  json(text: string): unknown
  /** Four bytes of SRID, little-endian, then WKB; empty where MySQL wrote none. */
  geometry(value: Buffer): unknown
  /** Little-endian single-precision floats. */
  vector(value: Buffer): unknown
}

/** Leaves values as they are, dates and times as numbers and objects: what tests and tools look at. */
export const PLAIN_FORMS: ColumnForms = Object.freeze({
  integer: (value: number | bigint) => value,
  float: (value: number) => value,
  decimal: (unscaled: bigint | number, scale: number) => decimalText(unscaled, scale),
  date: (epochDays: number | null) => epochDays,
  time: (microseconds: number) => microseconds,
  dateTime: (seconds: number | null, microseconds: number) => (seconds === null ? null : { seconds, microseconds }),
  timestamp: (seconds: number | null, microseconds: number) => (seconds === null ? null : { seconds, microseconds }),
  year: (value: number) => value,
  text: (value: string) => value,
  bytes: (value: Buffer) => value,
  bits: (value: Buffer) => value,
  enumeration: (index: number) => index,
  set: (bits: bigint) => bits,
  json: (text: string) => text,
  geometry: (value: Buffer) => value,
  vector: (value: Buffer) => value,
})

/** Plain digits of a decimal: `-0.50`. */
export function decimalText(unscaled: bigint | number, scale: number): string {
  const negative = unscaled < 0
  const digits = String(negative ? -unscaled : unscaled).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  return `${negative ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(digits.length - scale)}`}`
}
