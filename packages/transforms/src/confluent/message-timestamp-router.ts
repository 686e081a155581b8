// MessageTimestampRouter: another topic, by the topic and a timestamp in the value.
import {
  ConfigException,
  type ConnectRecord,
  DataException,
  defineConfig,
  errorMessage,
  nonEmptyList,
  type RawConfig,
  type Transformation,
} from '@millrace/api'
import { requireMap } from '../apache/common/requirements.ts'
import { DateFormat } from '../apache/date-format/date-format.ts'

// Placeholders of the configuration, not of a template.
const TOPIC = `\${topic}`
const TIMESTAMP = `\${timestamp}`
const CONFIG = defineConfig({
  'topic.format': {
    type: 'string',
    default: `${TOPIC}-${TIMESTAMP}`,
    importance: 'high',
    doc: `The new topic: text with ${TOPIC} and ${TIMESTAMP} in it.`,
  },
  'message.timestamp.keys': {
    type: 'list',
    importance: 'high',
    validator: nonEmptyList,
    doc: 'Names of the fields of the value that may hold the timestamp; the first that is there counts.',
  },
  'message.timestamp.format': {
    type: 'string',
    default: "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
    importance: 'high',
    doc: 'How the timestamp stands in the value, in UTC: a pattern of java.text.SimpleDateFormat.',
  },
  'topic.timestamp.format': {
    type: 'string',
    default: 'yyyyMMdd',
    importance: 'high',
    doc: 'How the timestamp is written into the topic, in UTC: a pattern of java.text.SimpleDateFormat.',
  },
})

/** Names topics by a time in the value. */
export class MessageTimestampRouter implements Transformation {
  readonly config = CONFIG
  #topicFormat = ''
  #keys: readonly string[] = []
  #read: DateFormat | null = null
  #write: DateFormat | null = null

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    this.#topicFormat = config['topic.format']
    this.#keys = config['message.timestamp.keys']
    this.#read = format('message.timestamp.format', config['message.timestamp.format'])
    this.#write = format('topic.timestamp.format', config['topic.timestamp.format'])
  }

  apply(record: ConnectRecord): ConnectRecord {
    const value = requireMap(record.value, 'timestamp extraction')
    const key = this.#keys.find((name) => (value[name] ?? null) !== null)
    if (key === undefined) {
      throw new DataException(
        `None of the fields ${this.#keys.join(', ')} is in the value of a record of topic ${record.topic}`,
      )
    }
    const time = this.#write?.format(this.#millis(key, value[key])) as string
    return record.with({
      topic: this.#topicFormat.replaceAll(TOPIC, () => record.topic).replaceAll(TIMESTAMP, () => time),
    })
  }

  #millis(key: string, value: unknown): number {
    try {
      return this.#read?.parse(String(value)) as number
    } catch (cause) {
      throw new DataException(`Field ${key} is no timestamp of message.timestamp.format: ${errorMessage(cause)}`, {
        cause,
      })
    }
  }
}

function format(key: string, pattern: string): DateFormat {
  try {
    return new DateFormat(pattern)
  } catch (error) {
    throw ConfigException.invalidValue(key, pattern, errorMessage(error))
  }
}
