// Log compaction (`cleanup.policy=compact`): keeps of every key the latest record, drops what aborted transactions wrote, tombstones
// and markers when their time has come. Works in slices and lets the broker breathe between them; the log may grow meanwhile, and
// when segments it works on are deleted under it, its work is thrown away.

import fs from 'node:fs'
import { bodyOf } from '../batch-body.ts'
import * as batch from '../batch-header.ts'
import { type BatchVisitor, walkBatches } from '../batch-walk.ts'
import { readMarker } from '../control-batch.ts'
import type { PartitionLog } from '../partition-log.ts'
import { walkRecords } from '../record-walk.ts'
import { Segment } from '../segment.ts'
import { filterBatch, filterMarker } from './batch-filter.ts'
import { writeCheckpoint } from './checkpoint.ts'
import { type CleanPlan, groupSegments, planCleaning } from './plan.ts'
import { cleanedPath, swapIn } from './swap.ts'

/** What a cleaning did. */
export interface Cleaned {
  readonly bytesBefore: number
  readonly bytesAfter: number
}

/** How the cleaner works. */
export interface CleanOptions {
  /** ms */
  readonly now: number
  /** Called between slices of work. */
  readonly breathe: () => Promise<void>
  /** Clean whatever can be cleaned, however little it is. */
  readonly always?: boolean
}

/** Bytes worked on before the broker may breathe. */
const SLICE = 4 * 1024 * 1024
/** Keys kept in memory at once; a log with more is cleaned in several rounds. */
const MAX_KEYS = 1_000_000

class Superseded extends Error {}

/** Cleans `log` if it is time. Undefined when it is not, or when its segments were deleted meanwhile. */
export async function cleanLog(log: PartitionLog, options: CleanOptions): Promise<Cleaned | undefined> {
  const plan = planCleaning(log, options.now, options.always)
  if (plan === undefined) return undefined
  try {
    return await new Cleaning(log, plan, options).run()
  } catch (error) {
    if (error instanceof Superseded) return undefined
    throw error
  }
}

class Cleaning {
  readonly #log: PartitionLog
  readonly #plan: CleanPlan
  readonly #options: CleanOptions
  readonly #latest = new Map<string, number>()
  readonly #aborted: ReadonlyMap<number, readonly { firstOffset: number; lastOffset: number }[]>
  /** Producers whose open transaction has records in what was read so far. */
  readonly #withData = new Set<number>()
  /** Offsets of abort markers that were dropped. */
  readonly #droppedMarkers = new Set<number>()

  constructor(log: PartitionLog, plan: CleanPlan, options: CleanOptions) {
    this.#log = log
    this.#plan = plan
    this.#options = options
    this.#aborted = Map.groupBy(log.aborted, (t) => t.producerId)
  }

