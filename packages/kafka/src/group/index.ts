// The group room's door: membership in a group of any protocol type, and the consumer's assignors.
export * from './assignors/index.ts'
export type {
  GroupChannel,
  GroupProtocol,
  JoinAnswer,
  JoinedMember,
  MemberIdentity,
  SyncAnswer,
} from './channel.ts'
export { ClusterChannel, type ClusterChannelOptions, GROUP_LANE } from './cluster-channel.ts'
export * from './consumer-protocol.ts'
export { GroupMember, type GroupMemberOptions, type GroupMemberOwner, type Joined } from './group-member.ts'
export type { MemberState } from './member-state.ts'
