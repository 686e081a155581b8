// Sets of MySQL GTIDs, `uuid[:tag]:1-5:7,...`: https://dev.mysql.com/doc/refman/8.4/en/replication-gtids-concepts.html.

/** Whole numbers from `first` to `last`, both included. */
export interface GtidInterval {
  readonly first: bigint
  readonly last: bigint
}

/** An immutable set of transactions. Keys are `uuid` or `uuid:tag`, in lower case. */
export class MysqlGtidSet {
  /** Intervals by key, sorted and joined. */
  readonly intervals: ReadonlyMap<string, readonly GtidInterval[]>

  private constructor(intervals: ReadonlyMap<string, readonly GtidInterval[]>) {
    this.intervals = intervals
  }

  /** Reads the text form, with or without line breaks. @throws RangeError when it is none */
  static parse(text: string): MysqlGtidSet {
    const found = new Map<string, GtidInterval[]>()
    for (const part of text.replace(/\s+/g, '').split(',')) {
      if (part !== '') readPart(part.toLowerCase(), text, found)
    }
    return MysqlGtidSet.#of(found)
  }

  static #of(all: ReadonlyMap<string, readonly GtidInterval[]>): MysqlGtidSet {
    const joined = [...all].map(([key, list]) => [key, join(list)] as const).filter(([, list]) => list.length > 0)
    joined.sort(([a], [b]) => (a < b ? -1 : 1))
    return new MysqlGtidSet(new Map(joined))
  }

  get isEmpty(): boolean {
    return this.intervals.size === 0
  }

  /** The set with one transaction more; `gtid` is `uuid[:tag]:number`. */
  add(gtid: string): MysqlGtidSet {
    return this.union(MysqlGtidSet.parse(gtid))
  }
  union(other: MysqlGtidSet): MysqlGtidSet {
    const all = new Map(this.intervals)
    for (const [key, list] of other.intervals) all.set(key, [...(all.get(key) ?? []), ...list])
    return MysqlGtidSet.#of(all)
  }
  subtract(other: MysqlGtidSet): MysqlGtidSet {
    const all = new Map([...this.intervals].map(([key, list]) => [key, minus(list, other.intervals.get(key) ?? [])]))
    return MysqlGtidSet.#of(all)
  }
  contains(other: MysqlGtidSet): boolean {
    return other.subtract(this).isEmpty
  }
  /** The transactions of sources whose UUID passes, as `gtid.source.includes` wants it. */
  retainAll(passes: (uuid: string) => boolean): MysqlGtidSet {
    return new MysqlGtidSet(new Map([...this.intervals].filter(([key]) => passes(key.split(':', 1)[0]!))))
  }
  /**
   * This set, and of every source that only `other` knows all of its transactions: what is to be asked from a server whose
   * other sources' history must not come again.
   */
  with(other: MysqlGtidSet): MysqlGtidSet {
    return new MysqlGtidSet(new Map([...other.intervals, ...this.intervals]))
  }

  /** The server's own form without line breaks. */
  toString(): string {
    const parts: string[] = []
    for (const [key, list] of this.intervals) {
      parts.push(
        `${key}:${list.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(':')}`,
      )
    }
    return parts.join(',')
  }

  /** The form of COM_BINLOG_DUMP_GTID: sources with their intervals, the end of each one past the last. */
  toBytes(): Buffer {
    const parts: Buffer[] = [uint64(BigInt(this.intervals.size))]
    for (const [key, list] of this.intervals) {
      const [uuid, tag] = key.split(':', 2) as [string, string | undefined]
      parts.push(Buffer.from(uuid.replaceAll('-', ''), 'hex'))
      if (tag !== undefined) throw new RangeError(`A tagged set has no place in this form: ${key}`)
      parts.push(uint64(BigInt(list.length)))
      for (const { first, last } of list) parts.push(uint64(first), uint64(last + 1n))
    }
    return Buffer.concat(parts)
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const TAG = /^[a-z_][a-z0-9_]{0,31}$/
const RANGE = /^(\d+)(?:-(\d+))?$/

/** `uuid:1-5:tag:1-3`: a tag holds for the intervals after it. */
function readPart(part: string, text: string, found: Map<string, GtidInterval[]>): void {
  const [uuid, ...rest] = part.split(':')
  if (!UUID.test(uuid!) || rest.length === 0) throw new RangeError(`Not a set of GTIDs: ${text}`)
  let key = uuid!
  for (const piece of rest) {
    const range = RANGE.exec(piece)
    if (range === null) {
      if (!TAG.test(piece)) throw new RangeError(`Not a set of GTIDs: ${text}`)
      key = `${uuid}:${piece}`
      continue
    }
    const first = BigInt(range[1]!)
    const list = found.get(key) ?? []
    list.push({ first, last: range[2] === undefined ? first : BigInt(range[2]) })
    found.set(key, list)
  }
}

function join(list: readonly GtidInterval[]): GtidInterval[] {
  const sorted = list.filter(({ first, last }) => first <= last).sort((a, b) => (a.first < b.first ? -1 : 1))
  const joined: GtidInterval[] = []
  for (const next of sorted) {
    const previous = joined.at(-1)
    if (previous === undefined || next.first > previous.last + 1n) joined.push(next)
    else if (next.last > previous.last) joined[joined.length - 1] = { first: previous.first, last: next.last }
  }
  return joined
}

function minus(list: readonly GtidInterval[], taken: readonly GtidInterval[]): GtidInterval[] {
  let left = [...list]
  for (const cut of taken) {
    left = left.flatMap((one) => {
      if (cut.last < one.first || cut.first > one.last) return [one]
      return [
        { first: one.first, last: cut.first - 1n },
        { first: cut.last + 1n, last: one.last },
      ].filter(({ first, last }) => first <= last)
    })
  }
  return left
}

function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return bytes
}
