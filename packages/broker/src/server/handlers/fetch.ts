// Fetch: batches as they lie on disk, for many partitions at once, with long poll, isolation levels and incremental sessions.
import { ErrorCode, Fetch, type ReceivedRequest } from '@millrace/kafka/protocol'
import { BrokerError } from '../../errors.ts'
import type { PartitionLog } from '../../storage/partition-log.ts'
import type { AbortedTransaction } from '../../storage/segment-index.ts'
import type { Answer } from '../client-connection.ts'
import { DelayedFetch } from '../delayed-fetch.ts'
import { type FetchAnswer, type PartitionAnswer, writeFetchAnswer } from '../fetch-answer.ts'
import type { FetchedPartition, FetchPlan } from '../fetch-sessions.ts'
import { type RequestContext, type Route, rawRoute } from '../route.ts'
import type { Services } from '../services.ts'

type FetchRequest = ReceivedRequest<typeof Fetch>

const NOTHING: Buffer = Buffer.alloc(0)
const READ_COMMITTED = 1

interface Round {
  readonly answers: PartitionAnswer[]
  readonly bytes: number
  /** True when the answer must not wait: an error, or something else than records to tell. */
  readonly urgent: boolean
  readonly logs: Set<PartitionLog>
}

/** Checks a client's idea of the leader epoch against the log's (KIP-320). */
export function checkLeaderEpoch(log: PartitionLog, epoch: number): number {
  if (epoch < 0 || epoch === log.leaderEpoch) return ErrorCode.NONE
  return epoch < log.leaderEpoch ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH
}

function logOf(p: FetchedPartition, services: Services): PartitionLog | undefined {
  if (p.log !== undefined && !p.log.deleted) return p.log
  p.log = undefined
  if (p.topic === '') p.topic = services.topics.byId(p.topicId)?.name ?? ''
  const topic = services.topics.get(p.topic)
  if (topic === undefined || (p.topicId !== topic.id && !/^A{22}$/.test(p.topicId))) return undefined
  p.log = topic.logs[p.partition]
  return p.log
}

function failed(p: FetchedPartition, errorCode: number, log?: PartitionLog): PartitionAnswer {
  return {
    topic: p.topic,
    topicId: p.topicId,
    partition: p.partition,
    errorCode,
    highWatermark: log?.nextOffset ?? -1,
    lastStableOffset: log?.lastStableOffset ?? -1,
    startOffset: log?.startOffset ?? -1,
    aborted: null,
    diverging: undefined,
    records: NOTHING,
  }
}

/** Aborted transactions with records among those of `records`, which were read from `offset` on. */
function abortedIn(log: PartitionLog, offset: number, records: Buffer, next: number): AbortedTransaction[] {
  if (records.length === 0) return []
  return log.aborted.filter((t) => t.lastOffset >= offset && t.firstOffset < next)
}

function readOne(p: FetchedPartition, log: PartitionLog, committed: boolean, room: number, first: boolean) {
  const code = checkLeaderEpoch(log, p.leaderEpoch)
  if (code !== ErrorCode.NONE) return failed(p, code, log)
  let diverging: PartitionAnswer['diverging']
  if (p.lastFetchedEpoch >= 0) {
    const end = log.epochs.endOf(p.lastFetchedEpoch, log.nextOffset)
    if (end === undefined || end.epoch < p.lastFetchedEpoch || end.endOffset < p.fetchOffset) {
      diverging = end ?? { epoch: -1, endOffset: -1 }
    }
  }
  let records = NOTHING
  try {
    const limit = log.readLimit(committed)
    if (diverging === undefined) records = log.reader.read(p.fetchOffset, Math.min(p.maxBytes, room), limit, first)
  } catch (error) {
    if (error instanceof BrokerError) return failed(p, error.code, log)
    throw error
  }
  return {
    topic: p.topic,
    topicId: p.topicId,
    partition: p.partition,
    errorCode: ErrorCode.NONE,
    highWatermark: log.nextOffset,
    lastStableOffset: log.lastStableOffset,
    startOffset: log.startOffset,
    aborted: committed ? abortedIn(log, p.fetchOffset, records, log.reader.lastReadNext) : null,
    diverging,
    records,
  }
}

