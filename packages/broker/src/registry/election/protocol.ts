// What registry instances tell each other through Kafka's group protocol (type `sr`, version `v0`): JSON, as the reference.

/** The group's protocol type. */
export const PROTOCOL_TYPE = 'sr'
/** The only version of it. */
export const PROTOCOL_NAME = 'v0'

/** An instance: where it is reached, and whether it may be primary. */
export interface Identity {
  readonly host: string
  readonly port: number
  readonly scheme: string
  readonly eligible: boolean
  /** Whether it is primary now; counts only with `leader.election.sticky`. */
  readonly leader: boolean
}

/** What the group's leader tells all members. */
export interface Assignment {
  /** 1: several instances have one URL, and none can be primary. */
  readonly error: number
  /** Member id of the primary; null when no instance may be it. */
  readonly memberId: string | null
  readonly primary: Identity | null
}

export const NO_ERROR = 0
export const DUPLICATE_URLS = 1

const VERSION = 1

/** `http://host:port`. */
export function urlOf({ scheme, host, port }: Identity): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

export function encodeIdentity(identity: Identity): Buffer {
  return Buffer.from(JSON.stringify(identityJson(identity)))
}

/** @throws Error when it is not JSON of this format */
export function decodeIdentity(bytes: Buffer): Identity {
  return readIdentity(JSON.parse(bytes.toString('utf8')))
}

export function encodeAssignment({ error, memberId, primary }: Assignment): Buffer {
  const identity = primary === null ? {} : { master_identity: identityJson(primary) }
  return Buffer.from(
    JSON.stringify({ error, ...(memberId !== null && { master: memberId }), ...identity, version: VERSION }),
  )
}

/** @throws Error when it is not JSON of this format */
export function decodeAssignment(bytes: Buffer): Assignment {
  const read = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>
  const primary = read.master_identity == null ? null : readIdentity(read.master_identity)
  return {
    error: Number(read.error ?? NO_ERROR),
    memberId: typeof read.master === 'string' ? read.master : null,
    primary,
  }
}

/** Chooses the primary: the one that is it, when that is to stay (`sticky`), or else the least URL of those that may be it. */
export function choosePrimary(members: ReadonlyMap<string, Identity>, sticky: boolean): Assignment {
  const all = [...members]
  const urls = new Set(all.map(([, identity]) => urlOf(identity)))
  const eligible = all.filter(([, identity]) => identity.eligible)
  const leaders = sticky ? eligible.filter(([, identity]) => identity.leader) : []
  const least = eligible.toSorted(([, a], [, b]) => (urlOf(a) < urlOf(b) ? -1 : 1))[0]
  const chosen = leaders.length === 1 ? leaders[0] : least
  return {
    error: urls.size === all.length ? NO_ERROR : DUPLICATE_URLS,
    memberId: chosen?.[0] ?? null,
    primary: chosen?.[1] ?? null,
  }
}

function identityJson({ host, port, scheme, eligible, leader }: Identity): Record<string, unknown> {
  return { host, port, master_eligibility: eligible, scheme, version: VERSION, leader }
}

function readIdentity(value: unknown): Identity {
  const { host, port, scheme, master_eligibility, leader } = value as Record<string, unknown>
  if (typeof host !== 'string' || typeof port !== 'number') throw new Error('An identity without host or port')
  return {
    host,
    port,
    scheme: typeof scheme === 'string' ? scheme : 'http',
    eligible: master_eligibility === true,
    leader: leader === true,
  }
}
