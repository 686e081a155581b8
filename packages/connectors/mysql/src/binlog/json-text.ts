// Text of JSON strings, escaped as the reference does it.

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
}
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped
const ESCAPED = /["\\\u0000-\u001f]/

/** `text` in quotes; control characters without a short form as `\\u00XX` with upper-case digits. */
export function quoteJson(text: string): string {
  if (!ESCAPED.test(text)) return `"${text}"`
  let quoted = '"'
  for (const char of text) {
    const code = char.charCodeAt(0)
    quoted += SHORT[char] ?? (code < 32 ? `\\u${code.toString(16).toUpperCase().padStart(4, '0')}` : char)
  }
  return `${quoted}"`
}
