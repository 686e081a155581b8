// Producer state on disk: `<offset>.snapshot`, JSON, the state after all batches before that offset. Written when a segment is
// sealed and at a clean stop; a start loads the newest and replays the batches after it.

import fs from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from './file-io.ts'
import type { ProducerEntry } from './producer-state.ts'
import { segmentName } from './segment.ts'

const VERSION = 1
const PATTERN = /^(\d{20})\.snapshot$/

export function writeSnapshot(directory: string, offset: number, producers: readonly ProducerEntry[]): void {
  replaceFile(join(directory, `${segmentName(offset)}.snapshot`), JSON.stringify({ version: VERSION, producers }))
}

/** Offsets that have a snapshot, ascending. */
export function listSnapshots(directory: string): number[] {
  return fs
    .readdirSync(directory)
    .map((name) => PATTERN.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b)
}

/** The state at `offset`; undefined when the file cannot be read. */
export function readSnapshot(directory: string, offset: number): ProducerEntry[] | undefined {
  try {
    const text = fs.readFileSync(join(directory, `${segmentName(offset)}.snapshot`), 'utf8')
    const parsed = JSON.parse(text) as { version: number; producers: ProducerEntry[] }
    return parsed.version === VERSION && Array.isArray(parsed.producers) ? parsed.producers : undefined
  } catch {
    return undefined
  }
}

/** Deletes the snapshots for which `old` holds. */
export function removeSnapshots(directory: string, old: (offset: number) => boolean): void {
  for (const offset of listSnapshots(directory)) {
    if (old(offset)) fs.rmSync(join(directory, `${segmentName(offset)}.snapshot`), { force: true })
  }
}