function readAll(request: FetchRequest, plan: FetchPlan, { services, version }: RequestContext): Round {
  const committed = request.isolationLevel === READ_COMMITTED
  const limit = Math.min(request.maxBytes, services.config.number('fetch.max.bytes'))
  const answers: PartitionAnswer[] = []
  const logs = new Set<PartitionLog>()
  let bytes = 0
  let urgent = false
  for (const p of plan.partitions.values()) {
    const log = logOf(p, services)
    if (log === undefined) {
      const unknownId = version >= 13 && p.topic === ''
      answers.push(failed(p, unknownId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
      urgent = true
      continue
    }
    logs.add(log)
    const answer = readOne(p, log, committed, limit - bytes, bytes === 0)
    bytes += answer.records.length
    if (answer.errorCode !== ErrorCode.NONE || answer.diverging !== undefined) urgent = true
    answers.push(answer)
  }
  return { answers, bytes, urgent, logs }
}

/** Leaves out what an incremental session was told already, and puts partitions that got records at the end of the line. */
function settle(plan: FetchPlan, answers: readonly PartitionAnswer[]): PartitionAnswer[] {
  const told: PartitionAnswer[] = []
  const served: string[] = []
  let i = 0
  for (const [key, p] of plan.partitions) {
    const answer = answers[i++]!
    const changed =
      answer.records.length > 0 ||
      answer.errorCode !== ErrorCode.NONE ||
      answer.diverging !== undefined ||
      answer.highWatermark !== p.toldHighWatermark ||
      answer.startOffset !== p.toldStartOffset
    if (plan.incremental && !changed) continue
    told.push(answer)
    // After an error the next answer is sent in any case.
    p.toldHighWatermark = answer.errorCode === ErrorCode.NONE ? answer.highWatermark : -1
    p.toldStartOffset = answer.startOffset
    if (answer.records.length > 0) served.push(key)
  }
  if (plan.sessionId !== 0 && served.length < plan.partitions.size) {
    for (const key of served) {
      const p = plan.partitions.get(key)!
      plan.partitions.delete(key)
      plan.partitions.set(key, p)
    }
  }
  return told
}

function fetch(request: FetchRequest, context: RequestContext): Answer | Promise<Answer> {
  const write = (answer: FetchAnswer): Answer =>
    writeFetchAnswer(Fetch, context.version, context.header.correlationId, answer)
  let plan: FetchPlan
  try {
    plan = context.services.sessions.plan(request, context.version)
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error
    return write({ errorCode: error.code, sessionId: 0, partitions: [] })
  }
  const finish = (round: Round): Answer =>
    write({ errorCode: ErrorCode.NONE, sessionId: plan.sessionId, partitions: settle(plan, round.answers) })
  const round = readAll(request, plan, context)
  const enough = round.bytes >= request.minBytes || round.urgent || request.maxWaitMs <= 0
  if (enough || plan.partitions.size === 0) return finish(round)
  return new Promise<Answer>((resolve, reject) => {
    const { connection } = context
    const committed = request.isolationLevel === READ_COMMITTED
    const missing = Math.max(1, request.minBytes - round.bytes)
    const wait = new DelayedFetch(round.logs, missing, committed, request.maxWaitMs, () => {
      connection.onGone = undefined
      if (connection.closed) {
        resolve(null)
        return
      }
      try {
        resolve(finish(readAll(request, plan, context)))
      } catch (error) {
        reject(error)
      }
    })
    connection.onGone = () => wait.finish()
  })
}

export const fetchRoutes: readonly Route[] = [rawRoute(Fetch, fetch)]
