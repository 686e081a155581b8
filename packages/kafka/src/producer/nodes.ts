// The brokers a producer sends to: a connection each, made when there is something to send, with backoff between attempts.
import { errorMessage, type Logger } from '@millrace/api'
import { type BackoffOptions, backoffMs } from '../backoff.ts'
import { type ClusterClient, DATA_LANE } from '../cluster/index.ts'
import { KafkaException } from '../errors.ts'
import type { Connection } from '../network/connection.ts'

/** A broker as the sender sees it. */
export interface Node {
  readonly id: number
  connection: Connection | null
  connecting: boolean
  failures: number
  inFlight: number
  /** Date.now() before which nothing is sent: after a failed connection, or as the broker asked (KIP-219). */
  notBefore: number
  /** Date.now() of the last request that went out or answer that came in. */
  lastProgress: number
  lastError: unknown
  /** It will not talk to us, and trying again does not help (credentials, TLS): what waits for it fails with this. */
  refusal: KafkaException | null
}

export class Nodes {
  readonly #cluster: ClusterClient
  readonly #backoff: BackoffOptions
  readonly #log: Logger
  readonly #onChange: () => void
  readonly #nodes = new Map<number, Node>()

  /** @param onChange called when a node may be asked again whether it is open */
  constructor(cluster: ClusterClient, backoff: BackoffOptions, log: Logger, onChange: () => void) {
    this.#cluster = cluster
    this.#backoff = backoff
    this.#log = log
    this.#onChange = onChange
  }

  /** Requests without an answer, over all nodes. */
  get inFlight(): number {
    let sum = 0
    for (const node of this.#nodes.values()) sum += node.inFlight
    return sum
  }

  find(id: number): Node | undefined {
    return this.#nodes.get(id)
  }

  get(id: number): Node {
    let node = this.#nodes.get(id)
    if (node === undefined) {
      node = {
        id,
        connection: null,
        connecting: false,
        failures: 0,
        inFlight: 0,
        notBefore: 0,
        lastProgress: 0,
        lastError: null,
        refusal: null,
      }
      this.#nodes.set(id, node)
    }
    return node
  }

  /** True when requests can be sent now; if not, a connection is on its way. */
  isOpen(node: Node): boolean {
    if (node.connection !== null && !node.connection.closed) return true
    if (!node.connecting) this.#connect(node)
    return false
  }

  #connect(node: Node): void {
    node.connecting = true
    this.#cluster.connection(node.id, DATA_LANE).then(
      (connection) => {
        node.connecting = false
        node.connection = connection
        if (node.failures > 0) this.#log.info(`Broker ${node.id} is reached again`)
        node.failures = 0
        node.lastProgress = Date.now()
        this.#onChange()
      },
      (error: unknown) => {
        node.connecting = false
        node.lastError = error
        // Told once; how it goes on is for those who look closer.
        const text = `Broker ${node.id} cannot be reached: ${errorMessage(error)}`
        if (node.failures === 0) this.#log.warn(text)
        else this.#log.debug(text)
        if (error instanceof KafkaException && !error.retriable) node.refusal = error
        node.notBefore = Date.now() + backoffMs(this.#backoff, node.failures++)
        this.#cluster.requestRefresh()
        this.#onChange()
      },
    )
  }
}
