// Which partition a record goes to: by hash of its key as the Java client hashes, or without a key by the uniform sticky
// rule of KIP-794: one partition until a batch's worth of bytes is written, then another, rather one with a short queue.

/** murmur2 with the Java client's seed, over the first `length` bytes; a signed 32-bit number. */
export function murmur2(bytes: Uint8Array, length: number = bytes.length): number {
  const m = 0x5bd1e995
  let h = 0x9747b28c ^ length
  const words = length & ~3
  for (let i = 0; i < words; i += 4) {
    let k = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    k = Math.imul(k, m)
    k ^= k >>> 24
    h = Math.imul(h, m) ^ Math.imul(k, m)
  }
  const rest = length & 3
  if (rest === 3) h ^= bytes[words + 2]! << 16
  if (rest >= 2) h ^= bytes[words + 1]! << 8
  if (rest >= 1) h = Math.imul(h ^ bytes[words]!, m)
  h ^= h >>> 13
  h = Math.imul(h, m)
  return h ^ (h >>> 15)
}

/** The partition of a key among `partitions`: the same as the Java client's. */
export function partitionOfKey(key: Uint8Array, length: number, partitions: number): number {
  return (murmur2(key, length) & 0x7fffffff) % partitions
}

/** What the sticky choice looks at: one entry per partition. */
export interface PartitionLoad {
  /** False while the partition has no leader, or its broker takes nothing. */
  readonly available: boolean
  /** Batches that wait. */
  readonly queued: number
}

/**
 * Chooses the next sticky partition: among the available ones, with a weight that falls with the length of the queue
 * when `adaptive`; among all when none is available. @param random in [0, 1)
 */
export function chooseSticky(loads: readonly PartitionLoad[], adaptive: boolean, random: number): number {
  const anyAvailable = loads.some((load) => load.available)
  const most = adaptive ? loads.reduce((max, load) => (load.queued > max ? load.queued : max), 0) : 0
  const weight = (load: PartitionLoad): number =>
    anyAvailable && !load.available ? 0 : adaptive ? most + 1 - load.queued : 1
  let at = random * loads.reduce((sum, load) => sum + weight(load), 0)
  let chosen = 0
  for (let index = 0; index < loads.length; index++) {
    const share = weight(loads[index]!)
    if (share === 0) continue
    chosen = index
    at -= share
    if (at < 0) break
  }
  return chosen
}
