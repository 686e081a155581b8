// Brokers of which a test decides, request by request, when they look and what they answer: to drive consumers through orders of
// events that a real broker shows once in a thousand runs. They keep fetch sessions as KIP-227 says, and tell aborted transactions.
import type { ClusterClient, TopicMetadata } from '../../cluster/index.ts'
import { disconnected } from '../../errors.ts'
import { ErrorCode, type Fetch, type ReceivedRequest, type ResponseOf } from '../../protocol/index.ts'
import type { Random } from '../../records/fixtures/random.ts'
import { controlBatch, encodeBatch } from '../../records/index.ts'

type FetchRequest = ReceivedRequest<typeof Fetch>
type FetchAnswer = ResponseOf<typeof Fetch>
type PartAnswer = FetchAnswer['responses'][number]['partitions'][number]
type Part = FetchRequest['topics'][number]['partitions'][number]

const FETCH = 1
const LIST_OFFSETS = 2
const OFFSET_FOR_LEADER_EPOCH = 23
const SHARED = 'shared'

/** A batch in a partition. */
interface Piece {
  readonly bytes: Buffer
  readonly first: number
  readonly last: number
  readonly transaction: Transaction | undefined
  readonly isMarker: boolean
}

interface Transaction {
  readonly producerId: number
  readonly firstOffset: number
  outcome: { readonly commit: boolean; readonly offset: number } | undefined
}

/** A partition's log, and who leads it. */
export class ScriptedPartition {
  readonly pieces: Piece[] = []
  readonly #open = new Map<number, Transaction>()
  leader = 1
  epoch = 0
  end = 0

