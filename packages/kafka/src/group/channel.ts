// The five requests of the classic group protocol, for any protocol type, to whichever node coordinates the group.

/** A protocol a member can speak, with what it tells the leader under it. */
export interface GroupProtocol {
  readonly name: string
  readonly metadata: Buffer
}

/** A member as the coordinator lists it to the leader. */
export interface JoinedMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly metadata: Buffer
}

export interface JoinAnswer {
  readonly errorCode: number
  readonly generationId: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly leader: string
  readonly memberId: string
  /** KIP-814: the leader is a static member that came back; the assignment stays, it need not compute one. */
  readonly skipAssignment: boolean
  /** All members, for the leader only. */
  readonly members: readonly JoinedMember[]
}

export interface SyncAnswer {
  readonly errorCode: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly assignment: Buffer
}

/** Who speaks: the identity every request of a member carries. */
export interface MemberIdentity {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly generationId: number
}

/**
 * How a member reaches its coordinator. Error codes of the protocol are in the answers; a call rejects when the
 * coordinator could not be found or reached, or did not answer in time.
 */
export interface GroupChannel {
  join(member: MemberIdentity, protocols: readonly GroupProtocol[], reason: string): Promise<JoinAnswer>
  sync(
    member: MemberIdentity,
    protocolName: string,
    assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[],
  ): Promise<SyncAnswer>
  heartbeat(member: MemberIdentity): Promise<number>
  leave(member: MemberIdentity, reason: string, timeoutMs: number): Promise<number>
  /** The coordinator moved or does not answer: the next request looks for it anew. */
  forgetCoordinator(): void
}
