// Single message transformations and the predicates that guard them.
import type { ConfigDef, RawConfig } from '../config/config-def.ts'
import type { ConnectRecord } from '../record/connect-record.ts'
import type { MaybePromise } from './converter.ts'

/**
 * Changes one record at a time. One instance per task and place in the chain; calls come one after another.
 * A record is never changed in place: return `record.with({...})`, the record itself, or null to drop it.
 */
export interface Transformation<R extends ConnectRecord = ConnectRecord> {
  readonly config: ConfigDef
  /** Called once. `configs` has the alias prefix removed; `type`, `predicate` and `negate` may be among them. @throws ConfigException */
  configure(configs: RawConfig): void
  /** @throws DataException when the record does not fit the transformation */
  apply(record: R): MaybePromise<R | null>
  close?(): MaybePromise<void>
}

/** Says whether a transformation applies to a record (KIP-585). */
export interface Predicate<R extends ConnectRecord = ConnectRecord> {
  readonly config: ConfigDef
  configure(configs: RawConfig): void
  test(record: R): boolean
  close?(): MaybePromise<void>
}
