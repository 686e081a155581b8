// Replacements as java.util.regex makes them.
import { IllegalArgumentException, IndexOutOfBoundsException } from '../apache/common/errors.ts'

/** The expression that finds, of one that `compileJavaRegex` made to match a whole text. */
export function finding(whole: RegExp): RegExp {
  return new RegExp(whole.source.slice('^(?:'.length, -')$'.length), whole.flags)
}

/** `Matcher.replaceFirst`. @throws IllegalArgumentException, IndexOutOfBoundsException for a replacement that names no group */
export function replaceFirst(found: RegExp, text: string, replacement: string): string {
  const match = found.exec(text)
  if (match === null) return text
  const after = text.slice(match.index + match[0].length)
  return text.slice(0, match.index) + expand(replacement, match) + after
}

/** `Matcher.appendReplacement`: groups and escapes in a replacement. */
function expand(replacement: string, match: RegExpExecArray): string {
  let out = ''
  for (let at = 0; at < replacement.length; ) {
    const char = replacement[at] as string
    if (char === '\\') {
      const next = replacement[at + 1]
      if (next === undefined) throw new IllegalArgumentException('character to be escaped is missing')
      out += next
      at += 2
    } else if (char === '$') {
      const [text, next] = group(replacement, at + 1, match)
      out += text
      at = next
    } else {
      out += char
      at++
    }
  }
  return out
}

function group(replacement: string, from: number, match: RegExpExecArray): [text: string, next: number] {
  if (replacement[from] === '{') {
    const named = /^\{([a-zA-Z][a-zA-Z0-9]*)\}/.exec(replacement.slice(from))
    if (named === null)
      throw new IllegalArgumentException(`Illegal named capturing group in the replacement ${replacement}`)
    const name = named[1] as string
    if (match.groups === undefined || !(name in match.groups)) {
      throw new IllegalArgumentException(`No group with name {${name}}`)
    }
    return [match.groups[name] ?? '', from + named[0].length]
  }
  const first = replacement[from]
  if (first === undefined) throw new IllegalArgumentException('Illegal group reference: group index is missing')
  if (!/\d/.test(first)) throw new IllegalArgumentException('Illegal group reference')
  const groups = match.length - 1
  let number = Number(first)
  if (number > groups) throw new IndexOutOfBoundsException(`No group ${number}`)
  let at = from + 1
  // Further digits belong to the number as long as there is such a group.
  while (/\d/.test(replacement[at] ?? '') && number * 10 + Number(replacement[at]) <= groups) {
    number = number * 10 + Number(replacement[at++])
  }
  return [match[number] ?? '', at]
}
