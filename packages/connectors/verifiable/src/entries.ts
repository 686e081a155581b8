// The lines of the journals: the reference's fields, and where in Kafka a record lies.

/** A record that a source task has made. */
export interface SentEntry {
  readonly name: string
  readonly task: number
  readonly topic: string
  readonly time_ms: number
  readonly seqno: number
}

/** A record that Kafka has acknowledged to a source task. */
export interface CommittedEntry extends SentEntry {
  readonly committed: true
  readonly partition?: number
  readonly offset?: number
}

/** A record that a sink task was given. `task` and `seqno` are its key and value, as the converters made them. */
export interface ReceivedEntry {
  readonly name: string
  readonly task: unknown
  readonly sinkTask: number
  readonly topic: string
  readonly partition: number
  readonly time_ms: number
  readonly seqno: unknown
  readonly offset: number
  /** On standard output a record is told again once it was flushed, as the reference does. */
  readonly flushed?: true
}
