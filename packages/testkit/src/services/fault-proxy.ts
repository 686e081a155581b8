// A TCP proxy that does to connections what networks do: cuts them in mid-batch, delays, stalls, half-closes, refuses.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Which way bytes go. */
export type Direction = 'toServer' | 'toClient'

/** Where a proxy forwards to. */
export interface ProxyTarget {
  readonly host: string
  readonly port: number
}

interface Lane {
  readonly from: Socket
  readonly to: Socket
}

interface Cut {
  left: number
  readonly done: () => void
}

/** A proxy in front of one server. Faults reach the connections that are open, delays and stalls those to come as well. */
export class FaultProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #connections = new Set<Readonly<Record<Direction, Lane>>>()
  readonly #bytes: Record<Direction, number> = { toServer: 0, toClient: 0 }
  readonly #delays: Record<Direction, number> = { toServer: 0, toClient: 0 }
  readonly #gates: Record<Direction, PromiseWithResolvers<void> | null> = { toServer: null, toClient: null }
  readonly #cuts: Record<Direction, Cut | null> = { toServer: null, toClient: null }
  #target: ProxyTarget | null
  #refuses = false

  private constructor(server: Server, target: ProxyTarget | null) {
    this.#server = server
    this.#target = target
    server.on('connection', (client) => this.#accept(client))
  }

  /** Listens on a free port of the loopback interface. A target can be given later: until then connections are refused. */
  static async start(target: ProxyTarget | null = null): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return new FaultProxy(server, target)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }
  /** `host:port` for clients. */
  get address(): string {
    return `127.0.0.1:${this.port}`
  }
  /** Connections open now. */
  get connections(): number {
    return this.#connections.size
  }
  /** Bytes forwarded so far. */
  get bytes(): Readonly<Record<Direction, number>> {
    return { ...this.#bytes }
  }
  set target(target: ProxyTarget) {
    this.#target = target
  }

  /** Resets every open connection at once. */
  cut(): void {
    for (const lanes of this.#connections) destroy(lanes)
  }
  /** Lets this many more bytes through in one direction, over all connections, and resets the connection on which they end. Resolves then. */
  cutAfter(bytes: number, direction: Direction): Promise<void> {
    return new Promise((done) => {
      this.#cuts[direction] = { left: bytes, done }
    })
  }
  /** Ends one direction of every open connection: that side reads an end, the other can still be read. */
  halfClose(direction: Direction): void {
    for (const lanes of this.#connections) lanes[direction].to.end()
  }
  /** Forwards nothing in this direction until {@link resume}: the connection stays open, as with a router that died. */
  stall(direction: Direction): void {
    this.#gates[direction] ??= Promise.withResolvers()
  }
  resume(direction: Direction): void {
    this.#gates[direction]?.resolve()
    this.#gates[direction] = null
  }
  /** Holds every piece for this long, in ms, before it is forwarded; 0 ends it. */
  delay(ms: number, direction: Direction): void {
    this.#delays[direction] = ms
  }
  /** Resets new connections; those that are open go on. */
  refuse(refuses = true): void {
    this.#refuses = refuses
  }

  /** Ends all connections and stops listening. */
  async close(): Promise<void> {
    this.refuse()
    this.resume('toServer')
    this.resume('toClient')
    this.cut()
    if (!this.#server.listening) return
    this.#server.close()
    await once(this.#server, 'close')
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #accept(client: Socket): void {
    if (this.#refuses || this.#target === null) {
      reset(client)
      return
    }
    const server = connect({ ...this.#target, allowHalfOpen: true })
    const lanes = { toServer: { from: client, to: server }, toClient: { from: server, to: client } }
    this.#connections.add(lanes)
    for (const socket of [client, server]) {
      socket.setNoDelay(true)
      socket.on('error', () => destroy(lanes))
      socket.on('close', () => {
        if (client.destroyed && server.destroyed) this.#connections.delete(lanes)
      })
    }
    for (const direction of ['toServer', 'toClient'] as const) {
      // A broken connection is broken both ways; who is at its ends hears of it there.
      this.#forward(lanes, direction).catch(() => destroy(lanes))
    }
  }

  async #forward(lanes: Readonly<Record<Direction, Lane>>, direction: Direction): Promise<void> {
    const { from, to } = lanes[direction]
    for await (const piece of from as AsyncIterable<Buffer>) {
      if (this.#delays[direction] > 0) await sleep(this.#delays[direction])
      await this.#gates[direction]?.promise
      const cut = this.#cuts[direction]
      if (cut !== null && piece.length >= cut.left) {
        this.#cuts[direction] = null
        await this.#write(to, piece.subarray(0, cut.left), direction)
        await flushed(to)
        destroy(lanes)
        cut.done()
        return
      }
      if (cut !== null) cut.left -= piece.length
      await this.#write(to, piece, direction)
    }
    to.end()
  }

  async #write(to: Socket, piece: Buffer, direction: Direction): Promise<void> {
    this.#bytes[direction] += piece.length
    if (!to.write(piece)) await once(to, 'drain')
  }
}

/** Resolves when everything written has been handed to the system: a reset would drop what has not. */
function flushed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.write('', () => resolve()))
}

function destroy(lanes: Readonly<Record<Direction, Lane>>): void {
  reset(lanes.toServer.from)
  reset(lanes.toServer.to)
}

/** Resets; but one that was ended can only be closed: libuv refuses a reset then, and would keep the handle for ever. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}
