// TombstoneHandler: drops tombstones, or fails on them.
import {
  type ConnectRecord,
  DataException,
  defineConfig,
  oneOfIgnoringCase,
  type RawConfig,
  type Transformation,
} from '@millrace/api'

const CONFIG = defineConfig({
  behavior: {
    type: 'string',
    default: 'warn',
    importance: 'medium',
    validator: oneOfIgnoringCase('ignore', 'warn', 'fail'),
    doc: 'What is done with a record without a value: ignore and warn drop it, fail stops with an error.',
  },
})

/** Handles records without a value. */
export class TombstoneHandler implements Transformation {
  readonly config = CONFIG
  #fails = false

  configure(configs: RawConfig): void {
    this.#fails = CONFIG.parse(configs).behavior.toLowerCase() === 'fail'
  }

  apply(record: ConnectRecord): ConnectRecord | null {
    if (record.value !== null) return record
    if (this.#fails) {
      throw new DataException(
        `Tombstone in topic ${record.topic}: set behavior to ignore to drop records without a value`,
      )
    }
    return null
  }
}
