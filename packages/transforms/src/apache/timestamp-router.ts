// TimestampRouter: another topic, by the topic and the record's timestamp.
import {
  type ConnectRecord,
  DataException,
  defineConfig,
  type RawConfig,
  SinkRecord,
  type Transformation,
} from '@millrace/api'
import { DateFormat } from './date-format/date-format.ts'

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
  'timestamp.format': {
    type: 'string',
    default: 'yyyyMMdd',
    importance: 'high',
    doc: 'How the timestamp is written, in UTC: a pattern of java.text.SimpleDateFormat.',
  },
})

/** Names topics by time. */
export class TimestampRouter implements Transformation {
  readonly config = CONFIG
  #topicFormat = ''
  #pattern = ''
  #format: DateFormat | null = null
  #lastTopic: string | null = null
  #lastTime = ''
  #last = ''

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    this.#topicFormat = config['topic.format']
    this.#pattern = config['timestamp.format']
  }

  apply(record: ConnectRecord): ConnectRecord {
    const { timestamp, topic } = record
    if (timestamp === null) throw new DataException(`Timestamp missing on record: ${place(record)}`)
    // A wrong pattern is found at the first record, as in the reference.
    this.#format ??= new DateFormat(this.#pattern)
    const time = this.#format.format(timestamp)
    if (topic !== this.#lastTopic || time !== this.#lastTime) {
      this.#last = this.#topicFormat.replaceAll(TOPIC, () => topic).replaceAll(TIMESTAMP, () => time)
      this.#lastTopic = topic
      this.#lastTime = time
    }
    return record.with({ topic: this.#last })
  }
}

/** Where a record is, without what is in it. */
function place(record: ConnectRecord): string {
  const { topic, kafkaPartition } = record
  const offset = record instanceof SinkRecord ? `, kafkaOffset=${record.kafkaOffset}` : ''
  return `topic='${topic}', kafkaPartition=${kafkaPartition}${offset}`
}
