// The leader's part of a rebalance: reads what the members say, divides the work, writes what each is told.
import type { TaskId } from '../plane/messages.ts'
import type { ConfigView } from './config-view.ts'
import {
  type Assignment,
  AssignmentError,
  type ConnectProtocolVersion,
  decodeMetadata,
  encodeAssignment,
  versionOfProtocol,
  type WorkerState,
} from './connect-protocol.ts'
import { assignEagerly } from './eager-assignor.ts'
import { assignIncrementally } from './incremental-assignor.ts'
import { INITIAL_STATE, type IncrementalState, type RoundClock } from './incremental-state.ts'
import { NO_WORK, taskKey, type Work } from './work.ts'

/** A member as the coordinator lists it to the leader. */
export interface ListedMember {
  readonly memberId: string
  readonly metadata: Buffer
}

/** One rebalance that this worker leads. */
export interface LeaderRound extends RoundClock {
  readonly leaderId: string
  /** The subprotocol that the group chose. */
  readonly protocol: string
  readonly generation: number
  readonly lastCompletedGeneration: number
  readonly members: readonly ListedMember[]
  /** The configuration as it was when this worker joined. */
  readonly config: ConfigView
  /** The newest configuration: asked for when a member knows a later offset than {@link config}. */
  readonly freshConfig: () => ConfigView
}

/** Which member owns what, for the leader to find the worker that must answer a request. */
export interface Owners {
  /** REST URL of the worker that runs it; null when none does. */
  connectorUrl(connector: string): string | null
  taskUrl(task: TaskId): string | null
}

export interface LeaderResult {
  /** The memory for the next round. */
  readonly state: IncrementalState
  /** Bytes for SyncGroup, for every member. */
  readonly assignments: ReadonlyMap<string, Buffer>
  /** Null when no work could be divided because the leader's configuration is too old. */
  readonly owners: Owners | null
}

/**
 * Divides the work among the members. A pure function.
 * @throws MalformedBytesError when a member's metadata cannot be read
 */
export function lead(state: IncrementalState, round: LeaderRound): LeaderResult {
  const version = versionOfProtocol(round.protocol)
  const members = new Map(round.members.map((one) => [one.memberId, decodeMetadata(one.metadata)]))
  const highest = Math.max(...[...members.values()].map(({ configOffset }) => configOffset))
  const config = round.config.offset < highest ? round.freshConfig() : round.config
  const head = { version, leader: round.leaderId, leaderUrl: members.get(round.leaderId)?.url ?? '' }
  if (config.offset < highest) {
    const error = AssignmentError.CONFIG_MISMATCH
    const told = { ...head, error, configOffset: highest, assigned: NO_WORK, revoked: NO_WORK, delayMs: 0 }
    return { state, assignments: encodeAll([...members.keys()], version, () => told), owners: null }
  }
  // A configuration newer than any member's is used as of the highest offset a member told, unless it was taken just now.
  const configOffset = config === round.config ? highest : config.offset
  const base = { ...head, error: AssignmentError.NONE, configOffset }
  if (version === 0) {
    const shares = assignEagerly(config, members.keys())
    const told = (id: string) => ({ ...base, assigned: shares.get(id)!, revoked: NO_WORK, delayMs: 0 })
    return { state, assignments: encodeAll([...members.keys()], version, told), owners: ownersOf(members, shares) }
  }
  const connectors = [...config.connectors()]
  const result = assignIncrementally(state, {
    now: round.now,
    maxDelayMs: round.maxDelayMs,
    generation: round.generation,
    lastCompletedGeneration: round.lastCompletedGeneration,
    configured: { connectors, tasks: connectors.flatMap((one) => [...config.tasks(one)]) },
    members: new Map([...members].map(([id, { allocation }]) => [id, allocation?.assigned ?? NO_WORK])),
  })
  const told = (id: string) => {
    const { assigned, revoked } = result.shares.get(id)!
    return { ...base, assigned, revoked, delayMs: result.delayMs }
  }
  const owned = new Map([...result.shares].map(([id, share]) => [id, share.owned]))
  return {
    state: result.state,
    assignments: encodeAll([...members.keys()], version, told),
    owners: ownersOf(members, owned),
  }
}

export { INITIAL_STATE, type IncrementalState }

function encodeAll(
  ids: readonly string[],
  version: ConnectProtocolVersion,
  told: (memberId: string) => Assignment,
): ReadonlyMap<string, Buffer> {
  return new Map(ids.map((id) => [id, encodeAssignment(told(id), version)]))
}

function ownersOf(members: ReadonlyMap<string, WorkerState>, owned: ReadonlyMap<string, Work>): Owners {
  const connectors = new Map<string, string>()
  const tasks = new Map<string, string>()
  for (const [id, work] of owned) {
    const { url } = members.get(id)!
    for (const connector of work.connectors) connectors.set(connector, url)
    for (const task of work.tasks) tasks.set(taskKey(task), url)
  }
  return {
    connectorUrl: (connector) => connectors.get(connector) ?? null,
    taskUrl: (task) => tasks.get(taskKey(task)) ?? null,
  }
}
