// Reads objects by the shapes that came before, and learns new ones as long as that pays.
import { OTHER_SHAPE, type Shape, shapeOf } from './shape.ts'

/** Shapes tried for a text: the last used first. */
const MAX_SHAPES = 8
/** A shape must have served this often, on average, before another one is learned. */
const WORTH = 64
const LONGEST_REST = 65_536

/** Objects of known shapes. One for the texts of one converter. */
export class ShapeReader {
  readonly #shapes: Shape[] = []
  #hits = 0
  /** Texts that are left to the parser without a look, since hardly any was of a known shape. */
  #rest = 0
  #nextRest = WORTH

  /** The object, as JSON.parse gives it, or {@link OTHER_SHAPE}: then read it otherwise and call {@link learn}. */
  read(text: string, buffer: Buffer, start: number, end: number): object | typeof OTHER_SHAPE {
    if (this.#rest > 0) return OTHER_SHAPE
    const shapes = this.#shapes
    const isAscii = text.length === end - start
    for (let i = 0; i < shapes.length; i++) {
      const shape = shapes[i]!
      const value = shape.read(text, isAscii, buffer, start, end)
      if (value === OTHER_SHAPE) continue
      this.#hits++
      if (i > 0) {
        shapes[i] = shapes[0]!
        shapes[0] = shape
      }
      return value
    }
    return OTHER_SHAPE
  }

  /** A text that had no known shape, and was an object. */
  learn(text: string): void {
    if (this.#rest > 0) {
      this.#rest--
      return
    }
    const isFull = this.#shapes.length === MAX_SHAPES
    const isWorthIt = this.#hits >= WORTH * MAX_SHAPES
    const shape = isFull && !isWorthIt ? null : shapeOf(text)
    if (shape === null) {
      this.#pause()
      return
    }
    if (isWorthIt) this.#nextRest = WORTH
    this.#hits = 0
    if (isFull) this.#shapes.pop()
    this.#shapes.unshift(shape)
  }

  #pause(): void {
    // What still comes in known shapes goes on being read so.
    if (this.#hits >= WORTH) {
      this.#hits = 0
      return
    }
    this.#hits = 0
    this.#rest = this.#nextRest
    this.#nextRest = Math.min(LONGEST_REST, this.#nextRest * 2)
  }
}
