// The membership room's door: a worker's place in its Connect cluster, and what its leader does.
export type { ConfigView } from './config-view.ts'
export {
  type Assignment,
  AssignmentError,
  type ConnectProtocolMode,
  type ConnectProtocolVersion,
  MODE_OF_VERSION,
} from './connect-protocol.ts'
export { failed, mustHandOver } from './held-work.ts'
export { checkInterWorkerConfig, INTER_WORKER_CONFIG, type InterWorkerConfig } from './inter-worker-config.ts'
export {
  type RequestSignature,
  readSignature,
  SIGNATURE_ALGORITHM_HEADER,
  SIGNATURE_HEADER,
  signatureHeaders,
  type VerificationRules,
  verifyRequest,
} from './request-signature.ts'
export { createSessionKey, keyExpiresAt, whyNewKey } from './session-key.ts'
export { isEmptyWork, joinWork, NO_WORK, taskKey, type Work, withoutWork } from './work.ts'
export {
  type PollOutcome,
  type RebalanceListener,
  WorkerGroupMember,
  type WorkerGroupMemberOptions,
} from './worker-group-member.ts'
