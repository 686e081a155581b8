// Cuts a stream of bytes into length-prefixed frames. Each frame is one buffer of its own, filled as the bytes arrive.
import { MalformedBytesError } from '../protocol/reader.ts'

const PREFIX = 4

/** Collects frames. */
export class FrameReader {
  readonly #maxFrame: number
  readonly #onFrame: (frame: Buffer) => void
  readonly #prefix = Buffer.alloc(PREFIX)
  #prefixFilled = 0
  #frame: Buffer | null = null
  #filled = 0

  /** @param maxFrame bytes above which a length is taken for nonsense */
  constructor(maxFrame: number, onFrame: (frame: Buffer) => void) {
    this.#maxFrame = maxFrame
    this.#onFrame = onFrame
  }

  /** Takes more bytes; they are copied. @throws MalformedBytesError for a length that cannot be */
  push(chunk: Uint8Array, length = chunk.length): void {
    let at = 0
    while (at < length) {
      if (this.#frame === null) {
        this.#prefix[this.#prefixFilled++] = chunk[at++] as number
        if (this.#prefixFilled === PREFIX) this.#open()
        continue
      }
      const part = Math.min(length - at, this.#frame.length - this.#filled)
      this.#frame.set(chunk.subarray(at, at + part), this.#filled)
      this.#filled += part
      at += part
      if (this.#filled === this.#frame.length) this.#complete(this.#frame)
    }
  }

  #open(): void {
    const size = this.#prefix.readInt32BE()
    if (size < 0 || size > this.#maxFrame) {
      throw new MalformedBytesError(`A frame of ${size} bytes is announced; the largest accepted is ${this.#maxFrame}`)
    }
    this.#frame = Buffer.allocUnsafeSlow(size)
    this.#filled = 0
    this.#prefixFilled = 0
    if (size === 0) this.#complete(this.#frame)
  }

  #complete(frame: Buffer): void {
    this.#frame = null
    this.#onFrame(frame)
  }
}
