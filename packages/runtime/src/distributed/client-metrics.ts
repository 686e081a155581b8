// What the group member's connections carry: the reference's `connect-metrics` and `connect-node-metrics`.
import { performance } from 'node:perf_hooks'
import type { TrafficListener } from '@millrace/kafka/cluster'
import { MaxAverage, Rate } from '../data/statistics.ts'
import type { MetricSample } from '../plane/messages.ts'
import { samplesOf } from './samples.ts'

/** A counter with its rate. */
class Counter {
  total = 0
  readonly #rate = new Rate(() => this.total)

  get perSecond(): number {
    return this.#rate.perSecond
  }
}

/** What went to and came from one broker, or all of them. */
class Flow {
  readonly out = new Counter()
  readonly in = new Counter()
  readonly requests = new Counter()
  readonly responses = new Counter()
  readonly requestSize = new MaxAverage()
  readonly latency = new MaxAverage()

  sent(bytes: number): void {
    this.requests.total++
    this.out.total += bytes
    this.requestSize.add(bytes)
  }
  answered(bytes: number, latencyMs: number): void {
    this.responses.total++
    this.in.total += bytes
    this.latency.add(latencyMs)
  }

  /** Named as the reference's Selector names them, but the latency, which it has for brokers alone. */
  values(): Record<string, number> {
    return {
      ...counted('outgoing-byte', this.out),
      ...counted('incoming-byte', this.in),
      ...counted('request', this.requests),
      ...counted('response', this.responses),
      'request-size-avg': this.requestSize.average,
      'request-size-max': this.requestSize.max,
    }
  }
}

/** Counts for one client. */
export class ClientMetrics implements TrafficListener {
  readonly #clientId: string
  readonly #all = new Flow()
  readonly #nodes = new Map<string, Flow>()
  readonly #opened = new Counter()
  readonly #closed = new Counter()
  readonly #loggedIn = new Counter()
  readonly #refused = new Counter()
  readonly #turns = new Counter()
  readonly #exchanges = new Counter()

  constructor(clientId: string) {
    this.#clientId = clientId
  }

  opened(): void {
    this.#opened.total++
  }
  closed(): void {
    this.#closed.total++
  }
  authenticated(_address: string, isGood: boolean): void {
    const counter = isGood ? this.#loggedIn : this.#refused
    counter.total++
  }
  sent(address: string, bytes: number): void {
    this.#all.sent(bytes)
    this.#node(address).sent(bytes)
  }
  answered(address: string, bytes: number, latencyMs: number): void {
    this.#all.answered(bytes, latencyMs)
    this.#node(address).answered(bytes, latencyMs)
  }

  samples(): MetricSample[] {
    const client = { 'client-id': this.#clientId }
    const none = new Counter()
    this.#exchanges.total = this.#all.requests.total + this.#all.responses.total
    return [
      ...samplesOf('connect-metrics', client, {
        ...this.#all.values(),
        ...counted('network-io', this.#exchanges),
        ...counted('connection-creation', this.#opened),
        ...counted('connection-close', this.#closed),
        'connection-count': this.#opened.total - this.#closed.total,
        ...counted('successful-authentication', this.#loggedIn),
        ...counted('failed-authentication', this.#refused),
        // A session that nears its end is followed by a new connection here: nothing logs in again on an old one.
        'successful-authentication-no-reauth-total': this.#loggedIn.total,
        ...counted('successful-reauthentication', none),
        ...counted('failed-reauthentication', none),
        'reauthentication-latency-avg': Number.NaN,
        'reauthentication-latency-max': Number.NaN,
        ...this.#loop(),
      }),
      ...[...this.#nodes].flatMap(([address, flow]) =>
        samplesOf(
          'connect-node-metrics',
          { ...client, 'node-id': `node-${address}` },
          {
            ...flow.values(),
            'request-latency-avg': flow.latency.average,
            'request-latency-max': flow.latency.max,
          },
        ),
      ),
    ]
  }

  /** The reference's selector loop is the event loop of the worker's main thread here. */
  #loop(): Record<string, number> {
    const { idle, active } = performance.eventLoopUtilization()
    const turns = performance.nodeTiming.uvMetricsInfo.loopCount
    const whole = idle + active
    this.#turns.total = turns
    return {
      ...counted('select', this.#turns),
      'io-time-ns-total': active * 1e6,
      'io-time-ns-avg': turns === 0 ? Number.NaN : (active * 1e6) / turns,
      'io-ratio': whole === 0 ? 0 : active / whole,
      'io-wait-time-ns-total': idle * 1e6,
      'io-wait-time-ns-avg': turns === 0 ? Number.NaN : (idle * 1e6) / turns,
      'io-wait-ratio': whole === 0 ? 0 : idle / whole,
    }
  }

  #node(address: string): Flow {
    const known = this.#nodes.get(address)
    if (known !== undefined) return known
    const made = new Flow()
    this.#nodes.set(address, made)
    return made
  }
}

function counted(name: string, counter: Counter): Record<string, number> {
  return { [`${name}-rate`]: counter.perSecond, [`${name}-total`]: counter.total }
}
