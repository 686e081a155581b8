// The `connect` protocol type: what workers put into JoinGroup's metadata and SyncGroup's assignment.
//   Metadata   = Version(int16) Url(string) ConfigOffset(int64)  v1+: Allocation(bytes, null: a whole Assignment)
//   Assignment = Version(int16) Error(int16) Leader(string) LeaderUrl(string) ConfigOffset(int64)
//                Assigned[Connector(string) [Task(int32)]]  v1+: Revoked[the same] Delay(int32)
// Task -1 is the connector itself. From version 1 on both arrays may be null, and fields missing at the end have defaults.
// Version 2 has the bytes of version 1; it says that internal requests are signed (KIP-507).
// Source: Kafka's ConnectProtocol and IncrementalCooperativeConnectProtocol (KIP-415).
import { ByteReader, ByteWriter, MalformedBytesError } from '@millrace/kafka/protocol'
import { copiedOrder } from './hash-order.ts'
import { NO_WORK, type Work } from './work.ts'

export const CONNECT_PROTOCOL_TYPE = 'connect'

/** Values of `connect.protocol`: the newest subprotocol a worker offers; it offers the older ones too. */
export type ConnectProtocolMode = 'eager' | 'compatible' | 'sessioned'
/** 0 `default` (eager), 1 `compatible` (incremental cooperative), 2 `sessioned` (the same, with signed internal requests). */
export type ConnectProtocolVersion = 0 | 1 | 2

const NAMES = ['default', 'compatible', 'sessioned'] as const
const NEWEST: Readonly<Record<ConnectProtocolMode, ConnectProtocolVersion>> = { eager: 0, compatible: 1, sessioned: 2 }
/** As `connect.protocol` names the versions. */
export const MODE_OF_VERSION: readonly ConnectProtocolMode[] = ['eager', 'compatible', 'sessioned']
const CONNECTOR_ITSELF = -1

/** Name in JoinGroup of a version. */
export function protocolName(version: ConnectProtocolVersion): string {
  return NAMES[version]
}

/** @throws MalformedBytesError for a name that is none of the three */
export function versionOfProtocol(name: string): ConnectProtocolVersion {
  const version = (NAMES as readonly string[]).indexOf(name.toLowerCase())
  if (version >= 0) return version as ConnectProtocolVersion
  throw new MalformedBytesError(`The group chose the protocol "${name}"; a Connect worker speaks ${NAMES.join(', ')}`)
}

/** Newest version that a worker of this `connect.protocol` offers. */
export function newestVersion(mode: ConnectProtocolMode): ConnectProtocolVersion {
  return NEWEST[mode]
}

/** Values of {@link Assignment.error}. */
export const AssignmentError = { NONE: 0, CONFIG_MISMATCH: 1 } as const

/** What the leader tells one worker. Cooperative versions name only what is new in `assigned`, and what goes in `revoked`. */
export interface Assignment {
  readonly version: number
  /** 0, or 1: the leader is behind the config topic; nobody got work, all read to its end and join again. */
  readonly error: number
  /** Member id of the leader. */
  readonly leader: string
  /** REST URL at which the leader takes requests of other workers. */
  readonly leaderUrl: string
  /** Offset of the config topic by which the work was divided. */
  readonly configOffset: number
  readonly assigned: Work
  readonly revoked: Work
  /** Milliseconds after which the worker shall join again; 0 for none. */
  readonly delayMs: number
}

/** What a worker tells the leader. */
export interface WorkerState {
  readonly url: string
  readonly configOffset: number
  /** What the worker holds, null when nothing was assigned yet (and in version 0, which does not tell). */
  readonly allocation: Assignment | null
}

/** The JoinGroup protocols of a worker, preferred first. */
export function metadataOffers(
  mode: ConnectProtocolMode,
  state: WorkerState,
): readonly { readonly name: string; readonly metadata: Buffer }[] {
  const newest = newestVersion(mode)
  const versions = ([2, 1, 0] as const).filter((version) => version <= newest)
  return versions.map((version) => ({ name: protocolName(version), metadata: encodeMetadata(state, version) }))
}

