// Single message transformations and the predicates that guard them.
import type { ConfigDef, RawConfig } from '../config/config-def.ts'
import type { ConnectRecord } from '../record/connect-record.ts'
import type { MaybePromise, ValueSlot } from './converter.ts'

/** Something wrong with a configuration: at which key, and what. */
export interface ConfigProblem {
  readonly key: string
  readonly message: string
}

/**
 * Changes one record at a time. One instance per task and place in the chain; calls come one after another.
 * A record is never changed in place: return `record.with({...})`, the record itself, or null to drop it.
 */
export interface Transformation<R extends ConnectRecord = ConnectRecord> {
  readonly config: ConfigDef
  /**
   * Checks beyond single keys, when a connector is validated: keys that exclude each other, text that must compile. Called of
   * an instance that is never configured, with keys as for {@link configure}; must have no effect and never run what it checks.
   * What the definition itself finds wrong need not be told again.
   */
  validate?(configs: RawConfig): MaybePromise<readonly ConfigProblem[]>
  /**
   * Called once. `configs` has the alias prefix removed; `type`, `predicate` and `negate` may be among them. A promise (for code
   * or tables to load) is waited for before the first record. @throws ConfigException
   */
  configure(configs: RawConfig): MaybePromise<void>
  /** @throws DataException when the record does not fit the transformation */
  apply(record: R): MaybePromise<R | null>
  /**
   * The same for transformations that change nothing but the value and its schema: the runtime calls it instead of
   * {@link apply} where several such stages follow each other, and makes one new record for all of them.
   * `slot` holds value and schema so far, to be replaced or left; those of `record` are of an earlier stage, the rest is right.
   * @throws DataException as {@link apply} does, and then leaves the slot as it was
   */
  rewriteValue?(slot: ValueSlot, record: R): void
  /**
   * Asked once of transformations with {@link rewriteValue}: can it do, in one go, what it and the next of `following` do? All of these have
   * it too. When the fused one throws, its stages are asked one by one, so that the error is that of the right one.
   */
  fuse?(following: readonly Transformation[]): FusedRewrite | null
  close?(): MaybePromise<void>
}

/** Several transformations at work as one. */
export interface FusedRewrite {
  /** How many they are. */
  readonly count: number
  /** As their {@link Transformation.rewriteValue} one after another, or nothing at all and false: then they are asked one by one. */
  rewrite(slot: ValueSlot, record: ConnectRecord): boolean
}

/** Says whether a transformation applies to a record (KIP-585). */
export interface Predicate<R extends ConnectRecord = ConnectRecord> {
  readonly config: ConfigDef
  configure(configs: RawConfig): void
  test(record: R): boolean
  close?(): MaybePromise<void>
}
