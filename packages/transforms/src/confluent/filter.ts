// Confluent's Filter: keeps or drops records by a JSONPath condition.
import {
  ConfigException,
  type ConnectRecord,
  DataException,
  defineConfig,
  errorMessage,
  oneOfIgnoringCase,
  type RawConfig,
} from '@millrace/api'
import { SidedTransformation } from '../apache/common/sided.ts'
import { JsonPath } from './json-path.ts'

const CONFIG = defineConfig({
  'filter.condition': {
    type: 'string',
    importance: 'high',
    doc:
      "JSONPath condition, as $.order[?(@.state == 'paid' && @.total > 10)]. A record matches when the path finds something. " +
      'Names, indexes, wildcards, .. for any depth, and filters with == != < <= > >= =~ in nin && || ! and parentheses are understood.',
  },
  'filter.type': {
    type: 'string',
    importance: 'high',
    validator: oneOfIgnoringCase('include', 'exclude'),
    doc: 'What is done with records that match: include keeps them and drops all others, exclude drops them and keeps all others.',
  },
  'missing.or.null.behavior': {
    type: 'string',
    default: 'fail',
    importance: 'medium',
    validator: oneOfIgnoringCase('fail', 'include', 'exclude'),
    doc: 'What is done with records in which a field of the path (outside of a filter) is missing or null.',
  },
})

/** Keeps or drops by a condition. */
export class ConditionFilter extends SidedTransformation {
  readonly config = CONFIG
  #condition = ''
  #path = new JsonPath('$')
  #includes = true
  #missing = 'fail'

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    this.#condition = config['filter.condition']
    this.#includes = config['filter.type'].toLowerCase() === 'include'
    this.#missing = config['missing.or.null.behavior'].toLowerCase()
    try {
      this.#path = new JsonPath(this.#condition)
    } catch (error) {
      throw ConfigException.invalidValue('filter.condition', this.#condition, errorMessage(error))
    }
  }

  apply(record: ConnectRecord): ConnectRecord | null {
    const { values, missing } = this.#path.find(this.valueOf(record))
    if (!missing) return values.length > 0 === this.#includes ? record : null
    if (this.#missing !== 'fail') return this.#missing === 'include' ? record : null
    throw new DataException(
      `A field of filter.condition ${this.#condition} is missing or null in a record of topic ${record.topic}: ` +
        'set missing.or.null.behavior to include or exclude to let such records pass or drop them',
    )
  }
}
