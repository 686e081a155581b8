// Lists of regular expressions, as include and exclude lists hold them: Java's syntax, case-insensitive, over the whole name.
import { ConfigException, compileJavaRegex } from '@millrace/api'

/** Splits at commas that no backslash escapes; parts are trimmed, `\,` becomes `,`, empty parts are left out. */
export function splitRegexes(list: string): string[] {
  const parts: string[] = []
  let part = ''
  for (let at = 0; at < list.length; at++) {
    const char = list.charAt(at)
    if (char === ',') {
      parts.push(part)
      part = ''
    } else {
      part += char === '\\' && at + 1 < list.length ? char + list.charAt(++at) : char
    }
  }
  parts.push(part)
  return parts.filter((one) => one !== '').map((one) => one.trim().replaceAll('\\,', ','))
}

/**
 * Says whether one of the expressions matches a whole name, whatever the case.
 * @param key the config key, for the error
 * @throws ConfigException for an expression that cannot be compiled
 */
export function matcherOf(list: string, key: string): (name: string) => boolean {
  const regexes = splitRegexes(list).map((source) => {
    const regex = compileJavaRegex(source)
    if (typeof regex === 'string') throw ConfigException.invalidValue(key, source, regex)
    return new RegExp(regex.source, `${regex.flags.replace('i', '')}i`)
  })
  return (name) => regexes.some((regex) => regex.test(name))
}
