// Transformations of the key or of the value that change nothing else: on the value's side, several in a row share one new record.
import type {
  ConfigDef,
  ConnectRecord,
  FusedRewrite,
  RawConfig,
  Schema,
  Transformation,
  Value,
  ValueSlot,
} from '@millrace/api'
import { fuseMaps } from './fused-maps.ts'
import type { Part } from './parts.ts'
import type { Side } from './sided.ts'

/** A transformation that makes a new key or value, with its schema, out of the old one. */
export abstract class SidedRewrite implements Transformation {
  abstract readonly config: ConfigDef
  readonly #isKey: boolean
  readonly #slot: ValueSlot = { schema: null, value: null }
  /** Only for the value. */
  readonly rewriteValue?: (slot: ValueSlot, record: ConnectRecord) => void

  constructor(side: Side) {
    this.#isKey = side === 'key'
    if (side === 'value') this.rewriteValue = this.rewrite
  }

  abstract configure(configs: RawConfig): void

  /** What becomes of a map of these members, where nothing but their names decides; null where that is not so. */
  mapParts(_names: readonly string[], _has: number): readonly Part[] | null {
    return null
  }

  fuse(following: readonly Transformation[]): FusedRewrite | null {
    const all = [this, ...following]
    const end = all.findIndex((one) => !(one instanceof SidedRewrite) || !one.#rewritesMaps)
    const stages = (end < 0 ? all : all.slice(0, end)) as readonly SidedRewrite[]
    return stages.length < 2 ? null : fuseMaps(stages.map((one) => (names, has) => one.mapParts(names, has)))
  }

  get #rewritesMaps(): boolean {
    return !this.#isKey && this.mapParts([], 0) !== null
  }

  /** Replaces what is in the slot, or leaves it, and returns it. The record tells everything but the value. @throws DataException */
  protected abstract rewrite(slot: ValueSlot, record: ConnectRecord): ValueSlot

  apply(record: ConnectRecord): ConnectRecord {
    const slot = this.#slot
    const isKey = this.#isKey
    const schema = isKey ? record.keySchema : record.valueSchema
    const value = isKey ? record.key : record.value
    fill(slot, schema, value)
    this.rewrite(slot, record)
    if (slot.value === value && slot.schema === schema) return record
    return isKey ? record.withKey(slot.schema, slot.value) : record.withValue(slot.schema, slot.value)
  }
}

/** Puts both into a slot and returns it. */
export function fill(slot: ValueSlot, schema: Schema | null, value: Value): ValueSlot {
  slot.schema = schema
  slot.value = value
  return slot
}
