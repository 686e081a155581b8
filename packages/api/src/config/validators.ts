// Validators that most definitions need, with the reference's wording.
import type { Validator } from './config-key.ts'

function validator(describe: string, check: (value: unknown, key: string) => string | undefined): Validator {
  const run = (key: string, value: unknown) => check(value, key)
  return Object.freeze(Object.assign(run, { describe }))
}

/** A number of at least `low`. */
export function atLeast(low: number): Validator {
  return validator(`[${low},...]`, (value) =>
    value === null ? 'Value must be non-null' : (value as number) < low ? `Value must be at least ${low}` : undefined,
  )
}

/** A number from `low` to `high`, both included. */
export function between(low: number, high: number): Validator {
  return validator(`[${low},...,${high}]`, (value) => {
    if (value === null) return 'Value must be non-null'
    if ((value as number) < low) return `Value must be at least ${low}`
    return (value as number) > high ? `Value must be no more than ${high}` : undefined
  })
}

/** One of these strings. */
export function oneOf(...allowed: readonly string[]): Validator {
  return validator(`[${allowed.join(', ')}]`, (value) =>
    allowed.includes(value as string) ? undefined : `String must be one of: ${allowed.join(', ')}`,
  )
}

/** One of these strings, whatever the case; null is allowed where the key has no default. */
export function oneOfIgnoringCase(...allowed: readonly string[]): Validator {
  const upper = new Set(allowed.map((one) => one.toUpperCase()))
  return validator(`(case insensitive) [${allowed.map((one) => one.toUpperCase()).join(', ')}]`, (value) =>
    typeof value === 'string' && upper.has(value.toUpperCase())
      ? undefined
      : `String must be one of (case insensitive): ${allowed.map((one) => one.toUpperCase()).join(', ')}`,
  )
}

/** A string with at least one character; null passes. */
export const nonEmptyString: Validator = validator('non-empty string', (value) =>
  value === '' ? 'String must be non-empty' : undefined,
)

/** A non-empty string without ISO control characters. */
export const nonEmptyWithoutControlChars: Validator = validator(
  'non-empty string without ISO control characters',
  (value) => {
    if (value === null) return undefined
    const text = String(value)
    if (text === '') return 'String may not be empty'
    // Two ranges of control characters: C0 and DEL to C1.
    const codes = [...text]
      .map((c) => c.codePointAt(0) as number)
      .filter((code) => code < 32 || (code > 126 && code < 160))
    return codes.length === 0
      ? undefined
      : `String may not contain control sequences but had the following ASCII chars: ${codes.join(', ')}`
  },
)

/** A list with at least one entry, none of them empty. */
export const nonEmptyList: Validator = validator('non-empty list', (value) =>
  Array.isArray(value) && value.length > 0 && value.every((entry) => entry !== '')
    ? undefined
    : 'List must be non-empty',
)

/** A list of these entries only. */
export function listOf(...allowed: readonly string[]): Validator {
  return validator(`[${allowed.join(', ')}]`, (value) => {
    const bad = (value as readonly string[] | null)?.find((entry) => !allowed.includes(entry))
    return bad === undefined ? undefined : `String must be one of: ${allowed.join(', ')}`
  })
}

/** All of these, in order; the first complaint is reported. */
export function allOf(...all: readonly Validator[]): Validator {
  return validator(all.map((one) => one.describe).join(' and '), (value, key) => {
    for (const one of all) {
      const reason = one(key, value)
      if (reason !== undefined) return reason
    }
    return undefined
  })
}

/** A check of your own. Return the reason when the value does not fit. */
export function satisfies(describe: string, check: (value: unknown, key: string) => string | undefined): Validator {
  return validator(describe, check)
}
