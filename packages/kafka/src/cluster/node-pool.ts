// One connection per node, made when it is needed, with backoff between failed attempts.
import { errorMessage } from '@millrace/api'
import { type BackoffOptions, backoffMs } from '../backoff.ts'
import { disconnected, KafkaException } from '../errors.ts'
import type { Connection } from '../network/connection.ts'

/** Opens a connection to an address, in the name of a client other than the pool's own if one is given. */
export type Dial = (host: string, port: number, clientId?: string) => Promise<Connection>

interface Slot {
  readonly address: string
  connection: Connection | null
  opening: Promise<Connection> | null
  failures: number
  /** Not before this time (performance.now) is it tried again. */
  notBefore: number
  lastError: unknown
  /** Nobody wants it any more: an attempt under way is given up. */
  dropped: boolean
}

/** Connections by key: a node id, or an address of the bootstrap list. */
export class NodePool {
  readonly #dial: Dial
  readonly #backoff: BackoffOptions
  readonly #slots = new Map<string, Slot>()
  #closed = false

  constructor(dial: Dial, backoff: BackoffOptions) {
    this.#dial = dial
    this.#backoff = backoff
  }

  /**
   * The open connection of a key, made if needed; callers share an attempt under way. An address that failed is left
   * alone until its backoff has passed: until then the last error is given again, so that callers can go elsewhere.
   */
  get(key: string, host: string, port: number, clientId?: string): Promise<Connection> {
    if (this.#closed) return Promise.reject(disconnected('This Kafka client is closed'))
    const slot = this.#slot(key, `${host}:${port}`)
    this.#replaceExpiring(slot)
    if (slot.connection !== null && !slot.connection.closed) return Promise.resolve(slot.connection)
    if (slot.opening !== null) return slot.opening
    if (performance.now() < slot.notBefore) return Promise.reject(slot.lastError)
    slot.opening = this.#open(slot, host, port, clientId)
    return slot.opening
  }
  /** The open connection of a key, if there is one now. */
  peek(key: string): Connection | undefined {
    const connection = this.#slots.get(key)?.connection
    return connection == null || connection.closed || connection.expiring ? undefined : connection
  }
  /** Closes the connections of some keys and forgets them. */
  drop(isMeant: (key: string) => boolean): void {
    for (const [key, slot] of this.#slots) {
      if (!isMeant(key)) continue
      slot.dropped = true
      slot.connection?.close()
      this.#slots.delete(key)
    }
  }
  /** Milliseconds until a key may be tried again. */
  waitMs(key: string): number {
    return Math.max(0, (this.#slots.get(key)?.notBefore ?? 0) - performance.now())
  }
  close(): void {
    this.#closed = true
    for (const slot of this.#slots.values()) slot.connection?.close()
  }

  /** A session that nears its end answers what it was asked; what comes next goes to a new one. */
  #replaceExpiring(slot: Slot): void {
    const connection = slot.connection
    if (connection === null || connection.closed || !connection.expiring) return
    slot.connection = null
    connection.retire()
  }

  #slot(key: string, address: string): Slot {
    const known = this.#slots.get(key)
    if (known?.address === address) return known
    // The node moved: the old connection may finish what it has, nothing new goes there.
    known?.connection?.close()
    const slot: Slot = {
      address,
      connection: null,
      opening: null,
      failures: 0,
      notBefore: 0,
      lastError: null,
      dropped: false,
    }
    this.#slots.set(key, slot)
    return slot
  }

  async #open(slot: Slot, host: string, port: number, clientId: string | undefined): Promise<Connection> {
    try {
      const connection = await this.#dial(host, port, clientId)
      if (this.#closed || slot.dropped) {
        connection.close()
        throw disconnected('This Kafka client is closed')
      }
      slot.connection = connection
      slot.failures = 0
      connection.onClose(() => {
        if (slot.connection !== connection) return
        slot.notBefore = performance.now() + backoffMs(this.#backoff, 0)
        slot.lastError = disconnected(`The connection to broker ${slot.address} was lost`)
      })
      return connection
    } catch (error) {
      slot.notBefore = performance.now() + backoffMs(this.#backoff, slot.failures++)
      slot.lastError = error instanceof KafkaException ? error : disconnected(errorMessage(error), error)
      throw slot.lastError
    } finally {
      slot.opening = null
    }
  }
}
