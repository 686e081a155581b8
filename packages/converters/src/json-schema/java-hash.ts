// The order in which the reference walks through names: that of Java's HashMap. Texts of schemas are compared letter by
// letter and fields have a place, so that order is part of both.

const FIRST_CAPACITY = 16

/** Java's `String.hashCode`, spread as its HashMap spreads it; 0 for null. */
function spread(name: string | null): number {
  let hash = 0
  if (name !== null) for (let at = 0; at < name.length; at++) hash = (Math.imul(31, hash) + name.charCodeAt(at)) | 0
  return hash ^ (hash >>> 16)
}

/** Buckets of a table that began with `capacity` and grew, as it does, when three quarters of it were filled. */
function grown(capacity: number, size: number): number {
  let buckets = capacity
  while (size > buckets * 0.75) buckets *= 2
  return buckets
}

function powerOfTwo(size: number): number {
  let power = 1
  while (power < size) power *= 2
  return power
}

/** Entries by their names in the order of a `new HashMap()` into which they were put one by one. */
export function hashed<T>(entries: Iterable<T>, nameOf: (entry: T) => string | null): T[] {
  return inBuckets([...entries], nameOf, FIRST_CAPACITY)
}

/** Entries in the order of a `new HashMap(size)` into which they were put one by one. */
export function hashedToSize<T>(entries: Iterable<T>, nameOf: (entry: T) => string | null): T[] {
  const all = [...entries]
  return inBuckets(all, nameOf, powerOfTwo(all.length))
}

/** Entries in the order of a `new HashMap(otherMap)`, as of Java 17. */
export function hashedCopy<T>(entries: Iterable<T>, nameOf: (entry: T) => string | null): T[] {
  const all = [...entries]
  return inBuckets(all, nameOf, powerOfTwo(Math.floor(all.length / 0.75 + 1)))
}

/** Entries that share a bucket stay in the order in which they came. */
function inBuckets<T>(entries: T[], nameOf: (entry: T) => string | null, capacity: number): T[] {
  const mask = grown(capacity, entries.length) - 1
  const bucket = (entry: T) => spread(nameOf(entry)) & mask
  return entries.sort((a, b) => bucket(a) - bucket(b))
}
