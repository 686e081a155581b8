// The stages of a record's way, under the names that logs and dead letter queue headers use.

/** A stage. */
export type Stage =
  | 'TRANSFORMATION'
  | 'KEY_CONVERTER'
  | 'VALUE_CONVERTER'
  | 'HEADER_CONVERTER'
  | 'KAFKA_PRODUCE'
  | 'TASK_PUT'

/** A record as it was consumed: what the dead letter queue gets. Views of fetched bytes must be copied before. */
export interface ConsumedRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly timestampType: string
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly { readonly key: string; readonly value: Uint8Array | null }[]
}

/** One failure: where on its way a record was, what was at work, and what went wrong. */
export interface Failure {
  readonly stage: Stage
  /** Class of the plugin at work, as it is named in configurations. */
  readonly className: string
  readonly error: unknown
  /** The record of a sink, as consumed. */
  readonly consumed?: ConsumedRecord
  /** The record of a source, as text. */
  readonly source?: string
}
