// The recordings of what the JVM made.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Kind, Outcomes } from './tables.ts'

/** Where the recording of a database is. */
export function recordingOf(kind: Kind): URL {
  return new URL(`./debezium-3.5.0-${kind}.json.gz`, import.meta.url)
}

export function readRecording(kind: Kind): Outcomes {
  return JSON.parse(gunzipSync(readFileSync(recordingOf(kind))).toString())
}
