// A secret that cannot be printed by accident.
import { inspect } from 'node:util'

const HIDDEN = '[hidden]'
const BRAND = Symbol.for('millrace.Password')

/** Holds a secret. Every usual way of printing it gives `[hidden]`; only {@link Password.value} gives the secret. */
export class Password {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }
  /** The secret itself. */
  get value(): string {
    return this.#value
  }
  get [BRAND](): true {
    return true
  }
  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }
  toString(): string {
    return HIDDEN
  }
  toJSON(): string {
    return HIDDEN
  }
  [inspect.custom](): string {
    return HIDDEN
  }
}
