// Array and hstore literals of the server.

/** An array inside an array, as its literal. */
export class NestedArray {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/**
 * Elements of an array literal such as `{1,"a,b",NULL,{2}}`; an array inside is kept as its text. Bounds before it are dropped.
 * @param delimiter `,` for all built-in types but box
 */
export function parseArray(text: string, delimiter = ','): (string | null | NestedArray)[] {
  const items: (string | null | NestedArray)[] = []
  let at = (text.startsWith('[') ? text.indexOf('=') + 1 : 0) + 1
  const quoted = (): string => {
    let value = ''
    for (at++; text[at] !== '"' && at < text.length; at++) value += text[at] === '\\' ? text[++at] : text[at]
    at++
    return value
  }
  const bare = (): string | null => {
    const from = at
    while (at < text.length && text[at] !== delimiter && text[at] !== '}') at++
    const value = text.slice(from, at)
    return value === 'NULL' || value === 'null' ? null : value
  }
  const nested = (): NestedArray => {
    const from = at
    for (let depth = 0; at < text.length; ) {
      if (text[at] === '"') {
        quoted()
        continue
      }
      if (text[at] === '{') depth++
      else if (text[at] === '}' && --depth === 0) break
      at++
    }
    return new NestedArray(text.slice(from, ++at))
  }
  if (text[at] === '}') return items
  do items.push(text[at] === '{' ? nested() : text[at] === '"' ? quoted() : bare())
  while (text[at++] === delimiter && at < text.length)
  return items
}

/** Pairs of an hstore such as `"a"=>"1", "b"=>NULL`, in the server's order. */
export function parseHstore(text: string): Map<string, string | null> {
  const pairs = new Map<string, string | null>()
  let at = 0
  const quoted = (): string => {
    let value = ''
    for (at++; at < text.length && text[at] !== '"'; at++) value += text[at] === '\\' ? text[++at] : text[at]
    at++
    return value
  }
  while (at < text.length) {
    const key = quoted()
    at += 2
    if (text[at] === '"') pairs.set(key, quoted())
    else {
      pairs.set(key, null)
      at += 4
    }
    at += 2
  }
  return pairs
}
