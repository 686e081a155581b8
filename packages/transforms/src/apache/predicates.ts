// The predicates that say to which records a transformation applies (KIP-585).
import {
  allOf,
  ConfigException,
  type ConnectRecord,
  compileJavaRegex,
  defineConfig,
  nonEmptyString,
  type Predicate,
  type RawConfig,
} from '@millrace/api'
import { javaRegex } from './common/config.ts'

const HEADER_CONFIG = defineConfig({
  name: { type: 'string', importance: 'medium', doc: 'Name of the header.', validator: nonEmptyString },
})
const TOPIC_CONFIG = defineConfig({
  pattern: {
    type: 'string',
    importance: 'medium',
    doc: "A Java regular expression that must match the whole name of the record's topic.",
    validator: allOf(nonEmptyString, javaRegex),
  },
})
const NO_CONFIG = defineConfig({})

/** True for records that have the header at least once. */
export class HasHeaderKey implements Predicate {
  readonly config = HEADER_CONFIG
  #name = ''

  configure(configs: RawConfig): void {
    this.#name = HEADER_CONFIG.parse(configs).name
  }
  test(record: ConnectRecord): boolean {
    return record.hasHeaders && record.headers.lastWithName(this.#name) !== undefined
  }
}

/** True for records without a value. */
export class RecordIsTombstone implements Predicate {
  readonly config = NO_CONFIG

  configure(): void {}
  test(record: ConnectRecord): boolean {
    return record.value === null
  }
}

/** True for records of topics whose name matches. */
export class TopicNameMatches implements Predicate {
  readonly config = TOPIC_CONFIG
  #pattern = /^$/
  #lastTopic: string | null = null
  #last = false

  configure(configs: RawConfig): void {
    const { pattern } = TOPIC_CONFIG.parse(configs)
    const compiled = compileJavaRegex(pattern)
    if (typeof compiled === 'string') throw ConfigException.invalidValue('pattern', pattern, compiled)
    this.#pattern = compiled
  }
  test(record: ConnectRecord): boolean {
    if (record.topic !== this.#lastTopic) {
      this.#last = this.#pattern.test(record.topic)
      this.#lastTopic = record.topic
    }
    return this.#last
  }
}
