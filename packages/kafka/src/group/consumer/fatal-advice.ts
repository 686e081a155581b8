// What to do about the errors that end a membership by the consumer group protocol.
import { ErrorCode } from '../../protocol/index.ts'

/** Null when the broker's own words must do. */
export function fatalAdvice(code: number): string | null {
  switch (code) {
    case ErrorCode.UNSUPPORTED_ASSIGNOR:
      return "group.remote.assignor must be one of the broker's group.consumer.assignors; leave it out to let the broker choose"
    case ErrorCode.UNRELEASED_INSTANCE_ID:
      return 'another live member has the same group.instance.id; give each member its own, or wait for its session to end'
    case ErrorCode.GROUP_AUTHORIZATION_FAILED:
      return 'the principal needs READ on the group'
    case ErrorCode.TOPIC_AUTHORIZATION_FAILED:
      return 'the principal needs DESCRIBE and READ on the subscribed topics'
    case ErrorCode.GROUP_MAX_SIZE_REACHED:
      return "the group has as many members as the broker's group.consumer.max.size allows"
    case ErrorCode.GROUP_ID_NOT_FOUND:
    case ErrorCode.INCONSISTENT_GROUP_PROTOCOL:
      return 'a group of another kind has this id; use another group.id'
    default:
      return null
  }
}
