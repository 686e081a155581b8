// How far the cleaner came in a partition: the file `cleaner-checkpoint`, the offset as decimal text.
import fs from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../file-io.ts'

const FILE = 'cleaner-checkpoint'

export function writeCheckpoint(directory: string, offset: number): void {
  replaceFile(join(directory, FILE), `${offset}\n`)
}

/** The stored offset; 0 without one, and the cleaner begins anew, which costs time and nothing else. */
export function readCheckpoint(directory: string): number {
  try {
    const value = Number(fs.readFileSync(join(directory, FILE), 'utf8'))
    return Number.isSafeInteger(value) && value > 0 ? value : 0
  } catch {
    return 0
  }
}
