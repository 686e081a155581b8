// The admin client: entry of this room.
export { Admin, type AdminOptions, type ChangeOptions, type ListOffsetsOptions, type OffsetSpec } from './admin.ts'
export type { ClusterDescription, FencedProducer, NodeDescription } from './cluster-calls.ts'
export type { ConfigChange, ConfigDescription, ConfigEntry, ConfigOutcome, ConfigResource } from './configs.ts'
export type {
  ConsumerGroupDescription,
  ConsumerGroupMember,
  GroupDescription,
  GroupListing,
  GroupMemberDescription,
  GroupOffset,
  GroupOutcome,
  NewGroupOffset,
  PartitionOutcome,
} from './groups.ts'
export type { CallOptions, Outcome } from './retry.ts'
export type {
  CreatedTopic,
  DeletedRecords,
  NewTopic,
  PartitionDescription,
  TopicDescription,
  TopicListing,
  TopicOutcome,
} from './topics.ts'
