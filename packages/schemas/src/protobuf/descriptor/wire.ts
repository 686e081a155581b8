// Protobuf's wire format, as far as descriptors need it.
// Source: https://protobuf.dev/programming-guides/encoding/

/** Reads fields one after the other. Its methods throw an Error where the bytes end early. */
export class WireReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }
  get atEnd(): boolean {
    return this.#at >= this.#bytes.length
  }
  tag(): { readonly number: number; readonly wireType: number } {
    const tag = Number(BigInt.asUintN(32, this.#varint()))
    const number = tag >>> 3
    if (number === 0) throw new Error('A field has the number 0')
    return { number, wireType: tag & 7 }
  }
  /** A varint as an integer of 32 bits. */
  integer(): number {
    return Number(BigInt.asIntN(32, this.#varint()))
  }
  text(): string {
    return this.#run().toString()
  }
  nested(): WireReader {
    return new WireReader(this.#run())
  }
  skip(wireType: number): void {
    if (wireType === 0) this.#varint()
    else if (wireType === 1) this.#take(8)
    else if (wireType === 2) this.#run()
    else if (wireType === 5) this.#take(4)
    else throw new Error(`A field has the wire type ${wireType}`)
  }

  #run(): Buffer {
    return this.#take(Number(this.#varint()))
  }
  #take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new Error('The bytes end in the middle of a field')
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }
  #varint(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new Error('The bytes end in the middle of a number')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw new Error('A number is longer than 10 bytes')
  }
}

/** Collects fields. */
export class WireWriter {
  readonly #parts: Buffer[] = []

  bytes(): Buffer {
    return Buffer.concat(this.#parts)
  }
  bytesField(number: number, value: Buffer): void {
    this.#varint(BigInt(number * 8 + 2))
    this.#varint(BigInt(value.length))
    this.#parts.push(value)
  }
  integerField(number: number, value: number): void {
    this.#varint(BigInt(number * 8))
    this.#varint(BigInt.asUintN(64, BigInt(value)))
  }
  #varint(value: bigint): void {
    const bytes: number[] = []
    let rest = value
    while (rest > 0x7fn) {
      bytes.push(Number(rest & 0x7fn) | 0x80)
      rest >>= 7n
    }
    bytes.push(Number(rest))
    this.#parts.push(Buffer.from(bytes))
  }
}
