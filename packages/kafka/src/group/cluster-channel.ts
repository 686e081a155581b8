// The group channel over a cluster client: finds the coordinator, sends the requests, gives each its time limit.
import type { ClusterClient } from '../cluster/index.ts'
import { type Api, Heartbeat, JoinGroup, LeaveGroup, SyncGroup } from '../protocol/index.ts'
import type { GroupChannel, GroupProtocol, JoinAnswer, MemberIdentity, SyncAnswer } from './channel.ts'

export interface ClusterChannelOptions {
  readonly cluster: ClusterClient
  readonly groupId: string
  readonly protocolType: string
  readonly sessionTimeoutMs: number
  /** How long the coordinator waits for members to join: for a consumer max.poll.interval.ms. */
  readonly rebalanceTimeoutMs: number
  readonly requestTimeoutMs: number
}

/** The coordinator's connection is apart from the fetches, which the broker may hold back. */
export const GROUP_LANE = 'group'
/** A broker answers JoinGroup when everybody joined, at the latest after the rebalance timeout; this is its slack. */
const JOIN_SLACK_MS = 5_000

export class ClusterChannel implements GroupChannel {
  readonly #options: ClusterChannelOptions

  constructor(options: ClusterChannelOptions) {
    this.#options = options
  }

  join(member: MemberIdentity, protocols: readonly GroupProtocol[], reason: string): Promise<JoinAnswer> {
    const { groupId, protocolType, sessionTimeoutMs, rebalanceTimeoutMs, requestTimeoutMs } = this.#options
    const { memberId, groupInstanceId } = member
    const request = {
      groupId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      memberId,
      groupInstanceId,
      protocolType,
      protocols,
      reason,
    }
    return this.#send(JoinGroup, request, Math.max(requestTimeoutMs, rebalanceTimeoutMs + JOIN_SLACK_MS))
  }

  sync(
    member: MemberIdentity,
    protocolName: string,
    assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[],
  ): Promise<SyncAnswer> {
    const { groupId, protocolType, rebalanceTimeoutMs, requestTimeoutMs } = this.#options
    const request = { groupId, ...member, protocolType, protocolName, assignments }
    return this.#send(SyncGroup, request, Math.max(requestTimeoutMs, rebalanceTimeoutMs + JOIN_SLACK_MS))
  }

  async heartbeat(member: MemberIdentity): Promise<number> {
    const { groupId, requestTimeoutMs, sessionTimeoutMs } = this.#options
    const answer = await this.#send(Heartbeat, { groupId, ...member }, Math.min(requestTimeoutMs, sessionTimeoutMs))
    return answer.errorCode
  }

  async leave({ memberId, groupInstanceId }: MemberIdentity, reason: string, timeoutMs: number): Promise<number> {
    const { groupId } = this.#options
    const request = { groupId, memberId, members: [{ memberId, groupInstanceId, reason }] }
    const answer = await this.#send(LeaveGroup, request, timeoutMs)
    return answer.errorCode !== 0 ? answer.errorCode : (answer.members[0]?.errorCode ?? 0)
  }

  forgetCoordinator(): void {
    this.#options.cluster.forgetCoordinator('group', this.#options.groupId)
  }

  async #send<Req, ReqIn, Res, ResIn>(
    api: Api<Req, ReqIn, Res, ResIn>,
    request: ReqIn,
    timeoutMs: number,
  ): Promise<Res> {
    const { cluster, groupId } = this.#options
    const node = await cluster.coordinator('group', groupId)
    return cluster.send(node, api, request, { timeoutMs, lane: GROUP_LANE })
  }
}
