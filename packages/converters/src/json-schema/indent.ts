// JSON over several lines, as the reference's JSON writer lays it out.
const STRING = /"(?:[^"\\]|\\.)*"/y
const SCALAR = /[^\s,:{}[\]"]+/y

/** The same JSON text with each member of an object on a line of its own. The text has no white space between its parts. */
export function indented(text: string): string {
  let result = ''
  let level = 0
  /** The braces and brackets that are open. */
  const open: string[] = []
  const line = () => `\n${'  '.repeat(level)}`
  for (let at = 0; at < text.length; ) {
    const sign = text[at] as string
    const next = text[at + 1]
    at++
    if (sign === '{' || sign === '[') {
      if (next === '}' || next === ']') {
        result += `${sign} ${next}`
        at++
        continue
      }
      open.push(sign)
      if (sign === '{') level++
      result += sign === '{' ? `{${line()}` : '[ '
    } else if (sign === '}' || sign === ']') {
      open.pop()
      if (sign === '}') level--
      result += sign === '}' ? `${line()}}` : ' ]'
    } else if (sign === ',') {
      result += open.at(-1) === '{' ? `,${line()}` : ', '
    } else if (sign === ':') {
      result += ' : '
    } else {
      const pattern = sign === '"' ? STRING : SCALAR
      pattern.lastIndex = at - 1
      const [found] = pattern.exec(text) ?? [sign]
      result += found
      at += found.length - 1
    }
  }
  return result
}