export function encodeMetadata(state: WorkerState, version: ConnectProtocolVersion): Buffer {
  const out = new ByteWriter()
  out.int16(version)
  out.text(state.url, false)
  out.int64(state.configOffset)
  if (version > 0) out.blob(state.allocation === null ? null : encodeAssignment(state.allocation, version), false)
  return out.bytes()
}

/** @throws MalformedBytesError when the bytes are no worker's metadata */
export function decodeMetadata(bytes: Buffer): WorkerState {
  const from = new ByteReader(bytes)
  readVersion(from, 'metadata')
  const url = readText(from, 'url')
  const configOffset = from.int64()
  const allocation = from.remaining > 0 ? from.view(from.int32()) : null
  return { url, configOffset, allocation: allocation === null ? null : decodeAssignment(allocation) }
}

export function encodeAssignment(assignment: Assignment, version: ConnectProtocolVersion): Buffer {
  const out = new ByteWriter()
  out.int16(version)
  out.int16(assignment.error)
  out.text(assignment.leader, false)
  out.text(assignment.leaderUrl, false)
  out.int64(assignment.configOffset)
  const { assigned, revoked } = assignment
  writeWork(out, { ...assigned, connectors: copiedOrder(assigned.connectors, assigned.connectors.length) })
  if (version > 0) {
    writeWork(out, revoked)
    out.int32(assignment.delayMs)
  }
  return out.bytes()
}

/** @throws MalformedBytesError when the bytes are no assignment; empty ones mean that the leader left this member out */
export function decodeAssignment(bytes: Buffer): Assignment {
  const from = new ByteReader(bytes)
  const version = readVersion(from, 'assignment')
  return {
    version,
    error: from.int16(),
    leader: readText(from, 'leader'),
    leaderUrl: readText(from, 'leader-url'),
    configOffset: from.int64(),
    assigned: from.remaining > 0 ? readWork(from) : NO_WORK,
    revoked: from.remaining > 0 ? readWork(from) : NO_WORK,
    delayMs: from.remaining > 0 ? from.int32() : 0,
  }
}

/** Grouped by connector: connectors themselves first, then connectors of which there are tasks only. */
function writeWork(out: ByteWriter, work: Work): void {
  const groups = new Map<string, number[]>()
  const group = (connector: string) => {
    const known = groups.get(connector)
    if (known !== undefined) return known
    const made: number[] = []
    groups.set(connector, made)
    return made
  }
  for (const connector of new Set(work.connectors)) group(connector).push(CONNECTOR_ITSELF)
  for (const { connector, task } of work.tasks) group(connector).push(task)
  out.int32(groups.size)
  for (const [connector, tasks] of groups) {
    out.text(connector, false)
    out.int32(tasks.length)
    for (const task of tasks) out.int32(task)
  }
}

function readWork(from: ByteReader): Work {
  const connectors: string[] = []
  const tasks: { connector: string; task: number }[] = []
  for (let left = from.count(from.int32()); left > 0; left--) {
    const connector = readText(from, 'connector')
    for (let numbers = from.count(from.int32()); numbers > 0; numbers--) {
      const task = from.int32()
      if (task === CONNECTOR_ITSELF) connectors.push(connector)
      else tasks.push({ connector, task })
    }
  }
  return { connectors, tasks }
}

function readText(from: ByteReader, field: string): string {
  const text = from.text(from.int16())
  if (text === null) throw new MalformedBytesError(`The field ${field} of the Connect group protocol is null`)
  return text
}

function readVersion(from: ByteReader, what: string): number {
  const version = from.int16()
  if (version >= 0) return version
  throw new MalformedBytesError(`The ${what} of a Connect worker has version ${version}; 0 or more is expected`)
}
