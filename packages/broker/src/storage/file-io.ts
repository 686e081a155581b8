// The few file calls of the log, as one object: tests put a disk that is full or tears writes in its place.
import fs from 'node:fs'

/** The calls of `node:fs` that a segment makes. Synchronous: they touch the page cache, and keep appends in order. */
export interface FileIo {
  openSync(path: string, flags: string): number
  closeSync(fd: number): void
  /** Writes at `position`; may write less than `length`, or throw as ENOSPC. */
  writeSync(fd: number, buffer: Buffer, offset: number, length: number, position: number): number
  readSync(fd: number, buffer: Buffer, offset: number, length: number, position: number): number
  ftruncateSync(fd: number, size: number): void
  fdatasyncSync(fd: number): void
}

/** The real disk. */
export const realFiles: FileIo = fs

/** Replaces `path` by `data` in one step: a reader, or a process killed half-way, sees the old file or the new one. */
export function replaceFile(path: string, data: string | Buffer): void {
  const temporary = `${path}.tmp`
  fs.writeFileSync(temporary, data)
  fs.renameSync(temporary, path)
}