  /** Before the first open transaction. */
  get stable(): number {
    return Math.min(this.end, ...[...this.#open.values()].map((one) => one.firstOffset))
  }

  /** Appends records: of no transaction, or of the one that this producer has open or begins. */
  append(count: number, producerId?: number): void {
    const records = Array.from({ length: count }, (_, i) => ({ value: String(this.end + i), timestamp: 1 }))
    if (producerId === undefined) {
      this.#add(encodeBatch(records, { baseOffset: this.end }), count, undefined, false)
      return
    }
    const known = this.#open.get(producerId)
    const transaction = known ?? { producerId, firstOffset: this.end, outcome: undefined }
    this.#open.set(producerId, transaction)
    const fields = { producerId, producerEpoch: 0, baseSequence: 0, transactional: true, baseOffset: this.end }
    this.#add(encodeBatch(records, fields), count, transaction, false)
  }

  /** Writes the marker of a producer's transaction, if it has one open. */
  finish(producerId: number, commit: boolean): void {
    const transaction = this.#open.get(producerId)
    if (transaction === undefined) return
    this.#open.delete(producerId)
    transaction.outcome = { commit, offset: this.end }
    const fields = { commit, producerId, producerEpoch: 0, coordinatorEpoch: 0, timestamp: 1, baseOffset: this.end }
    this.#add(controlBatch(fields), 1, transaction, true)
  }

  finishAll(): void {
    for (const producerId of [...this.#open.keys()]) this.finish(producerId, true)
  }

  /** Offset of the first record from `offset` on that is for readers; undefined when there is none below the stable end. */
  next(offset: number): number | undefined {
    const piece = this.pieces.find(
      (one) => one.last >= offset && !one.isMarker && one.transaction?.outcome?.commit !== false,
    )
    if (piece === undefined || piece.first >= this.stable) return undefined
    return Math.max(piece.first, offset)
  }

  /** What a read_committed fetch finds. */
  read(offset: number, most: number): Pick<PartAnswer, 'records' | 'abortedTransactions'> {
    const { stable } = this
    const found = this.pieces.filter((one) => one.last >= offset && one.last < stable).slice(0, most)
    const upTo = (found.at(-1)?.last ?? offset) + 1
    const aborted = this.pieces.flatMap(({ isMarker, transaction }) =>
      isMarker &&
      transaction?.outcome?.commit === false &&
      transaction.outcome.offset >= offset &&
      transaction.firstOffset < upTo
        ? [{ producerId: transaction.producerId, firstOffset: transaction.firstOffset }]
        : [],
    )
    return { records: Buffer.concat(found.map((one) => one.bytes)), abortedTransactions: aborted }
  }

  #add(bytes: Buffer, count: number, transaction: Transaction | undefined, isMarker: boolean): void {
    this.pieces.push({ bytes, first: this.end, last: this.end + count - 1, transaction, isMarker })
    this.end += count
  }
}

interface Session {
  epoch: number
  readonly parts: Map<string, { topicId: string; part: Part; told: number }>
}

interface Settle {
  resolve(answer: FetchAnswer): void
  reject(error: Error): void
}

/** A fetch that waits for the test. */
class Waiting {
  readonly node: number
  readonly request: FetchRequest
  readonly since = performance.now()
  readonly #settle: Settle
  /** What it will be told: looked up, and on its way. */
  answer: FetchAnswer | undefined

  constructor(node: number, request: FetchRequest, settle: Settle) {
    this.node = node
    this.request = request
    this.#settle = settle
  }
  resolve(): void {
    this.#settle.resolve(this.answer!)
  }
  reject(): void {
    this.#settle.reject(disconnected('The connection was cut by the test'))
  }
}

export class ScriptedBrokers {
  readonly topic = 'scripted'
  readonly topicId = '00000000-0000-0000-0000-00000000002a'
  readonly partitions: readonly ScriptedPartition[]
  /** Fetches without an answer. */
  readonly waiting: Waiting[] = []
  /** What every partition is refused with, if it is not 0. */
  refusal: number = ErrorCode.NONE
  /** Fetches that were sent for several clients together. */
  sharedFetches = 0
  readonly #random: Random
  readonly #sessions = new Map<number, Session>()
  readonly #listeners = new Set<() => void>()
  #metadata: TopicMetadata
  #nextSession = 1
  #refreshing = false
  readonly common: NonNullable<ClusterClient['common']>

  constructor(partitions: number, random: Random) {
    this.partitions = Array.from({ length: partitions }, () => new ScriptedPartition())
    this.#random = random
    this.#metadata = this.#describe()
    this.common = { cluster: this.client(SHARED), things: new Map() }
  }

  /** Looks at what a fetch asks for, as of now. With `fault`, some of it may be refused. */
  look(fetch: Waiting, fault: boolean): void {
    fetch.answer = this.#answer(fetch, fault)
  }
  /** Gives the answer that was found. */
  deliver(fetch: Waiting): void {
    this.#remove(fetch)
    fetch.resolve()
  }
  /** Nobody knows whether the broker saw it. */
  cut(fetch: Waiting): void {
    this.#remove(fetch)
    fetch.reject()
  }
  /** True when a broker would not let it wait any longer. */
  isDue(fetch: Waiting): boolean {
    if (performance.now() - fetch.since >= fetch.request.maxWaitMs) return true
    const session = this.#sessions.get(fetch.request.sessionId)
    const parts = [...(session?.parts.values() ?? [])].map((one) => one.part)
    const asked = fetch.request.sessionEpoch > 0 ? parts : []
    for (const topic of fetch.request.topics) asked.push(...topic.partitions)
    return asked.some(({ partition, fetchOffset, currentLeaderEpoch }) => {
      const one = this.partitions[partition]!
      return one.leader !== fetch.node || one.epoch !== currentLeaderEpoch || fetchOffset < one.stable
    })
  }
  /** The partition's leader moves; clients hear of it when they ask. */
  move(partition: number): void {
    const one = this.partitions[partition]!
    one.leader = one.leader === 1 ? 2 : 1
    one.epoch++
  }
  /** Brokers forget fetch sessions when they have too many. */
  forgetSessions(): void {
    this.#sessions.clear()
  }

  /** A client's view. */
  client(name: string): ClusterClient {
    const brokers = this
    const nothing = async () => {}
    return {
      clientId: name,
      get common() {
        return name === SHARED ? undefined : brokers.common
      },
      clusterId: 'scripted',
      topic: (topic) => (topic === brokers.topic ? brokers.#metadata : undefined),
      topicById: (id) => (id === brokers.topicId ? brokers.#metadata : undefined),
      leader: (_topic, partition) => brokers.#metadata.partitions[partition]?.leader ?? -1,
      applyLeader: () => {},
      ensureTopics: nothing,
      allTopics: async () => [brokers.topic],
      forgetTopics: () => {},
      refresh: async () => brokers.#refresh(),
      requestRefresh: () => brokers.#refresh(),
      onMetadata: (listener) => {
        brokers.#listeners.add(listener)
        return () => brokers.#listeners.delete(listener)
      },
      nodes: () => [1, 2],
      send: (async (node: number, api: { key: number }, request: never) =>
        brokers.#take(name, node, api.key, request)) as never,
      connection: () => Promise.reject(new Error('There are no connections here')),
      coordinator: () => Promise.reject(new Error('There are no coordinators here')),
      forgetCoordinator: () => {},
      close: nothing,
    }
  }

  #describe(): TopicMetadata {
    const partitions = this.partitions.map(({ leader, epoch }, index) => {
      return { index, leader, leaderEpoch: epoch, replicas: [1, 2], isr: [1, 2], errorCode: 0 }
    })
    return { name: this.topic, topicId: this.topicId, errorCode: 0, isInternal: false, partitions }
  }

  #refresh(): void {
    if (this.#refreshing) return
    this.#refreshing = true
    setTimeout(() => {
      this.#refreshing = false
      this.#metadata = this.#describe()
      for (const listener of this.#listeners) listener()
    }, 1)
  }

  async #take(client: string, node: number, api: number, request: FetchRequest): Promise<unknown> {
    if (api === FETCH) {
      // The last word of a session that is closed waits for nobody.
      if (request.sessionEpoch < 0 && request.topics.length === 0) return { errorCode: 0, sessionId: 0, responses: [] }
      if (client === SHARED) this.sharedFetches++
      return new Promise<FetchAnswer>((resolve, reject) => {
        this.waiting.push(new Waiting(node, request, { resolve, reject }))
      })
    }
    const asked = request as unknown as { topics: { partitions: { partitionIndex?: number; partition?: number }[] }[] }
    const partitions = asked.topics.flatMap((one) => one.partitions)
    if (api === LIST_OFFSETS) {
      const found = partitions.map(({ partitionIndex }) => {
        return { partitionIndex, errorCode: 0, offset: 0, timestamp: -1, leaderEpoch: 0 }
      })
      return { topics: [{ name: this.topic, partitions: found }] }
    }
    if (api !== OFFSET_FOR_LEADER_EPOCH) throw new Error(`Nobody expects a request of API ${api} here`)
    const found = partitions.map(({ partition }) => {
      return { partition, errorCode: 0, leaderEpoch: 0, endOffset: this.partitions[partition!]!.end }
    })
    return { topics: [{ topic: this.topic, partitions: found }] }
  }

  #remove(fetch: Waiting): void {
    this.waiting.splice(this.waiting.indexOf(fetch), 1)
  }

  #answer(fetch: Waiting, fault: boolean): FetchAnswer {
    const { request, node } = fetch
    const { session, sessionId, errorCode } = this.#session(request, fault)
    if (session === undefined) return fetchAnswer(errorCode, 0, [], this.topicId)
    const answers: PartAnswer[] = []
    for (const entry of session.parts.values()) {
      const answer = this.#part(node, entry.part, fault)
      const isNews = answer.errorCode !== 0 || answer.highWatermark !== entry.told || (answer.records?.length ?? 0) > 0
      entry.told = answer.errorCode === 0 ? answer.highWatermark : -1
      if (isNews || request.sessionEpoch <= 0) answers.push(answer)
    }
    return fetchAnswer(0, sessionId, answers, this.topicId)
  }

  /** The session of a request, brought up to what it says; or why not. */
  #session(request: FetchRequest, fault: boolean): { session?: Session; sessionId: number; errorCode: number } {
    const { sessionId, sessionEpoch } = request
    const made = sessionEpoch <= 0
    const session = made ? { epoch: 0, parts: new Map() } : this.#sessions.get(sessionId)
    if (session === undefined) return { sessionId: 0, errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND }
    if (!made && session.epoch !== sessionEpoch)
      return { sessionId: 0, errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH }
    for (const { topicId, partitions } of request.topics) {
      for (const part of partitions) session.parts.set(`${topicId} ${part.partition}`, { topicId, part, told: -1 })
    }
    for (const { topicId, partitions } of request.forgottenTopicsData) {
      for (const partition of partitions) session.parts.delete(`${topicId} ${partition}`)
    }
    session.epoch++
    if (!made) return { session, sessionId, errorCode: 0 }
    this.#sessions.delete(sessionId)
    // A broker without room for it goes on without a session.
    if (sessionEpoch < 0 || (fault && this.#random.int(3) === 0)) return { session, sessionId: 0, errorCode: 0 }
    const id = this.#nextSession++
    this.#sessions.set(id, session)
    return { session, sessionId: id, errorCode: 0 }
  }

  #part(node: number, part: Part, fault: boolean): PartAnswer {
    const one = this.partitions[part.partition]!
    let errorCode = this.refusal
    if (one.leader !== node) errorCode = ErrorCode.NOT_LEADER_OR_FOLLOWER
    else if (part.currentLeaderEpoch < one.epoch) errorCode = ErrorCode.FENCED_LEADER_EPOCH
    else if (fault && this.#random.int(4) === 0) errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    const known = errorCode === ErrorCode.NONE
    return {
      partitionIndex: part.partition,
      errorCode,
      highWatermark: known ? one.end : -1,
      lastStableOffset: known ? one.stable : -1,
      logStartOffset: known ? 0 : -1,
      divergingEpoch: { epoch: -1, endOffset: -1 },
      currentLeader: { leaderId: -1, leaderEpoch: -1 },
      snapshotId: { endOffset: -1, epoch: -1 },
      preferredReadReplica: -1,
      ...(known ? one.read(part.fetchOffset, 1 + this.#random.int(4)) : { records: null, abortedTransactions: null }),
    } as PartAnswer
  }
}

/** As of version 13: topics by id. */
function fetchAnswer(errorCode: number, sessionId: number, partitions: PartAnswer[], topicId: string): FetchAnswer {
  const responses = partitions.length === 0 ? [] : [{ topic: '', topicId, partitions }]
  return { throttleTimeMs: 0, errorCode, sessionId, responses, nodeEndpoints: [] } as unknown as FetchAnswer
}
