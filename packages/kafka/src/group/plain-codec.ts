// The plain encoding of what members tell each other in the opaque bytes of the group protocol: big-endian integers,
// int16-length strings, int32-length bytes and arrays. Shared by the `consumer` and `connect` protocol types.

/** Reads values one after another. @throws RangeError where the bytes end too soon or a length makes no sense */
export class PlainReader {
  readonly #buffer: Buffer
  #at = 0

  constructor(buffer: Buffer) {
    this.#buffer = buffer
  }

  get remaining(): number {
    return this.#buffer.length - this.#at
  }

  int16(): number {
    return this.#buffer.readInt16BE(this.#skip(2))
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#skip(4))
  }

  string(): string {
    const text = this.nullableString()
    if (text === null) throw new RangeError('a string is null where it must not be')
    return text
  }

  nullableString(): string | null {
    const length = this.int16()
    if (length < 0) return null
    const start = this.#skip(length)
    return this.#buffer.toString('utf8', start, start + length)
  }

  nullableBytes(): Buffer | null {
    const length = this.int32()
    if (length < 0) return null
    const start = this.#skip(length)
    return this.#buffer.subarray(start, start + length)
  }

  /** An array; null is read as an empty one. `minimum` is the least number of bytes an element takes. */
  array<T>(minimum: number, element: (reader: PlainReader) => T): T[] {
    const count = this.int32()
    if (count * minimum > this.remaining)
      throw new RangeError(`${count} elements do not fit in ${this.remaining} bytes`)
    const list: T[] = []
    for (let index = 0; index < count; index++) list.push(element(this))
    return list
  }

  #skip(length: number): number {
    const start = this.#at
    if (length > this.remaining) throw new RangeError(`${length} bytes wanted at ${start}, ${this.remaining} are left`)
    this.#at += length
    return start
  }
}

/** Collects values; {@link finish} joins them. Not for hot paths: one small buffer a value. */
export class PlainWriter {
  readonly #parts: Buffer[] = []

  int16(value: number): this {
    const part = Buffer.allocUnsafe(2)
    part.writeInt16BE(value)
    return this.#add(part)
  }

  int32(value: number): this {
    const part = Buffer.allocUnsafe(4)
    part.writeInt32BE(value)
    return this.#add(part)
  }

  nullableString(text: string | null): this {
    if (text === null) return this.int16(-1)
    const bytes = Buffer.from(text, 'utf8')
    return this.int16(bytes.length).#add(bytes)
  }

  nullableBytes(bytes: Buffer | null): this {
    return bytes === null ? this.int32(-1) : this.int32(bytes.length).#add(bytes)
  }

  array<T>(list: readonly T[], element: (writer: this, value: T) => void): this {
    this.int32(list.length)
    for (const value of list) element(this, value)
    return this
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts)
  }

  #add(part: Buffer): this {
    this.#parts.push(part)
    return this
  }
}
