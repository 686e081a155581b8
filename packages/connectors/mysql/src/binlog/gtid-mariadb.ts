// MariaDB's GTIDs, `domain-server-sequence`: https://mariadb.com/kb/en/gtid/. A position has one of each domain.

/** One transaction. */
export interface MariaDbGtid {
  readonly domain: number
  readonly server: number
  readonly sequence: bigint
}

/** @throws RangeError when the text is no GTID */
export function parseMariaDbGtid(text: string): MariaDbGtid {
  const found = /^(\d+)-(\d+)-(\d+)$/.exec(text.trim())
  if (found === null) throw new RangeError(`Not a MariaDB GTID: ${text}`)
  return { domain: Number(found[1]), server: Number(found[2]), sequence: BigInt(found[3]!) }
}

export function mariaDbGtidText({ domain, server, sequence }: MariaDbGtid): string {
  return `${domain}-${server}-${sequence}`
}

/** An immutable position: the last transaction of each server of each domain. */
export class MariaDbGtidSet {
  /** Sorted by domain, then server. */
  readonly gtids: readonly MariaDbGtid[]

  private constructor(gtids: readonly MariaDbGtid[]) {
    this.gtids = [...gtids].sort((a, b) => a.domain - b.domain || a.server - b.server)
  }

  /** @throws RangeError when a part is no GTID */
  static parse(text: string): MariaDbGtidSet {
    const parts = text.split(',').filter((part) => part.trim() !== '')
    return parts.map(parseMariaDbGtid).reduce((set, gtid) => set.add(gtid), new MariaDbGtidSet([]))
  }

  get isEmpty(): boolean {
    return this.gtids.length === 0
  }

  /** The position after `gtid`: it takes the place of the last one of its domain and server. */
  add(gtid: MariaDbGtid): MariaDbGtidSet {
    const others = this.gtids.filter((one) => one.domain !== gtid.domain || one.server !== gtid.server)
    return new MariaDbGtidSet([...others, gtid])
  }
  /** The position after `gtid` with one GTID a domain: what a server keeps of a stream that it follows. */
  advance(gtid: MariaDbGtid): MariaDbGtidSet {
    return new MariaDbGtidSet([...this.gtids.filter((one) => one.domain !== gtid.domain), gtid])
  }
  union(other: MariaDbGtidSet): MariaDbGtidSet {
    return other.gtids.reduce<MariaDbGtidSet>((set, gtid) => {
      const own = set.gtids.find((one) => one.domain === gtid.domain && one.server === gtid.server)
      return own !== undefined && own.sequence >= gtid.sequence ? set : set.add(gtid)
    }, this)
  }
  /** The transactions' ends that `other` has not reached. */
  subtract(other: MariaDbGtidSet): MariaDbGtidSet {
    return new MariaDbGtidSet(this.gtids.filter((gtid) => !other.reaches(gtid)))
  }
  contains(other: MariaDbGtidSet): boolean {
    return other.gtids.every((gtid) => this.reaches(gtid))
  }
  /** Whether the position is at or behind the transaction, whichever server of the domain it is of. */
  reaches(gtid: MariaDbGtid): boolean {
    return this.gtids.some((one) => one.domain === gtid.domain && one.sequence >= gtid.sequence)
  }
  /** The part of domains that pass, as `gtid.source.includes` wants it. */
  retainAll(passes: (domain: string) => boolean): MariaDbGtidSet {
    return new MariaDbGtidSet(this.gtids.filter(({ domain }) => passes(String(domain))))
  }

  toString(): string {
    return this.gtids.map(mariaDbGtidText).join(',')
  }
}
