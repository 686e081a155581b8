// What a job of the contest of databases is: run by one worker at a time, measured from the moment the work is given to it.
import type { Worker } from '../contestant.ts'
import type { JobResult } from '../measure.ts'

/** The Kafka that all use. */
export interface Place {
  readonly bootstrap: string
  createTopic(topic: string): Promise<void>
  /** End offset of a topic's only partition. */
  endOffset(topic: string): Promise<number>
}

/** One measurement to make. */
export interface DatabaseRun {
  /** Unique, of letters, digits and underscores: connectors, topics, slots and tables are named by it. */
  readonly id: string
  readonly worker: Worker
  readonly place: Place
}

/** Figures of one measurement; latencies in milliseconds where they are what the job measures. */
export interface DatabaseResult extends JobResult {
  readonly p50Ms?: number
  readonly p99Ms?: number
  readonly maxMs?: number
}

/** A job. */
export interface DatabaseJob {
  /** For the report. */
  readonly name: string
  /** Makes what all measurements of it read. */
  prepare(place: Place): Promise<void>
  run(run: DatabaseRun): Promise<DatabaseResult>
  /** Removes what {@link prepare} made. */
  clean(): Promise<void>
}

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'

/** JSON of key and value, with or without its schema. */
export function jsonConverters(schemas: boolean): Record<string, string> {
  return {
    'key.converter': JSON_CONVERTER,
    'key.converter.schemas.enable': String(schemas),
    'value.converter': JSON_CONVERTER,
    'value.converter.schemas.enable': String(schemas),
  }
}