  async run(): Promise<Cleaned> {
    const { segments, end: cleaned } = await this.#collectKeys()
    let bytesBefore = 0
    let bytesAfter = 0
    for (const group of groupSegments(segments, cleaned, this.#log.config.segmentBytes)) {
      for (const segment of group) bytesBefore += segment.size
      bytesAfter += await this.#rewrite(group)
    }
    const log = this.#log
    if (this.#droppedMarkers.size > 0) {
      const left = log.aborted.filter((t) => !this.#droppedMarkers.has(t.lastOffset))
      log.aborted.splice(0, log.aborted.length, ...left)
    }
    log.cleanedUpTo = cleaned
    writeCheckpoint(log.directory, cleaned)
    return { bytesBefore, bytesAfter }
  }

  /** Notes the latest offset of every key in the dirty part; says how far it came. */
  async #collectKeys(): Promise<{ segments: readonly Segment[]; end: number }> {
    const { segments, dirtyFrom, end } = this.#plan
    for (const [i, segment] of segments.entries()) {
      const next = segments[i + 1]?.baseOffset ?? end
      if (next <= dirtyFrom) continue
      await this.#inSlices(segment, (buffer, at, size) => {
        const attributes = batch.attributes(buffer, at)
        const base = batch.baseOffset(buffer, at)
        if (batch.isControl(attributes) || this.#wasAborted(buffer, at, attributes)) return true
        const body = bodyOf(buffer, at, size)
        walkRecords(body, batch.recordCount(buffer, at), (record) => {
          if (record.keyStart < 0) return
          this.#latest.set(body.latin1Slice(record.keyStart, record.keyEnd), base + record.offsetDelta)
        })
        return true
      })
      if (this.#latest.size > MAX_KEYS) return { segments: segments.slice(0, i + 1), end: next }
    }
    return { segments, end }
  }

  /** Writes one run of segments anew and puts the result in their place; returns its size. */
  async #rewrite(group: readonly Segment[]): Promise<number> {
    const log = this.#log
    const base = group[0]!.baseOffset
    const next = this.#nextOffset(group)
    const path = cleanedPath(log.directory, base, next)
    const out = fs.openSync(path, 'w')
    const result = new Segment(log.directory, base, log.io, this.#options.now)
    let size = 0
    try {
      for (const segment of group) {
        await this.#inSlices(segment, (buffer, at, length) => {
          const kept = this.#filter(buffer.subarray(at, at + length))
          if (kept === undefined) return true
          for (let done = 0; done < kept.length; ) {
            done += fs.writeSync(out, kept, done, kept.length - done, size + done)
          }
          result.noteBatch(
            size,
            kept.length,
            batch.baseOffset(kept, 0),
            batch.maxTimestamp(kept, 0),
            log.config.indexIntervalBytes,
          )
          size += kept.length
          return true
        })
      }
    } catch (error) {
      fs.closeSync(out)
      fs.rmSync(path, { force: true })
      throw error
    }
    fs.closeSync(out)
    this.#install(group, result, size, next)
    return size
  }

  #install(group: readonly Segment[], result: Segment, size: number, next: number): void {
    const log = this.#log
    if (log.deleted || group.some((segment) => !log.segments.includes(segment))) {
      fs.rmSync(cleanedPath(log.directory, result.baseOffset, next), { force: true })
      throw new Superseded()
    }
    const at = log.segments.indexOf(group[0]!)
    for (const segment of group) segment.close()
    swapIn(log.directory, result.baseOffset, next)
    result.size = size
    log.segments.splice(at, group.length, result)
    log.reader.forget()
    log.seal(result, next)
  }

  #filter(bytes: Buffer): Buffer | undefined {
    const log = this.#log
    const attributes = batch.attributes(bytes, 0)
    const producerId = batch.producerId(bytes, 0)
    const lastOffset = batch.lastOffset(bytes, 0)
    const producer = producerId < 0 ? undefined : log.producers.get(producerId)
    const rules = {
      latest: (key: string) => this.#latest.get(key),
      aborted: this.#wasAborted(bytes, 0, attributes),
      now: this.#options.now,
      deleteRetentionMs: log.config.deleteRetentionMs,
      keepEmpty: producer?.batches.at(-1)?.lastOffset === lastOffset,
    }
    if (batch.isControl(attributes)) {
      const needed = this.#withData.delete(producerId)
      const kept = filterMarker(bytes, { ...rules, needed })
      if (kept === undefined && readMarker(bytes, 0)?.commit === false) this.#droppedMarkers.add(lastOffset)
      return kept
    }
    if (batch.isTransactional(attributes)) this.#withData.add(producerId)
    return filterBatch(bytes, rules)
  }

  #wasAborted(buffer: Buffer, at: number, attributes: number): boolean {
    if (!batch.isTransactional(attributes)) return false
    const offset = batch.baseOffset(buffer, at)
    const list = this.#aborted.get(batch.producerId(buffer, at))
    return list?.some((t) => t.firstOffset <= offset && offset <= t.lastOffset) ?? false
  }

  #nextOffset(group: readonly Segment[]): number {
    const { segments } = this.#log
    const after = segments[segments.indexOf(group.at(-1)!) + 1]
    if (after === undefined) throw new Superseded()
    return after.baseOffset
  }

  async #inSlices(segment: Segment, visit: BatchVisitor): Promise<void> {
    let position = 0
    let slice = SLICE
    while (position < segment.size) {
      const to = Math.min(position + slice, segment.size)
      const reached = walkBatches(segment, position, to, visit)
      if (reached === position) {
        // A batch larger than a slice; or, at the end, bytes that are no batch, which recovery would have cut off.
        if (to === segment.size) throw new Error(`${segment.path} holds no batch at position ${position}`)
        slice *= 4
        continue
      }
      position = reached
      await this.#options.breathe()
      if (this.#log.deleted || !this.#log.segments.includes(segment)) throw new Superseded()
    }
  }
}
