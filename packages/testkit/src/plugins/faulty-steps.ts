// A transformation and a converter that refuse what matches, for tests of error tolerance and of the dead letter queue.
import {
  type ConfigDef,
  type ConnectRecord,
  type Converter,
  DataException,
  defineConfig,
  type Headers,
  type RawConfig,
  RetriableException,
  type Schema,
  type SchemaAndValue,
  Schemas,
  type Transformation,
  type Value,
} from '@millrace/api'
import { FAULT_CONFIG, Faults } from './faults.ts'

const CONFIG = defineConfig({
  'fault.matching': {
    type: 'string',
    default: null,
    importance: 'high',
    doc: 'A regular expression: values whose text it matches are refused with a DataException.',
  },
  'fault.retriable.times': {
    type: 'int',
    default: 0,
    importance: 'low',
    doc: 'How many times a matching value is refused with a RetriableException, before it goes through.',
  },
}).merge(FAULT_CONFIG)

/** What both have: refuses by the text of a value. */
class Refusal {
  #pattern: RegExp | null = null
  #retriableTimes = 0
  #refused = 0
  #faults: Faults | null = null

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    this.#pattern = config['fault.matching'] === null ? null : new RegExp(config['fault.matching'])
    this.#retriableTimes = config['fault.retriable.times']
    this.#faults = new Faults(configs)
  }

  check(call: 'apply' | 'fromConnectData' | 'toConnectData', value: Value): void | Promise<void> {
    if (this.#pattern?.test(String(value))) {
      if (this.#retriableTimes === 0) throw new DataException(`Refused, as was asked for: ${value}`)
      if (this.#refused++ < this.#retriableTimes) throw new RetriableException(`Refused for now: ${value}`)
      this.#refused = 0
    }
    return this.#faults?.at(call)
  }
}

/** Passes records on, or refuses them. */
export class FaultyTransformation implements Transformation {
  readonly config: ConfigDef = CONFIG
  readonly #refusal = new Refusal()

  configure(configs: RawConfig): void {
    this.#refusal.configure(configs)
  }
  apply(record: ConnectRecord): ConnectRecord | Promise<ConnectRecord> {
    const waiting = this.#refusal.check('apply', record.value)
    return waiting === undefined ? record : waiting.then(() => record)
  }
}

/** Strings as UTF-8, or refuses them. Has no direct ways: the runtime must take the ways over bytes. */
export class FaultyConverter implements Converter {
  readonly config: ConfigDef = CONFIG
  readonly #refusal = new Refusal()

  configure(configs: RawConfig): void {
    this.#refusal.configure(configs)
  }
  fromConnectData(_topic: string, _headers: Headers | null, _schema: Schema | null, value: Value) {
    if (value === null) return null
    const bytes = Buffer.from(String(value))
    const waiting = this.#refusal.check('fromConnectData', value)
    return waiting === undefined ? bytes : waiting.then(() => bytes)
  }
  toConnectData(
    _topic: string,
    _headers: Headers | null,
    bytes: Buffer | null,
  ): SchemaAndValue | Promise<SchemaAndValue> {
    const result = { schema: Schemas.OPTIONAL_STRING, value: bytes?.toString() ?? null }
    const waiting = bytes === null ? undefined : this.#refusal.check('toConnectData', result.value)
    return waiting === undefined ? result : waiting.then(() => result)
  }
}
