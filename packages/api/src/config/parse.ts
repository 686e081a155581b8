// From text to a typed value, by the reference's rules (ConfigDef.parseType), and back to text.
import { ConfigException } from '../errors.ts'
import type { ConfigType, ConfigTypeMap } from './config-key.ts'
import { Password } from './password.ts'

const INTEGER = /^[+-]?\d+$/
/** What Java reads as a double, but for its hexadecimal form. */
const DOUBLE = /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?)$/
const RANGES = {
  int: { low: -2_147_483_648n, high: 2_147_483_647n, name: 'INT' },
  short: { low: -32_768n, high: 32_767n, name: 'SHORT' },
  long: { low: -(2n ** 63n), high: 2n ** 63n - 1n, name: 'LONG' },
} as const

/**
 * Parses `value` as `type`. Text is trimmed first (not a password). Null stays null.
 * LONG values beyond 2^53 lose precision: no key of Kafka or Connect means anything there.
 * @throws ConfigException `Invalid value V for configuration K: reason`
 */
export function parseConfigValue<T extends ConfigType>(key: string, type: T, value: unknown): ConfigTypeMap[T] | null {
  if (value === null || value === undefined) return null
  return PARSERS[type](key, typeof value === 'string' && type !== 'password' ? value.trim() : value) as ConfigTypeMap[T]
}

const PARSERS: Readonly<Record<ConfigType, (key: string, value: unknown) => unknown>> = {
  boolean: (key, value) => {
    if (typeof value === 'boolean') return value
    const text = typeof value === 'string' ? value.toLowerCase() : ''
    if (text === 'true') return true
    if (text === 'false') return false
    throw ConfigException.invalidValue(key, value, 'Expected value to be either true or false')
  },
  string: (key, value) => {
    if (typeof value === 'string') return value
    throw ConfigException.invalidValue(key, value, `Expected value to be a string, but it was a ${typeof value}`)
  },
  int: (key, value) => integer(key, value, 'int'),
  short: (key, value) => integer(key, value, 'short'),
  long: (key, value) => integer(key, value, 'long'),
  double: (key, value) => {
    if (typeof value === 'number') return value
    if (typeof value === 'string' && DOUBLE.test(value)) return Number(value.replace(/[dDfF]$/, ''))
    throw ConfigException.invalidValue(key, value, 'Not a number of type DOUBLE')
  },
  list: (key, value) => {
    if (Array.isArray(value)) return value.map(String)
    if (typeof value !== 'string') throw ConfigException.invalidValue(key, value, 'Expected a comma separated list.')
    return value === '' ? [] : value.split(/\s*,\s*/)
  },
  class: (key, value) => {
    if (typeof value === 'string' && value !== '') return value
    throw ConfigException.invalidValue(key, value, 'Expected a Class instance or class name.')
  },
  password: (key, value) => {
    if (value instanceof Password) return value
    if (typeof value === 'string') return new Password(value)
    throw ConfigException.invalidValue(key, '[hidden]', 'Expected value to be a string')
  },
}

function integer(key: string, value: unknown, type: 'int' | 'short' | 'long'): number {
  const { low, high, name } = RANGES[type]
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text === 'string' && INTEGER.test(text)) {
    const exact = BigInt(text.replace(/^\+/, ''))
    if (exact >= low && exact <= high) return Number(exact)
  }
  throw ConfigException.invalidValue(key, value, `Not a number of type ${name}`)
}

/** Text of a parsed value as the REST API shows it: lists joined by commas, secrets hidden, null as null. */
export function configValueToString(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return Array.isArray(value) ? value.join(',') : String(value)
}
