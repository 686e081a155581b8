// What Debezium's Filter and ContentBasedRouter share: keys, which records are looked at, and the expression.
import {
  type ConfigDef,
  ConfigException,
  type ConfigProblem,
  type ConnectRecord,
  compileJavaRegex,
  errorMessage,
  nonEmptyString,
  oneOfIgnoringCase,
  parseConfigValue,
  type RawConfig,
  type Transformation,
} from '@millrace/api'
import { javaRegex } from '../../apache/common/config.ts'
import { Expression } from './expression.ts'
import { javascriptOnly } from './language.ts'

/** Keys beside the expression's. */
export const SCRIPTING_KEYS = {
  'topic.regex': {
    type: 'string',
    default: null,
    importance: 'low',
    width: 'long',
    validator: javaRegex,
    doc: 'A Java regular expression. Records of topics that it does not match as a whole pass as they are.',
  },
  language: {
    type: 'string',
    importance: 'high',
    width: 'medium',
    validator: javascriptOnly,
    doc: 'Language of the expression: JavaScript, as jsr223.graal.js, graal.js, jsr223.js or js.',
  },
  'null.handling.mode': {
    type: 'string',
    default: 'keep',
    importance: 'low',
    width: 'short',
    validator: oneOfIgnoringCase('keep', 'drop', 'evaluate'),
    doc: 'What is done with a record whose value is null: keep passes it, drop drops it, evaluate gives it to the expression.',
  },
} as const

/** The key of an expression. */
export function expressionKey(doc: string) {
  return { type: 'string', importance: 'high', width: 'medium', validator: nonEmptyString, doc } as const
}

/** Base of the two. */
export abstract class ScriptingTransformation implements Transformation {
  abstract readonly config: ConfigDef
  /** Key of the expression. */
  protected abstract readonly key: string
  #topics: RegExp | null = null
  #nulls: 'keep' | 'drop' | 'evaluate' = 'keep'
  #expression: Expression | null = null

  validate(configs: RawConfig): readonly ConfigProblem[] {
    const { key } = this
    // Groovy and other languages, and no text at all, are told by the definition.
    const text = configs[key] ?? ''
    if (text.trim() === '' || javascriptOnly('language', configs.language ?? '') !== undefined) return []
    try {
      new Expression(key, text)
      return []
    } catch (error) {
      return [{ key, message: errorMessage(error) }]
    }
  }

  configure(configs: RawConfig): void {
    const config = this.config.parse(configs)
    const regex = config['topic.regex'] as string | null
    if (regex !== null && regex !== '') {
      const compiled = compileJavaRegex(regex)
      if (typeof compiled === 'string') throw ConfigException.invalidValue('topic.regex', regex, compiled)
      this.#topics = compiled
    }
    const nulls = parseConfigValue('null.handling.mode', 'string', config['null.handling.mode']) ?? 'keep'
    this.#nulls = nulls.toLowerCase() as 'keep' | 'drop' | 'evaluate'
    this.#expression = new Expression(this.key, configs[this.key] as string)
  }

  apply(record: ConnectRecord): ConnectRecord | null {
    if (this.#topics !== null && !this.#topics.test(record.topic)) return record
    if (record.value === null && this.#nulls !== 'evaluate') return this.#nulls === 'keep' ? record : null
    const expression = this.#expression as Expression
    return this.decide(record, expression.evaluate(record), expression)
  }

  /** What becomes of a record for which the expression gave `value`. */
  protected abstract decide(record: ConnectRecord, value: unknown, expression: Expression): ConnectRecord | null
}
