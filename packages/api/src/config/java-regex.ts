// Java regular expressions as JavaScript ones, for names of topics and the like. What has no equal is refused, not guessed.

const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7F',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '!-\\/:-@\\[-`{-~',
  Graph: '!-~',
  Print: ' -~',
  Blank: ' \\t',
  Cntrl: '\\x00-\\x1F\\x7F',
  XDigit: '0-9a-fA-F',
  Space: ' \\t\\n\\x0B\\f\\r',
}

/**
 * Compiles a Java regular expression. Handles what configurations use: `\Q..\E`, POSIX
 * classes, `\A \z \Z \h` and flags at the start. Nested classes and possessive quantifiers are refused.
 * @param reach whether it must match a whole text (`matches`), or may match a part of it (`find`)
 * @returns the expression, or a text that says why there is none
 */
export function compileJavaRegex(source: string, reach: 'whole' | 'part' = 'whole'): RegExp | string {
  try {
    const { body, flags } = leadingFlags(source)
    const translated = translate(body)
    if (typeof translated !== 'string') return translated.problem
    return new RegExp(reach === 'whole' ? `^(?:${translated})$` : translated, flags)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function leadingFlags(source: string): { body: string; flags: string } {
  const match = /^\(\?([a-zA-Z]+)\)/.exec(source)
  if (match === null) return { body: source, flags: 'u' }
  const flags = new Set(['u'])
  for (const flag of match[1] as string) {
    if (flag === 'i' || flag === 'm' || flag === 's') flags.add(flag)
    else if (flag !== 'u' && flag !== 'U' && flag !== 'd') throw new Error(`Unsupported flag (?${flag})`)
  }
  return { body: source.slice(match[0].length), flags: [...flags].join('') }
}

function translate(source: string): string | { readonly problem: string } {
  let out = ''
  let inClass = false
  for (let at = 0; at < source.length; ) {
    const char = source[at] as string
    if (char === '\\') {
      const [text, next] = escapeSequence(source, at, inClass)
      out += text
      at = next
      continue
    }
    if (inClass && (char === '[' || source.startsWith('&&', at))) {
      return { problem: `Nested character classes are not supported near index ${at}: ${source}` }
    }
    const closesClass = char === ']' && inClass
    if (char === '[') inClass = true
    if (closesClass) inClass = false
    if (!inClass && char === '+' && isQuantifierEnd(out)) {
      return { problem: `Possessive quantifiers are not supported near index ${at}: ${source}` }
    }
    if (!inClass && (char === '{' || char === '}') && !isBoundedRepeat(source, at)) out += `\\${char}`
    else if (!inClass && !closesClass && char === ']') out += '\\]'
    else out += char
    at++
  }
  return out
}

/** One escape sequence at `at`: its translation and where to go on. */
function escapeSequence(source: string, at: number, inClass: boolean): [string, number] {
  const char = source[at + 1]
  if (char === undefined) throw new Error(`Unexpected internal error near index ${at}: ${source}`)
  if (char === 'Q') {
    const end = source.indexOf('\\E', at + 2)
    const literal = source.slice(at + 2, end < 0 ? source.length : end)
    return [
      literal.replace(/[.*+?^${}()|[\]\\/-]/g, (one) => (one === '-' ? (inClass ? '\\-' : '-') : `\\${one}`)),
      end < 0 ? source.length : end + 2,
    ]
  }
  const posix = /^\\[pP]\{(\w+)\}/.exec(source.slice(at))
  if (posix !== null && POSIX[posix[1] as string] !== undefined) {
    const set = POSIX[posix[1] as string] as string
    const negated = char === 'P'
    if (inClass && negated) throw new Error(`Unsupported ${posix[0]} inside a character class`)
    return [inClass ? set : `[${negated ? '^' : ''}${set}]`, at + posix[0].length]
  }
  if (char === 'h') return [inClass ? ' \\t\\xA0' : '[ \\t\\xA0]', at + 2]
  if (char === 'A') return ['^', at + 2]
  if (char === 'z' || char === 'Z') return ['$', at + 2]
  if (/[a-zA-Z0-9]/.test(char)) return [`\\${char}`, at + 2]
  // Java lets every other character be escaped; JavaScript's unicode mode only those with a meaning.
  return [/[\^$\\.*+?()[\]{}|/]/.test(char) || (inClass && char === '-') ? `\\${char}` : char, at + 2]
}

function isQuantifierEnd(out: string): boolean {
  return /(?:^|[^\\])(?:\\\\)*(?:[*+?]|\{\d+(?:,\d*)?\})$/.test(out)
}

function isBoundedRepeat(source: string, at: number): boolean {
  const open = source.lastIndexOf('{', at)
  const match = open < 0 ? null : /^\{\d+(?:,\d*)?\}/.exec(source.slice(open))
  return match !== null && (at === open || at === open + match[0].length - 1)
}
