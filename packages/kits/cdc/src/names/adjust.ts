// schema.name.adjustment.mode and field.name.adjustment.mode: names that Avro accepts.

/** Gives the name to use instead. */
export type NameAdjuster = (name: string) => string

/** The modes of `schema.name.adjustment.mode` and `field.name.adjustment.mode`. */
export const NAME_ADJUSTMENT_MODES = ['none', 'avro', 'avro_unicode'] as const
export type NameAdjustmentMode = (typeof NAME_ADJUSTMENT_MODES)[number]

interface Rule {
  readonly first: RegExp
  readonly rest: RegExp
  readonly replace: (char: string) => string
  /** A digit at the start is kept behind its replacement, so that names that differ by it alone stay apart. */
  readonly keepsDigit: boolean
}

const underscore = () => '_'
/** `_u` and the code in hexadecimal, with two zeros before one or two digits. */
export const unicodeEscape = (char: string): string => {
  const hex = char.charCodeAt(0).toString(16)
  return `_u${hex.length <= 2 ? `00${hex}` : hex}`
}

const SCHEMA: Record<NameAdjustmentMode, Rule | null> = {
  none: null,
  avro: { first: /[A-Za-z_]/, rest: /[A-Za-z_.0-9]/, replace: underscore, keepsDigit: true },
  avro_unicode: { first: /[A-Za-z]/, rest: /[A-Za-z.0-9]/, replace: unicodeEscape, keepsDigit: false },
}
const FIELD: Record<NameAdjustmentMode, Rule | null> = {
  none: null,
  avro: { first: /[A-Za-z_]/, rest: /[A-Za-z_0-9]/, replace: underscore, keepsDigit: true },
  avro_unicode: { first: /[A-Za-z]/, rest: /[A-Za-z0-9]/, replace: unicodeEscape, keepsDigit: false },
}

/** The adjuster of schema names of a mode. */
export function schemaNameAdjuster(mode: NameAdjustmentMode): NameAdjuster {
  return adjuster(SCHEMA[mode])
}

/** The adjuster of field names of a mode. Dots are replaced, too. */
export function fieldNameAdjuster(mode: NameAdjustmentMode): NameAdjuster {
  return adjuster(FIELD[mode])
}

function adjuster(rule: Rule | null): NameAdjuster {
  return rule === null ? (name) => name : (name) => adjust(name, rule)
}

function adjust(name: string, { first, rest, replace, keepsDigit }: Rule): string {
  if (name === '') return name
  const head = name.charAt(0)
  let out = first.test(head) ? head : replace(head) + (keepsDigit && /\d/.test(head) ? head : '')
  // By UTF-16 unit, as the reference: a character beyond the basic plane is replaced twice.
  for (let at = 1; at < name.length; at++) {
    const char = name.charAt(at)
    out += rest.test(char) ? char : replace(char)
  }
  return out
}
