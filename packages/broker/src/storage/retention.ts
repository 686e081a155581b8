// Retention: deletes old segments by time and by size (`cleanup.policy=delete`).
import type { PartitionLog } from './partition-log.ts'

/** Applies the topic's limits to one log; returns how many segments went. */
export function applyRetention(log: PartitionLog, now: number): number {
  const { config } = log
  if (!config.delete) return 0
  const tooOld = (maxTimestamp: number) => config.retentionMs >= 0 && now - maxTimestamp > config.retentionMs
  // A last segment that is too old as a whole is closed first, so that it can go too.
  const active = log.segments.at(-1)
  if (active !== undefined && active.size > 0 && tooOld(active.maxTimestamp)) log.roll()
  let dropped = log.dropSegments((segment) => tooOld(segment.maxTimestamp))
  if (config.retentionBytes >= 0) {
    let excess = log.size - config.retentionBytes
    dropped += log.dropSegments((segment) => {
      if (segment.size > excess) return false
      excess -= segment.size
      return true
    })
  }
  return dropped
}
