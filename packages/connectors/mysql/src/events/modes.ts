// How values are shown: the choices of the configuration that change a column's schema.

export interface ValueModes {
  readonly decimal: 'precise' | 'double' | 'string'
  readonly time: 'adaptive_time_microseconds' | 'connect' | 'isostring' | 'microseconds' | 'nanoseconds'
  readonly binary: 'bytes' | 'base64' | 'base64-url-safe' | 'hex'
  /** Whether years of two digits are of 1970 to 2069. */
  readonly adjustsYears: boolean
  readonly unsignedBigint: 'long' | 'precise'
}
