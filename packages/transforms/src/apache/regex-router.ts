// RegexRouter: another topic, by a regular expression and a replacement in Java's syntax.
import {
  ConfigException,
  type ConnectRecord,
  compileJavaRegex,
  defineConfig,
  type RawConfig,
  type Transformation,
} from '@millrace/api'
import { javaRegex } from './common/config.ts'
import { IllegalArgumentException, IndexOutOfBoundsException } from './common/errors.ts'

const CONFIG = defineConfig({
  regex: {
    type: 'string',
    importance: 'high',
    doc: 'A Java regular expression. Records of topics that it matches as a whole are rerouted, others pass as they are.',
    validator: javaRegex,
  },
  replacement: {
    type: 'string',
    importance: 'high',
    doc: "What the first match becomes. $ and a group's number, or its name in braces, stand for the group; a backslash takes away the meaning of what follows.",
  },
})

/** Renames topics that match. */
export class RegexRouter implements Transformation {
  readonly config = CONFIG
  #whole = /^$/
  #first = /^$/
  #replacement = ''
  /** Topics are few: the last one is remembered. */
  #lastTopic: string | null = null
  #last = ''

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    const compiled = compileJavaRegex(config.regex)
    if (typeof compiled === 'string') throw ConfigException.invalidValue('regex', config.regex, compiled)
    this.#whole = compiled
    // What is replaced is the first match, which may be less than the whole that must match: a|ab in ab.
    this.#first = new RegExp(compiled.source.slice('^(?:'.length, -')$'.length), compiled.flags)
    this.#replacement = config.replacement
  }

  apply(record: ConnectRecord): ConnectRecord {
    const { topic } = record
    if (topic !== this.#lastTopic) {
      this.#last = this.#route(topic)
      this.#lastTopic = topic
    }
    return this.#last === topic ? record : record.with({ topic: this.#last })
  }

  #route(topic: string): string {
    if (!this.#whole.test(topic)) return topic
    const match = this.#first.exec(topic)
    if (match === null) return topic
    const after = topic.slice(match.index + match[0].length)
    return topic.slice(0, match.index) + expand(this.#replacement, match) + after
  }
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
