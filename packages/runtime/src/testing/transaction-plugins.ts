// A source that sets the boundaries of its transactions as a test tells it, and notes what it is told.
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ConnectorProps,
  defineConfig,
  definePlugins,
  type RecordMetadata,
  Schemas,
  SourceConnector,
  SourceRecord,
  SourceTask,
} from '@millrace/api'

const CONFIG = defineConfig({
  topic: { type: 'string', importance: 'low', doc: 'Topic.' },
  file: { type: 'string', default: '', importance: 'low', doc: 'What the task is told, one line each.' },
  script: {
    type: 'list',
    default: '',
    importance: 'low',
    doc: 'A word for each batch of three: commit, abort, both, none; with :1 for its first record, else for the batch; large.',
  },
  boundaries: { type: 'boolean', default: true, importance: 'low', doc: 'Whether it can define boundaries.' },
  support: { type: 'string', default: 'supported', importance: 'low', doc: 'supported, unsupported, throw.' },
})
const BATCH = 3

class ScriptedSource extends SourceConnector {
  readonly config = CONFIG
  readonly version = '1.0'
  #props: ConnectorProps = {}

  start(props: ConnectorProps): void {
    this.#props = props
  }
  stop(): void {}
  taskConfigs(): ConnectorProps[] {
    return [this.#props]
  }
  taskClass() {
    return ScriptedTask
  }
  override exactlyOnceSupport({ support }: ConnectorProps): 'supported' | 'unsupported' {
    if (support === 'throw') throw new Error('told to throw')
    return support === 'unsupported' ? 'unsupported' : 'supported'
  }
  override canDefineTransactionBoundaries(props: ConnectorProps): 'supported' | 'unsupported' {
    return props.boundaries === 'false' ? 'unsupported' : 'supported'
  }
}

class ScriptedTask extends SourceTask {
  static readonly className = 'test.ScriptedTask'
  readonly version = '1.0'
  #config!: ReturnType<typeof CONFIG.parse>
  #next = 0

  async start(props: ConnectorProps): Promise<void> {
    this.#config = CONFIG.parse(props)
    const offset = await this.context.offsets.offset({ script: 1 })
    this.#next = Number(offset?.number ?? -1) + 1
    this.#note(`start ${this.#next}`)
  }
  async poll(): Promise<SourceRecord[] | null> {
    const word = this.#config.script[this.#next / BATCH]
    if (word === undefined) {
      await sleep(20, undefined, { signal: this.context.signal }).catch(() => {})
      return null
    }
    const records = Array.from({ length: BATCH }, (_, index) => this.#record(this.#next + index, word === 'large'))
    this.#next += BATCH
    const [verb, first] = word.split(':')
    const at = first === undefined ? [] : [records[Number(first) - 1] as SourceRecord]
    if (verb === 'commit' || verb === 'both') this.context.transaction?.commitTransaction(...at)
    if (verb === 'abort' || verb === 'both') this.context.transaction?.abortTransaction(...at)
    return records
  }
  override commitRecord(record: SourceRecord, metadata: RecordMetadata | null): void {
    this.#note(`${record.value} ${metadata === null ? 'dropped' : 'sent'}`.slice(-20))
  }
  override commit(): void {
    if (this.#config.script[this.#next / BATCH] !== undefined) this.#note('commit')
  }
  stop(): void {}

  #record(number: number, large: boolean): SourceRecord {
    return new SourceRecord({
      sourcePartition: { script: 1 },
      sourceOffset: { number },
      topic: this.#config.topic,
      kafkaPartition: 0,
      valueSchema: Schemas.STRING,
      value: large ? `${'x'.repeat(2_000_000)}` : String(number),
    })
  }
  #note(line: string): void {
    if (this.#config.file !== '') appendFileSync(this.#config.file, `${line}\n`)
  }
}

export const plugins = definePlugins([
  { kind: 'source', className: 'test.ScriptedSourceConnector', version: '1.0', load: async () => ScriptedSource },
])
