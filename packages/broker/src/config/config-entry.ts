// One configuration key of a topic or the broker, as Kafka defines it: its type, its default, what is allowed.

/** Kafka's names of types, with the numbers DescribeConfigs gives them. */
export const CONFIG_TYPES = {
  boolean: 1,
  string: 2,
  int: 3,
  short: 4,
  long: 5,
  double: 6,
  list: 7,
  class: 8,
  password: 9,
} as const

/** One key. `broker` names the broker's key whose value is the default here. */
export interface ConfigEntryDef {
  readonly type: keyof typeof CONFIG_TYPES
  readonly default: string
  readonly broker?: string
  readonly oneOf?: readonly string[]
  readonly min?: number
  readonly max?: number
}

const INT_MAX = 2147483647

/** Checks `text` as a value of `def`; the problem is a full sentence that names key, value and what is allowed. */
export function parseConfigValue(name: string, def: ConfigEntryDef, text: string): { readonly problem?: string } {
  const invalid = (why: string) => ({ problem: `Invalid value ${text} for configuration ${name}: ${why}` })
  switch (def.type) {
    case 'boolean':
      return /^(true|false)$/i.test(text.trim()) ? {} : invalid('Expected value to be either true or false')
    case 'int':
    case 'long':
    case 'short': {
      if (!/^[+-]?\d+$/.test(text.trim())) return invalid(`Not a number of type ${def.type.toUpperCase()}`)
      const value = Number(text)
      if (def.type === 'int' && Math.abs(value) > INT_MAX + 1) return invalid('Not a number of type INT')
      return range(value, def, invalid)
    }
    case 'double': {
      const value = Number(text)
      if (text.trim() === '' || Number.isNaN(value)) return invalid('Not a number of type DOUBLE')
      return range(value, def, invalid)
    }
    case 'list': {
      const allowed = def.oneOf
      if (allowed === undefined) return {}
      const wrong = text
        .split(',')
        .map((part) => part.trim())
        .find((part) => !allowed.includes(part))
      return wrong === undefined ? {} : invalid(`String must be one of: ${allowed.join(', ')}`)
    }
    default:
      return def.oneOf === undefined || def.oneOf.includes(text)
        ? {}
        : invalid(`String must be one of: ${def.oneOf.join(', ')}`)
  }
}

function range(
  value: number,
  def: ConfigEntryDef,
  invalid: (why: string) => { problem: string },
): { readonly problem?: string } {
  if (def.min !== undefined && value < def.min) return invalid(`Value must be at least ${def.min}`)
  if (def.max !== undefined && value > def.max) return invalid(`Value must be no more than ${def.max}`)
  return {}
}
