// The two requests that make a generation, and the checks and refusals they share.
import { ErrorCode } from '@millrace/kafka/protocol'
import type { Group } from './group.ts'
import { type JoinResult, type MemberInit, NO_BYTES, type SyncResult } from './member.ts'

/** A JoinGroup request. */
export interface JoinRequest extends Omit<MemberInit, 'memberId'> {
  readonly memberId: string
  readonly protocolType: string
  /** True when a new dynamic member must be told its id before it is admitted (JoinGroup v4 and later). */
  readonly requireKnownMemberId: boolean
  /** True when the client understands `skipAssignment` (JoinGroup v9 and later). */
  readonly knowsSkipAssignment: boolean
}

/** A SyncGroup request. */
export interface SyncRequest {
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly assignments: ReadonlyMap<string, Buffer>
}

/** An answer to a join that was refused. */
export function joinError(errorCode: number, memberId: string): JoinResult {
  return {
    errorCode,
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leader: '',
    memberId,
    skipAssignment: false,
    members: [],
  }
}

/** An answer to a sync that was refused. */
export function syncError(errorCode: number): SyncResult {
  return { errorCode, protocolType: null, protocolName: null, assignment: NO_BYTES }
}

/** Error code for a member that is not who it says (or not any more). */
export function checkMember(group: Group, memberId: string, groupInstanceId: string | null): number {
  if (groupInstanceId !== null) {
    const holder = group.staticMembers.get(groupInstanceId)
    if (holder === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    if (holder !== memberId) return ErrorCode.FENCED_INSTANCE_ID
  }
  return group.members.has(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID
}
