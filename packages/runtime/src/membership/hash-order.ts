// The order in which the reference walks its unordered sets. It decides which of several equal workers gives work up, and
// the order of connectors in an assignment's bytes: with the same order, two leaders of different make agree exactly.
// Rule: java.util.HashMap of Java 17 (a power of two of buckets, grown at three quarters; a bucket keeps insertion order).
// Buckets of eight and more, which that class keeps as trees, are not modelled; only the order would differ.
import { taskOfKey } from './work.ts'

const LEAST_BUCKETS = 16
const LOAD = 0.75

/** java.lang.String.hashCode */
function textHash(text: string): number {
  let hash = 0
  for (let at = 0; at < text.length; at++) hash = (Math.imul(31, hash) + text.charCodeAt(at)) | 0
  return hash
}

/** ConnectorTaskId.hashCode of a task's key */
function taskHash(key: string): number {
  const { connector, task } = taskOfKey(key)
  return (Math.imul(31, textHash(connector)) + task) | 0
}

/** Names in the order of a hash set that grew by insertion. */
export function hashOrder(names: Iterable<string>): readonly string[] {
  const unique = [...new Set(names)]
  return walk(unique, textHash, grownBuckets(unique.length))
}

/** Names in the order of a hash set made from a collection of `size` elements, which sizes it ahead. */
export function copiedOrder(names: Iterable<string>, size: number): readonly string[] {
  return walk([...new Set(names)], textHash, copiedBuckets(size))
}

/** Task keys in the order of a hash set made from a collection of `size` elements. */
export function copiedTaskOrder(keys: Iterable<string>, size: number): readonly string[] {
  return walk([...new Set(keys)], taskHash, copiedBuckets(size))
}

function grownBuckets(size: number): number {
  let buckets = LEAST_BUCKETS
  while (size > buckets * LOAD) buckets *= 2
  return buckets
}

function copiedBuckets(size: number): number {
  const wanted = Math.max(Math.floor(size / LOAD) + 1, LEAST_BUCKETS)
  return 2 ** Math.ceil(Math.log2(wanted))
}

function walk(keys: readonly string[], hash: (key: string) => number, buckets: number): readonly string[] {
  const bucket = (key: string) => {
    const mixed = hash(key)
    return (mixed ^ (mixed >>> 16)) & (buckets - 1)
  }
  return keys
    .map((key) => ({ key, bucket: bucket(key) }))
    .sort((a, b) => a.bucket - b.bucket)
    .map(({ key }) => key)
}
