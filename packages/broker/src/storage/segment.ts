// One segment file of a partition's log: `<base offset, 20 digits>.log`, the batches as they travel on the wire, with its index.
import fs from 'node:fs'
import { join } from 'node:path'
import type { FileIo } from './file-io.ts'
import { replaceFile } from './file-io.ts'
import { SegmentIndex, type SegmentSummary } from './segment-index.ts'

/** File name without its ending for a segment that starts at `offset`. */
export function segmentName(offset: number): string {
  return String(offset).padStart(20, '0')
}

/** One file of batches. Appends go through the log that owns it; this class knows bytes, not rules. */
export class Segment {
  readonly baseOffset: number
  readonly directory: string
  readonly index = new SegmentIndex()
  readonly createdAt: number
  size = 0
  /** Highest timestamp (ms) of its batches, -1 when empty. */
  maxTimestamp = -1
  /** Base offset of the batch that has it. */
  maxTimestampOffset = -1
  /** Timestamp (ms) of the first batch, -1 when empty. */
  firstTimestamp = -1

  readonly #io: FileIo
  #fd = -1
  #indexedAt = 0
  #used = false

  constructor(directory: string, baseOffset: number, io: FileIo, createdAt: number) {
    this.directory = directory
    this.baseOffset = baseOffset
    this.createdAt = createdAt
    this.#io = io
  }

  get path(): string {
    return join(this.directory, `${segmentName(this.baseOffset)}.log`)
  }

  get indexPath(): string {
    return join(this.directory, `${segmentName(this.baseOffset)}.index`)
  }

  /** Opens the file on first use. `w+` is never used: a segment that exists is never emptied by opening it. */
  #descriptor(): number {
    this.#used = true
    if (this.#fd === -1) {
      // 'a+' would ignore positions on Linux, so a new file is made with 'wx+' and an old one opened with 'r+'.
      this.#fd = this.#io.openSync(this.path, fs.existsSync(this.path) ? 'r+' : 'wx+')
    }
    return this.#fd
  }

  /** Makes the empty file now, so that the offset in its name survives the process. */
  create(): void {
    this.#descriptor()
  }

  /**
   * Appends `length` bytes of `buffer`. When the disk refuses (full, broken), the file is cut back to what it was and the
   * error is thrown: nothing of the batch stays.
   */
  write(buffer: Buffer, start: number, length: number): void {
    const fd = this.#descriptor()
    let done = 0
    try {
      while (done < length) done += this.#io.writeSync(fd, buffer, start + done, length - done, this.size + done)
    } catch (error) {
      // A tail that cannot be cut off is harmless: the next append overwrites it, and recovery drops it by its checksum.
      try {
        this.#io.ftruncateSync(fd, this.size)
      } catch {}
      throw error
    }
    this.size += length
  }

  /** Keeps index and timestamps up to date for a batch that lies at `position`. `interval` is in bytes. */
  noteBatch(position: number, size: number, offset: number, timestamp: number, interval: number): void {
    if (position >= this.#indexedAt) {
      this.index.add(offset, position, this.maxTimestamp)
      this.#indexedAt = position + Math.max(interval, size)
    }
    if (this.firstTimestamp === -1) this.firstTimestamp = timestamp
    if (timestamp > this.maxTimestamp) {
      this.maxTimestamp = timestamp
      this.maxTimestampOffset = offset
    }
  }

  /** Reads up to `length` bytes at `position` into `target`; returns how many there were. */
  read(target: Buffer, position: number, length: number): number {
    const fd = this.#descriptor()
    const wanted = Math.min(length, this.size - position, target.length)
    let done = 0
    while (done < wanted) {
      const n = this.#io.readSync(fd, target, done, wanted - done, position + done)
      if (n === 0) break
      done += n
    }
    return done
  }

  /** Cuts the file to `size` bytes and forgets its index; the caller walks it again. */
  truncate(size: number): void {
    this.#io.ftruncateSync(this.#descriptor(), size)
    this.resetTo(size)
  }

  /** Takes `size` as the length of the file and forgets what was known of its content. */
  resetTo(size: number): void {
    this.size = size
    this.index.clear()
    this.#indexedAt = 0
    this.maxTimestamp = -1
    this.maxTimestampOffset = -1
    this.firstTimestamp = -1
  }

  flush(): void {
    if (this.#fd !== -1) this.#io.fdatasyncSync(this.#fd)
  }

  writeIndex(summary: Pick<SegmentSummary, 'nextOffset' | 'aborted' | 'epochs'>): void {
    const { size, maxTimestamp, maxTimestampOffset, firstTimestamp } = this
    replaceFile(
      this.indexPath,
      this.index.encode({ ...summary, size, maxTimestamp, maxTimestampOffset, firstTimestamp }),
    )
  }

  /** Loads the index file if there is one that fits the segment's size; the segment is then known without a walk. */
  loadIndex(): SegmentSummary | undefined {
    let bytes: Buffer
    try {
      bytes = fs.readFileSync(this.indexPath)
    } catch {
      return undefined
    }
    const summary = this.index.decode(bytes)
    if (summary === undefined || summary.size !== this.size) {
      this.index.clear()
      return undefined
    }
    this.maxTimestamp = summary.maxTimestamp
    this.maxTimestampOffset = summary.maxTimestampOffset
    this.firstTimestamp = summary.firstTimestamp
    this.#indexedAt = this.size
    return summary
  }

  /** Gives the file descriptor back when nothing used it since the last call. */
  closeIfIdle(): void {
    if (!this.#used) this.close()
    this.#used = false
  }

  close(): void {
    if (this.#fd === -1) return
    this.#io.closeSync(this.#fd)
    this.#fd = -1
  }

  /** Deletes the segment's files. */
  remove(): void {
    this.close()
    fs.rmSync(this.path, { force: true })
    fs.rmSync(this.indexPath, { force: true })
  }
}
