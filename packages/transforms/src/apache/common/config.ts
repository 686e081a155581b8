// Pieces that several definitions share.
import { ConfigException, compileJavaRegex, satisfies, type Validator } from '@millrace/api'

/** KIP-1040. */
export const REPLACE_NULL = {
  'replace.null.with.default': {
    type: 'boolean',
    default: true,
    importance: 'medium',
    doc: 'Whether a null in a field that has a default is read as that default (true) or stays null (false).',
  },
} as const

/** A list with entries, of any text: only that there are some is asked. */
export const filledList: Validator = satisfies('non-empty list', (value) =>
  (value as readonly string[] | null)?.length ? undefined : 'Empty list',
)

/** A list whose entries are not empty (KIP-1161). The reference shows no allowed values for it. */
export const namesOrNone: Validator = satisfies('', (value, key) => {
  if ((value as readonly string[] | null)?.includes('')) {
    throw new ConfigException(`Configuration '${key}' values must not be empty.`, { configKey: key })
  }
  return undefined
})

/** At least one name, none of them empty (KIP-1161). */
export const someNames: Validator = satisfies('', (value, key) => {
  if (!(value as readonly string[] | null)?.length) {
    throw new ConfigException(`Configuration '${key}' must not be empty. Valid values include: any non-empty value`, {
      configKey: key,
    })
  }
  return namesOrNone(key, value)
})

/** A regular expression as Java writes them. */
export const javaRegex: Validator = satisfies('valid regex', (value) => {
  const compiled = compileJavaRegex(String(value))
  return typeof compiled === 'string' ? `Invalid regex: ${compiled}` : undefined
})

/** `a:b` split at the colons as Java does: empty parts at the end are none. */
export function splitPair(text: string): string[] {
  const parts = text.split(':')
  while (parts.length > 1 && parts.at(-1) === '') parts.pop()
  return parts.length === 1 && parts[0] === '' && text !== '' ? [] : parts
}

/** Pairs `old:new` as a map. @throws ConfigException for anything else */
export function parseRenames(key: string, pairs: readonly string[]): Map<string, string> {
  return new Map(
    pairs.map((pair) => {
      const parts = splitPair(pair)
      if (parts.length !== 2) throw ConfigException.invalidValue(key, pairs, `Invalid rename mapping: ${pair}`)
      return parts as [string, string]
    }),
  )
}
