// FindCoordinator, DescribeGroups, ListGroups and DeleteGroups.
import {
  DeleteGroups,
  DescribeGroups,
  ErrorCode,
  FindCoordinator,
  ListGroups,
  type ReceivedRequest,
} from '@millrace/kafka/protocol'
import type { Group } from '../../group/group.ts'
import { type RequestContext, type Route, route } from '../route.ts'
import { GROUP_OPERATIONS, OPERATIONS_UNKNOWN } from './operations.ts'

const GROUP_KEY = 0
const TRANSACTION_KEY = 1

/** This broker coordinates everything. */
function findCoordinator(request: ReceivedRequest<typeof FindCoordinator>, { services, version }: RequestContext) {
  const { node } = services
  const known = request.keyType === GROUP_KEY || request.keyType === TRANSACTION_KEY
  const here = { nodeId: node.id, host: node.host, port: node.port, errorCode: ErrorCode.NONE, errorMessage: null }
  const nobody = {
    nodeId: -1,
    host: '',
    port: -1,
    errorCode: ErrorCode.INVALID_REQUEST,
    errorMessage: `There is no coordinator for keys of type ${request.keyType}.`,
  }
  const found = known ? here : nobody
  if (version < 4) return { throttleTimeMs: 0, ...found }
  return { throttleTimeMs: 0, coordinators: request.coordinatorKeys.map((key) => ({ key, ...found })) }
}

function describeGroup(group: Group, operations: boolean) {
  const isStable = group.state === 'Stable'
  return {
    errorCode: ErrorCode.NONE,
    groupId: group.groupId,
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: isStable ? (group.protocolName ?? '') : '',
    members: [...group.members.values()].map((m) => ({
      memberId: m.memberId,
      groupInstanceId: m.groupInstanceId,
      clientId: m.clientId,
      clientHost: m.clientHost,
      memberMetadata: isStable ? m.metadataOf(group.protocolName) : Buffer.alloc(0),
      memberAssignment: m.assignment,
    })),
    authorizedOperations: operations ? GROUP_OPERATIONS : OPERATIONS_UNKNOWN,
  }
}

function describeGroups(request: ReceivedRequest<typeof DescribeGroups>, { services, version }: RequestContext) {
  const operations = request.includeAuthorizedOperations
  return {
    throttleTimeMs: 0,
    groups: request.groups.map((groupId) => {
      const group = services.groups.get(groupId)
      if (group !== undefined) return describeGroup(group, operations)
      return {
        // Version 6 says that there is no such group; until then it is a dead one (KIP-1043).
        errorCode: version >= 6 ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.NONE,
        groupId,
        groupState: 'Dead',
        protocolType: '',
        protocolData: '',
        members: [],
        authorizedOperations: operations ? GROUP_OPERATIONS : OPERATIONS_UNKNOWN,
      }
    }),
  }
}

const TYPE = 'classic'

function listGroups(request: ReceivedRequest<typeof ListGroups>, { services }: RequestContext) {
  const states = request.statesFilter.map((s) => s.toLowerCase())
  const types = request.typesFilter.map((t) => t.toLowerCase())
  return {
    throttleTimeMs: 0,
    errorCode: ErrorCode.NONE,
    groups: services.groups
      .list()
      .filter((g) => states.length === 0 || states.includes(g.state.toLowerCase()))
      .filter(() => types.length === 0 || types.includes(TYPE))
      .map((g) => ({
        groupId: g.groupId,
        protocolType: g.protocolType ?? '',
        groupState: g.state,
        groupType: TYPE,
      })),
  }
}

export const groupAdminRoutes: readonly Route[] = [
  route(FindCoordinator, findCoordinator),
  route(DescribeGroups, describeGroups),
  route(ListGroups, listGroups),
  route(DeleteGroups, (request, { services }) => ({
    throttleTimeMs: 0,
    results: request.groupsNames.map((groupId) => ({ groupId, errorCode: services.groups.delete(groupId) })),
  })),
]
