// What the cleaner would do with a log: which part is dirty, how dirty, and whether it is time.
import type { PartitionLog } from '../partition-log.ts'
import type { Segment } from '../segment.ts'

/** A cleaning worth doing. */
export interface CleanPlan {
  /** Whole segments from the start of the log to the end of what may be cleaned. */
  readonly segments: readonly Segment[]
  /** First offset that was not cleaned before. */
  readonly dirtyFrom: number
  /** Offset after the last segment. */
  readonly end: number
}

/** The plan for `log` at `now` (ms), or undefined when there is nothing to do yet. `always` leaves out the dirty ratio. */
export function planCleaning(log: PartitionLog, now: number, always = false): CleanPlan | undefined {
  const { config } = log
  if (!config.compact || log.deleted || log.segments.length < 2) return undefined
  const unstable = log.lastStableOffset
  const segments: Segment[] = []
  let end = log.startOffset
  for (const [i, segment] of log.segments.slice(0, -1).entries()) {
    const next = log.segments[i + 1]!.baseOffset
    // Nothing of an open transaction, and nothing that is too young, may be cleaned.
    const young = config.minCompactionLagMs > 0 && now - segment.maxTimestamp < config.minCompactionLagMs
    if (next > unstable || young) break
    segments.push(segment)
    end = next
  }
  const dirtyFrom = Math.max(log.cleanedUpTo, log.startOffset)
  if (segments.length === 0 || end <= dirtyFrom) return undefined
  let clean = 0
  let dirty = 0
  let oldest = Number.POSITIVE_INFINITY
  for (const segment of segments) {
    if (segment.baseOffset < dirtyFrom) clean += segment.size
    else {
      dirty += segment.size
      if (segment.firstTimestamp >= 0) oldest = Math.min(oldest, segment.firstTimestamp)
    }
  }
  const overdue = now - oldest > config.maxCompactionLagMs
  const dirtyEnough = dirty > 0 && dirty / (clean + dirty) >= config.minCleanableRatio
  return always || overdue || dirtyEnough ? { segments, dirtyFrom, end } : undefined
}

/** Splits segments into runs that fit one segment together: each run becomes one file. */
export function groupSegments(segments: readonly Segment[], end: number, maxBytes: number): Segment[][] {
  const groups: Segment[][] = []
  let bytes = 0
  for (const [i, segment] of segments.entries()) {
    const next = segments[i + 1]?.baseOffset ?? end
    const group = groups.at(-1)
    const fits = group !== undefined && bytes + segment.size <= maxBytes && next - group[0]!.baseOffset < 2 ** 31
    if (fits) {
      group.push(segment)
      bytes += segment.size
    } else {
      groups.push([segment])
      bytes = segment.size
    }
  }
  return groups
}
