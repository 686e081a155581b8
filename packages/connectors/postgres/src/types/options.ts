// What a connector's configuration says of values.

/** Options of column types; each is a key of the connector. */
export interface TypeOptions {
  /** `decimal.handling.mode` */
  readonly decimal: 'precise' | 'string' | 'double'
  /** `time.precision.mode` */
  readonly time: 'adaptive' | 'adaptive_time_microseconds' | 'connect' | 'isostring' | 'microseconds' | 'nanoseconds'
  /** `binary.handling.mode` */
  readonly binary: 'bytes' | 'base64' | 'base64-url-safe' | 'hex'
  /** `hstore.handling.mode` */
  readonly hstore: 'json' | 'map'
  /** `interval.handling.mode` */
  readonly interval: 'numeric' | 'string'
  /** `include.unknown.datatypes` */
  readonly includeUnknown: boolean
  /** `money.fraction.digits` */
  readonly moneyDigits: number
  /** `unavailable.value.placeholder` */
  readonly placeholder: Buffer
}
