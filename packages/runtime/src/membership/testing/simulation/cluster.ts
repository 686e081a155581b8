// A simulated cluster: workers join, stop, crash and are cut off, configurations change, messages get lost; and what must hold.

import { failed } from '../../held-work.ts'
import type { ConfigData } from '../histories.ts'
import { SimulatedClock } from './clock.ts'
import { SimulatedCoordinator } from './coordinator.ts'
import { SimulatedWorker, type WorkerSettings } from './worker.ts'

const SESSION_MS = 10_000
const REBALANCE_MS = 60_000
const MOST_WORKERS = 7

/** What a schedule came to. */
export interface Outcome {
  readonly generations: number
  readonly incidents: number
}

export class SimulatedCluster {
  readonly clock: SimulatedClock
  readonly coordinator: SimulatedCoordinator
  workers: SimulatedWorker[] = []
  readonly #maxDelayMs: number
  readonly #mixed: boolean
  readonly #log: string[] = []
  #config: ConfigData = { offset: 0, connectors: {} }
  #born = 0

  constructor(seed: number) {
    this.clock = new SimulatedClock(seed)
    const { random } = this.clock
    this.#maxDelayMs = random.pick([0, 0, 1_000, 20_000, 300_000])
    this.#mixed = random.chance(0.3)
    this.coordinator = new SimulatedCoordinator(this.clock, { sessionMs: SESSION_MS, rebalanceMs: REBALANCE_MS })
  }

  /** Some minutes of trouble, then peace, then the judgement. @throws Error that says what did not hold, and what happened */
  run(): Outcome {
    const { clock } = this
    const { random } = clock
    this.#changeConfig()
    for (let first = 1 + random.below(4); first > 0; first--) this.#add()
    const incidents = 5 + random.below(25)
    for (let left = incidents; left > 0; left--) {
      this.#incident()
      clock.runUntil(clock.now + random.pick([5, 50, 500, 5_000, 15_000, this.#maxDelayMs]))
    }
    for (const { link } of this.workers) Object.assign(link, { loss: 0, slowMs: 20 })
    if (this.workers.length === 0) this.#add()
    // Requests that got lost, then a lost member, then the delay, then the last revocation with its own: all in turn.
    clock.runUntil(clock.now + 3 * (REBALANCE_MS + SESSION_MS) + 4 * this.#maxDelayMs + 60_000)
    this.#judge()
    return { generations: this.coordinator.generation, incidents }
  }

  #incident(): void {
    const { random } = this.clock
    const worker = this.workers.length === 0 ? undefined : random.pick(this.workers)
    const kind = random.below(8)
    if (worker === undefined || kind <= 1) this.#add()
    else if (kind <= 3) this.#end(worker, kind === 2)
    else if (kind === 4) this.#trouble(worker, { loss: 1, slowMs: 20 })
    else if (kind === 5) this.#trouble(worker, { loss: 0.3, slowMs: 2_000 })
    else if (kind === 6) this.#trouble(worker, { loss: 0, slowMs: 20 })
    else this.#changeConfig()
  }

  #trouble(worker: SimulatedWorker, link: { readonly loss: number; readonly slowMs: number }): void {
    this.#note(`${worker.name}'s messages: ${JSON.stringify(link)}`, () => Object.assign(worker.link, link))
  }

  #note(what: string, run: () => void): void {
    this.#log.push(`${this.clock.now} ${what}`)
    run()
  }

  #add(): void {
    if (this.workers.length >= MOST_WORKERS) return
    const mode: WorkerSettings['mode'] = this.#mixed
      ? this.clock.random.pick(['eager', 'compatible', 'sessioned'])
      : 'sessioned'
    const settings = {
      mode,
      heartbeatMs: 3_000,
      sessionMs: SESSION_MS,
      rebalanceMs: REBALANCE_MS,
      maxDelayMs: this.#maxDelayMs,
    }
    const name = `w${this.#born++}`
    this.#note(`${name} comes (${mode})`, () => {
      const newest = () => this.#config
      this.workers.push(
        new SimulatedWorker(name, this.clock, this.coordinator, settings, newest, (one) => this.#check(one)),
      )
    })
  }

  #end(worker: SimulatedWorker, orderly: boolean): void {
    this.#note(`${worker.name} ${orderly ? 'stops' : 'crashes'}`, () => worker.end(orderly))
    this.workers = this.workers.filter((one) => one !== worker)
  }

  #changeConfig(): void {
    const { random } = this.clock
    const connectors = { ...this.#config.connectors }
    const name = `c${random.below(6)}`
    if (name in connectors && random.chance(0.4)) delete connectors[name]
    else connectors[name] = random.below(6)
    this.#config = { offset: this.#config.offset + 1 + random.below(3), connectors }
    this.#note(`configuration ${JSON.stringify(this.#config)}`, () => {
      for (const worker of this.workers) this.clock.after(random.below(1_000), () => worker.configChanged())
    })
  }

  /**
   * At every completed join: nothing runs twice among the workers of this generation. A generation whose leader was behind the
   * config topic and divided nothing does not count: who came back with old work is told only in the next one.
   */
  #check(worker: SimulatedWorker): void {
    const work = new Set(worker.running)
    this.#log.push(
      `${this.clock.now} ${worker.name} is ${worker.memberId} in ${worker.generation}${failed(worker.held!) ? ' (failed)' : ''}: ${[...work].join(' ')}`,
    )
    if (failed(worker.held!)) return
    const peers = this.workers.filter((one) => one !== worker && one.atGeneration(worker.generation))
    for (const peer of peers) {
      const both = peer.running.filter((one) => work.has(one))
      if (both.length > 0)
        this.#fail(`${worker.name} and ${peer.name} both own ${both.join(' ')} in ${worker.generation}`)
    }
  }

  /** At the end: everything runs once, spread evenly, in one generation, and nothing that is not configured. */
  #judge(): void {
    const all = Object.entries(this.#config.connectors).flatMap(([name, tasks]) => [
      name,
      ...Array.from({ length: tasks }, (_, task) => `${name}-${task}`),
    ])
    const running = this.workers.flatMap((worker) => worker.running)
    if (running.toSorted().join() !== all.toSorted().join()) {
      this.#fail(`configured is ${all.toSorted().join(' ')}; what runs is ${running.toSorted().join(' ')}`)
    }
    if (!this.workers.every((worker) => worker.atRest)) this.#fail('not all workers came to rest')
    const counts = this.workers.map(({ held }) => [held!.assigned.connectors.length, held!.assigned.tasks.length])
    for (const axis of [0, 1]) {
      const numbers = counts.map((one) => one[axis]!)
      const eager = this.workers.some(({ held }) => held!.version === 0)
      if (!eager && Math.max(...numbers) - Math.min(...numbers) > 1) this.#fail(`unbalanced: ${numbers.join(' ')}`)
    }
  }

  #fail(what: string): never {
    throw new Error(`${what}\n${this.#log.join('\n')}`)
  }
}
