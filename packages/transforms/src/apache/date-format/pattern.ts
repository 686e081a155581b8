// The patterns of java.text.SimpleDateFormat, split into fields and literals.
import { IllegalArgumentException } from '../common/errors.ts'

/** A field, or text that stands for itself (then `letter` is empty). */
export interface Token {
  readonly letter: string
  readonly count: number
  readonly text: string
}

const LETTERS = 'GyMdkHmsSEDFwWahKzZYuXL'

/** @throws IllegalArgumentException for letters that mean nothing, and for a quote that is not closed */
export function parsePattern(pattern: string): readonly Token[] {
  const tokens: Token[] = []
  let text = ''
  const endText = (): void => {
    if (text !== '') tokens.push({ letter: '', count: 0, text })
    text = ''
  }
  for (let at = 0; at < pattern.length; ) {
    const char = pattern[at] as string
    if (char === "'") {
      const [quoted, next] = quotedText(pattern, at)
      text += quoted
      at = next
    } else if (/[a-zA-Z]/.test(char)) {
      if (!LETTERS.includes(char)) throw new IllegalArgumentException(`Illegal pattern character '${char}'`)
      endText()
      const from = at
      while (pattern[at] === char) at++
      if (char === 'X' && at - from > 3)
        throw new IllegalArgumentException(`invalid ISO 8601 format: length=${at - from}`)
      tokens.push({ letter: char, count: at - from, text: '' })
    } else {
      text += char
      at++
    }
  }
  endText()
  return tokens
}

/** Text in quotes; two quotes are one, inside and outside of others. */
function quotedText(pattern: string, open: number): [text: string, next: number] {
  if (pattern[open + 1] === "'") return ["'", open + 2]
  let text = ''
  for (let at = open + 1; at < pattern.length; at++) {
    if (pattern[at] !== "'") text += pattern[at]
    else if (pattern[at + 1] === "'") text += pattern[at++]
    else return [text, at + 1]
  }
  throw new IllegalArgumentException('Unterminated quote')
}
