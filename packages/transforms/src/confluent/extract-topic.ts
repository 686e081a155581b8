// ExtractTopic: the topic out of the key, the value or a header.
import {
  ConfigException,
  type ConnectRecord,
  DataException,
  defineConfig,
  errorMessage,
  javaClassOf,
  oneOfIgnoringCase,
  type RawConfig,
  type Transformation,
  type Value,
} from '@millrace/api'
import { JsonPath } from './json-path.ts'

const SKIP = {
  'skip.missing.or.null': {
    type: 'boolean',
    default: false,
    importance: 'low',
    doc: 'Whether a record without a name for its topic keeps its topic (true) or is an error (false).',
  },
} as const
const CONFIG = defineConfig({
  field: {
    type: 'string',
    default: '',
    importance: 'medium',
    doc: 'Name of the field that holds the topic, or a path to it (field.format); empty for the whole key or value.',
  },
  'field.format': {
    type: 'string',
    default: 'PLAIN',
    importance: 'medium',
    validator: oneOfIgnoringCase('PLAIN', 'JSON_PATH'),
    doc: "How field is written: PLAIN is a name, JSON_PATH a path such as $.meta.topic or $['meta']['topic'].",
  },
  ...SKIP,
})
const HEADER_CONFIG = defineConfig({
  field: { type: 'string', importance: 'medium', doc: 'Name of the header that holds the topic.' },
  ...SKIP,
})

/** Where a topic is taken from. */
type Source = 'key' | 'value' | 'header'

/** Renames the topic by what is in the record. */
export class ExtractTopic implements Transformation {
  readonly config
  readonly #source: Source
  #field = ''
  #path: JsonPath | null = null
  #skips = false

  constructor(source: Source) {
    this.#source = source
    this.config = source === 'header' ? HEADER_CONFIG : CONFIG
  }

  configure(configs: RawConfig): void {
    const config = this.#source === 'header' ? HEADER_CONFIG.parse(configs) : CONFIG.parse(configs)
    this.#field = config.field
    this.#skips = config['skip.missing.or.null']
    if (!('field.format' in config) || config.field === '') return
    const plain = (config['field.format'] as string).toUpperCase() === 'PLAIN'
    try {
      const path = config.field.startsWith('$') ? config.field : `$${config.field}`
      this.#path = new JsonPath(plain ? `$[${JSON.stringify(config.field)}]` : path)
    } catch (error) {
      throw ConfigException.invalidValue('field', config.field, errorMessage(error))
    }
  }

  apply(record: ConnectRecord): ConnectRecord {
    const topic = this.#read(record)
    if (typeof topic === 'string' && topic !== '') return topic === record.topic ? record : record.with({ topic })
    if (topic !== null && topic !== undefined && typeof topic !== 'string') {
      throw new DataException(`The topic in ${this.#where()} must be a string, found: ${javaClassOf(topic)}`)
    }
    if (this.#skips) return record
    throw new DataException(
      `No topic in ${this.#where()} of a record of topic ${record.topic}: set skip.missing.or.null to true to keep the topic`,
    )
  }

  #read(record: ConnectRecord): Value {
    if (this.#source === 'header') return record.hasHeaders ? record.headers.lastWithName(this.#field)?.value : null
    const value = this.#source === 'key' ? record.key : record.value
    return this.#path === null ? value : (this.#path.find(value).values[0] ?? null)
  }
  #where(): string {
    return this.#field === '' ? `the ${this.#source}` : `${this.#field} of the ${this.#source}`
  }
}
