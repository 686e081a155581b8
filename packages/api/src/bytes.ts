// The two windows through which converters meet the data path: where a value's bytes are written, and where they are read.
// They exist so that a value goes from a converter straight into the open record batch, and out of a fetched one, without a buffer between.

/**
 * Where a converter writes the bytes of one key or value. The runtime has already begun the record: every call appends to it.
 * Implementations are reused; a converter must not keep a reference after it returned.
 */
export interface ByteSink {
  /** Appends `text` in UTF-8. A lone surrogate is written as `?`, as the JVM's encoder does. */
  utf8(text: string): void
  /** Appends `text` whose characters are all below U+0080. The caller vouches for that: it is not checked. */
  ascii(text: string): void
  /** Appends the bytes of `bytes`, or those from `start` to before `end`; they are copied. */
  bytes(bytes: Uint8Array, start?: number, end?: number): void
  /** Appends one byte, two's complement. */
  int8(value: number): void
  /** Appends two bytes, big-endian. */
  int16(value: number): void
  /** Appends four bytes, big-endian. */
  int32(value: number): void
  /** Appends eight bytes, big-endian. */
  int64(value: number | bigint): void
  /** Appends an IEEE 754 single, big-endian. */
  float32(value: number): void
  /** Appends an IEEE 754 double, big-endian. */
  float64(value: number): void
}

/**
 * Where a converter reads the bytes of one key or value: a slice of a fetched batch, where it lies.
 * Implementations are reused: `buffer`, `start` and `end` are valid only until the converter returns, so bytes that are
 * kept must be copied (or taken with {@link ByteSource.bytes}, whose result may be kept).
 */
export interface ByteSource {
  /** The buffer that holds the slice, and more. */
  readonly buffer: Buffer
  /** First byte of the slice in `buffer`. */
  readonly start: number
  /** One past the last byte of the slice in `buffer`. */
  readonly end: number
  /** The slice as a string, read as UTF-8 (malformed bytes become U+FFFD, as in the JVM). Cheap when the batch is ASCII. */
  text(): string
  /** A view of the slice that stays valid after the call. */
  bytes(): Buffer
}
