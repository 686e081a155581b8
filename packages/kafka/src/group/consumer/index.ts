// Membership by the consumer group protocol (KIP-848), where the coordinator divides the partitions.
export {
  ClusterConsumerChannel,
  type ConsumerGroupChannel,
  type HeartbeatAnswer,
  type HeartbeatRequest,
  LEAVE_EPOCH,
  STATIC_LEAVE_EPOCH,
  type TopicIdPartitions,
  takesRegex,
} from './channel.ts'
export type { WantedTopics } from './heartbeat-fields.ts'
export { ConsumerMember, type ConsumerMemberOptions, type ConsumerMemberOwner } from './member.ts'
export type { ConsumerMemberState } from './member-state.ts'
