// Typed requests over a message port: each is answered once, with a result or an error; events go one way.
import type { RemoteError, ThreadEvent } from './messages.ts'

/** Requests by name: one parameter, one result. */
// biome-ignore lint/suspicious/noExplicitAny: only a bound; each use names its own functions
type RequestMap = { readonly [name: string]: (params: any) => unknown }
/** `T` as it can be bound by {@link RequestMap}: interfaces have no index signature of their own. */
type Requests<T> = { readonly [K in keyof T]: T[K] }

/** The functions that answer requests of the other side. */
export type Handlers<T> = {
  readonly [K in keyof T]: T[K] extends (params: infer P) => infer R ? (params: P) => R | Promise<R> : never
}

/** How errors cross: made on the side that answers, understood on the side that asked. */
export type DescribeError = (error: unknown) => RemoteError

type Message =
  | { readonly kind: 'request'; readonly id: number; readonly name: string; readonly params: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: RemoteError }
  | { readonly kind: 'event'; readonly event: ThreadEvent }

/** What a peer is made of. */
export interface PeerOptions<In> {
  readonly handlers: Handlers<In>
  readonly describeError: DescribeError
  readonly onEvent?: (event: ThreadEvent) => void
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** What both a `MessagePort` and a `Worker` have. */
interface Port {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: Message) => void): unknown
}

/** One end of a port: asks `Out`, answers `In`. */
export class RpcPeer<Out extends Requests<Out>, In extends Requests<In>> {
  readonly #port: Port
  readonly #options: PeerOptions<In>
  readonly #waiting = new Map<number, Waiting>()
  #nextId = 0
  #closed: unknown

  constructor(port: Port, options: PeerOptions<In>) {
    this.#port = port
    this.#options = options
    port.on('message', (message) => this.#receive(message))
  }

  /** Asks the other side. Rejects with a {@link RemoteError} when it answers so, or with the reason of {@link close}. */
  call<K extends keyof Out & string>(
    name: K,
    params: Out[K] extends (params: infer P) => unknown ? P : never,
  ): Promise<Out[K] extends (params: never) => infer R ? R : never> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed)
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject })
      this.#send({ kind: 'request', id, name, params })
    })
  }
  /** Tells the other side something. */
  emit(event: ThreadEvent): void {
    this.#send({ kind: 'event', event })
  }
  /** Rejects all open calls and those to come. */
  close(reason: unknown): void {
    this.#closed ??= reason
    for (const waiting of this.#waiting.values()) waiting.reject(this.#closed)
    this.#waiting.clear()
  }

  #send(message: Message): void {
    if (this.#closed === undefined) this.#port.postMessage(message)
  }
  #receive(message: Message): void {
    if (message.kind === 'event') this.#options.onEvent?.(message.event)
    else if (message.kind === 'request') void this.#answer(message.id, message.name, message.params)
    else {
      const waiting = this.#waiting.get(message.id)
      this.#waiting.delete(message.id)
      if (message.kind === 'result') waiting?.resolve(message.value)
      else waiting?.reject(message.error)
    }
  }
  async #answer(id: number, name: string, params: unknown): Promise<void> {
    try {
      const handler = (this.#options.handlers as RequestMap)[name]
      if (handler === undefined) throw new TypeError(`Nothing answers ${name}`)
      this.#send({ kind: 'result', id, value: await handler(params) })
    } catch (error) {
      this.#send({ kind: 'error', id, error: this.#options.describeError(error) })
    }
  }
}
