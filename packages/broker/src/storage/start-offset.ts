// The first readable offset of a partition after DeleteRecords, kept in the file `log-start-offset` as decimal text.
import fs from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from './file-io.ts'

const FILE = 'log-start-offset'

export function writeStartOffset(directory: string, offset: number): void {
  replaceFile(join(directory, FILE), `${offset}\n`)
}

/** The stored offset, 0 when there is none. */
export function readStartOffset(directory: string): number {
  try {
    const value = Number(fs.readFileSync(join(directory, FILE), 'utf8'))
    return Number.isSafeInteger(value) && value > 0 ? value : 0
  } catch {
    return 0
  }
}
