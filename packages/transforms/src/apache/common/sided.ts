// What the transformations of the key or of the value have in common: which of the two they work on.
import type { ConfigDef, ConnectRecord, RawConfig, Schema, Transformation, Value } from '@millrace/api'

export type Side = 'key' | 'value'

/** A transformation of the key or of the value. */
export abstract class SidedTransformation implements Transformation {
  abstract readonly config: ConfigDef
  readonly #isKey: boolean

  constructor(side: Side) {
    this.#isKey = side === 'key'
  }

  abstract configure(configs: RawConfig): void
  abstract apply(record: ConnectRecord): ConnectRecord | null

  protected schemaOf(record: ConnectRecord): Schema | null {
    return this.#isKey ? record.keySchema : record.valueSchema
  }
  protected valueOf(record: ConnectRecord): Value {
    return this.#isKey ? record.key : record.value
  }
  protected changed(record: ConnectRecord, schema: Schema | null, value: Value): ConnectRecord {
    return this.#isKey ? record.withKey(schema, value) : record.withValue(schema, value)
  }
}
