// What the registry needs of the place where its records are kept.
import type { RegistryRecord } from '../topic/format.ts'
import type { Applied } from './state.ts'

/** A log of records, read back by all who share it. */
export interface RegistryLog {
  /**
   * Writes a record and waits until it has come back and been applied.
   * @throws RegistryError 50001 or 50002 when it was not written, or nobody knows whether it was; 42209 when it is too large
   */
  append(record: RegistryRecord): Promise<Applied>
  /** Waits until everything that was written before this call, by anybody, has been applied. @throws RegistryError */
  catchUp(): Promise<void>
}
