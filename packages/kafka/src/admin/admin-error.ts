// What a broker refused an admin call for; a missing permission is named with its operation and resource.
import type { ClusterClient, CoordinatorKind } from '../cluster/index.ts'
import { KafkaException } from '../errors.ts'
import { ErrorCode, errorCodeInfo } from '../protocol/index.ts'

/** Kinds of resource that permissions are given on. */
export type AclResource = 'topic' | 'group' | 'cluster' | 'transactional id' | 'broker'

/** What an admin call does to what, and the permission that brokers ask for it. */
export interface AdminAction {
  /** In a sentence: `Creating topic orders`. */
  readonly what: string
  /** Operation of the ACL, as kafka-acls names it. */
  readonly operation: string
  readonly resource: AclResource
  readonly name: string
}

const REFUSALS: ReadonlyMap<number, AclResource> = new Map([
  [ErrorCode.TOPIC_AUTHORIZATION_FAILED, 'topic'],
  [ErrorCode.GROUP_AUTHORIZATION_FAILED, 'group'],
  [ErrorCode.CLUSTER_AUTHORIZATION_FAILED, 'cluster'],
  [ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, 'transactional id'],
])

/** The error of one item of an admin call, or null when the code says there is none. */
export function adminError(code: number, action: AdminAction, detail?: string | null): KafkaException | null {
  if (code === ErrorCode.NONE) return null
  const info = errorCodeInfo(code)
  const refused = REFUSALS.get(code)
  const said = detail == null || detail === '' ? '' : `: ${detail}`
  const lacks = refused === undefined ? '' : `: not authorized, ${needed(action, refused)} is missing`
  return new KafkaException(`${action.what} failed: the broker answered ${info.name} (${code})${lacks}${said}`, {
    exception: info.exception,
    errorCode: code,
    retriable: info.retriable,
    staleMetadata: info.staleMetadata,
    ...(refused !== undefined && { action: `Grant the principal of this client ${needed(action, refused)}.` }),
  })
}

/** The permission: on what the broker named, which need not be what the call is about. */
function needed(action: AdminAction, refused: AclResource): string {
  if (refused === 'cluster') return `${action.operation} on the cluster`
  return refused === action.resource ? `${action.operation} on ${refused} ${action.name}` : `access to the ${refused}`
}

/** The coordinator's node, or the error of the call when brokers refuse to tell it. @throws what may pass */
export async function coordinatorFor(
  cluster: ClusterClient,
  kind: CoordinatorKind,
  key: string,
  action: AdminAction,
): Promise<number | KafkaException> {
  try {
    return await cluster.coordinator(kind, key)
  } catch (error) {
    const code = error instanceof KafkaException && !error.retriable ? error.errorCode : ErrorCode.NONE
    const refusal = adminError(code, action)
    if (refusal === null) throw error
    return refusal
  }
}
