// Puts a cleaned segment in the place of the ones it was made from, so that a process killed at any moment leaves either the old
// segments or the new one: `.cleaned` is unfinished work, `.swap` is finished work whose predecessors may still lie around.

import fs from 'node:fs'
import { join } from 'node:path'
import { segmentName } from '../segment.ts'

const SWAP = /^(\d{20})-(\d{20})\.swap$/

/** File a cleaned segment is written to: `base` is its first offset, `next` the offset after what it replaces. */
export function cleanedPath(directory: string, base: number, next: number): string {
  return join(directory, `${segmentName(base)}-${segmentName(next)}.cleaned`)
}

/** Declares a cleaned file finished and replaces the segments in `[base, next)` by it. */
export function swapIn(directory: string, base: number, next: number): void {
  const cleaned = cleanedPath(directory, base, next)
  fs.renameSync(cleaned, cleaned.replace(/\.cleaned$/, '.swap'))
  finishSwaps(directory)
}

/** Ends what a killed process left: unfinished work is deleted, finished work put in its place. */
export function finishSwaps(directory: string): void {
  const files = fs.readdirSync(directory)
  for (const name of files) {
    if (name.endsWith('.cleaned')) {
      fs.rmSync(join(directory, name), { force: true })
      continue
    }
    const match = SWAP.exec(name)
    if (match === null) continue
    const base = Number(match[1])
    const next = Number(match[2])
    for (const other of files) {
      const digits = /^(\d{20})\.(log|index)$/.exec(other)
      if (digits === null) continue
      const offset = Number(digits[1])
      if (offset < base || offset >= next) continue
      // The old file of the same name goes last and in one step, by the rename below.
      if (offset !== base || digits[2] === 'index') fs.rmSync(join(directory, other), { force: true })
    }
    fs.renameSync(join(directory, name), join(directory, `${segmentName(base)}.log`))
  }
}
