// JoinGroup, SyncGroup, Heartbeat, LeaveGroup: the classic group protocol, for any protocol type.
import { Heartbeat, JoinGroup, LeaveGroup, type ReceivedRequest, SyncGroup } from '@millrace/kafka/protocol'
import { type RequestContext, type Route, route } from '../route.ts'

function joinGroup(request: ReceivedRequest<typeof JoinGroup>, context: RequestContext) {
  const { version, connection, header, services } = context
  return services.groups
    .join(request.groupId, {
      memberId: request.memberId,
      groupInstanceId: request.groupInstanceId,
      clientId: header.clientId ?? '',
      clientHost: `/${connection.remoteHost}`,
      // Version 0 had no timeout of its own for rebalances.
      rebalanceTimeoutMs: request.rebalanceTimeoutMs < 0 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs,
      sessionTimeoutMs: request.sessionTimeoutMs,
      protocolType: request.protocolType,
      // Copies: what is read from the request would keep its whole buffer alive as long as the member.
      protocols: request.protocols.map((p) => ({ name: p.name, metadata: Buffer.from(p.metadata) })),
      requireKnownMemberId: version >= 4,
      knowsSkipAssignment: version >= 9,
    })
    .then((result) => {
      // Before version 7 the protocol name could not be null.
      const protocolName = result.protocolName ?? (version >= 7 ? null : '')
      return { throttleTimeMs: 0, ...result, protocolName }
    })
}

function syncGroup(request: ReceivedRequest<typeof SyncGroup>, { services }: RequestContext) {
  const { generationId, memberId, groupInstanceId, protocolType, protocolName } = request
  const assignments = new Map(request.assignments.map((a) => [a.memberId, a.assignment]))
  return services.groups
    .sync(request.groupId, { generationId, memberId, groupInstanceId, protocolType, protocolName, assignments })
    .then((result) => ({ throttleTimeMs: 0, ...result }))
}

function leaveGroup(request: ReceivedRequest<typeof LeaveGroup>, { services, version }: RequestContext) {
  const { groupId } = request
  if (version < 3) {
    const errorCode = services.groups.leave(groupId, request.memberId, null, 'left')
    return { throttleTimeMs: 0, errorCode, members: [] }
  }
  const members = request.members.map(({ memberId, groupInstanceId, reason }) => ({
    memberId,
    groupInstanceId,
    errorCode: services.groups.leave(groupId, memberId, groupInstanceId, reason ?? 'left'),
  }))
  return { throttleTimeMs: 0, errorCode: 0, members }
}

export const groupRoutes: readonly Route[] = [
  route(JoinGroup, joinGroup),
  route(SyncGroup, syncGroup),
  route(Heartbeat, (request, { services }) => ({
    throttleTimeMs: 0,
    errorCode: services.groups.heartbeat(request.groupId, request),
  })),
  route(LeaveGroup, leaveGroup),
]
