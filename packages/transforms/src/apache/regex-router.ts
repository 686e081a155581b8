// RegexRouter: another topic, by a regular expression and a replacement in Java's syntax.
import {
  type ConfigDef,
  ConfigException,
  type ConnectRecord,
  compileJavaRegex,
  defineConfig,
  type RawConfig,
  type Transformation,
} from '@millrace/api'
import { finding, replaceFirst } from '../shared/java-replace.ts'
import { javaRegex } from './common/config.ts'

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
  readonly config: ConfigDef = CONFIG
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
    this.#first = finding(compiled)
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
    return replaceFirst(this.#first, topic, this.#replacement)
  }
}
