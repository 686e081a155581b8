// A simulated worker: the rules of WorkerGroupMember and of the herder's loop over the same pure functions, driven by events.
import { ErrorCode } from '@millrace/kafka/protocol'
import type { ConfigView } from '../../config-view.ts'
import {
  type Assignment,
  type ConnectProtocolMode,
  decodeAssignment,
  metadataOffers,
  newestVersion,
  versionOfProtocol,
} from '../../connect-protocol.ts'
import { completeJoin, deletedWork, failed, mustHandOver } from '../../held-work.ts'
import { INITIAL_STATE, lead } from '../../leader.ts'
import { isEmptyWork, NO_WORK, taskKey, withoutWork } from '../../work.ts'
import { type ConfigData, configView } from '../histories.ts'
import { type Cancel, type SimulatedClock, SimulatedLink } from './clock.ts'
import type { JoinReply, SimulatedCoordinator, SyncReply } from './coordinator.ts'

export interface WorkerSettings {
  readonly mode: ConnectProtocolMode
  readonly heartbeatMs: number
  readonly sessionMs: number
  readonly rebalanceMs: number
  readonly maxDelayMs: number
}

const NOTHING: Cancel = () => {}
const LONGEST_READ_MS = 200

export class SimulatedWorker {
  readonly name: string
  readonly link: SimulatedLink
  alive = true
  generation = -1
  memberId = ''
  held: Assignment | null = null
  readonly #clock: SimulatedClock
  readonly #coordinator: SimulatedCoordinator
  readonly #settings: WorkerSettings
  readonly #newestConfig: () => ConfigData
  readonly #completed: (worker: SimulatedWorker) => void
  #config: ConfigData
  #version: number
  #leaderState = INITIAL_STATE
  #lastCompleted = -1
  /** Goes up at every join: answers to what was asked before it count for nothing. */
  #turn = 0
  #stable = false
  #unansweredSince: number | undefined
  #limit: Cancel = NOTHING
  #beat: Cancel = NOTHING
  #rejoin: Cancel = NOTHING

  constructor(
    name: string,
    clock: SimulatedClock,
    coordinator: SimulatedCoordinator,
    settings: WorkerSettings,
    newestConfig: () => ConfigData,
    completed: (worker: SimulatedWorker) => void,
  ) {
    this.name = name
    this.link = new SimulatedLink(clock)
    this.#clock = clock
    this.#coordinator = coordinator
    this.#settings = settings
    this.#newestConfig = newestConfig
    this.#completed = completed
    this.#config = newestConfig()
    this.#version = newestVersion(settings.mode)
    this.join()
  }

  /** Names of connectors and keys of tasks that it runs. */
  get running(): readonly string[] {
    const { connectors, tasks } = this.held?.assigned ?? NO_WORK
    return [...connectors, ...tasks.map(taskKey)]
  }

  /** Whether it completed this generation and has not gone on to join another. */
  atGeneration(generation: number): boolean {
    return this.#stable && this.generation === generation
  }

  get atRest(): boolean {
    return this.#stable && this.held !== null && !failed(this.held) && this.held.delayMs === 0
  }

  /** The process ends; `orderly` tells the group. */
  end(orderly: boolean): void {
    if (orderly) {
      const { memberId } = this
      this.link.send('there', () => this.#coordinator.leave(memberId))
    }
    this.alive = false
    this.held = null
    for (const cancel of [this.#limit, this.#beat, this.#rejoin]) cancel()
  }

  /** Its reader of the config topic comes to the end. */
  configChanged(): void {
    if (!this.alive || this.#config === this.#newestConfig()) return
    this.#config = this.#newestConfig()
    if (this.#stable) this.join()
  }

  join(): void {
    if (!this.alive) return
    if (this.#version === 0 && this.held !== null) this.held = { ...this.held, assigned: NO_WORK }
    this.#stopDeleted()
    const turn = ++this.#turn
    this.#stable = false
    this.#beat()
    this.#rejoin()
    const allocation = this.held === null ? null : { ...this.held, revoked: NO_WORK }
    const state = { url: `http://${this.name}/`, configOffset: this.#config.offset, allocation }
    const config = configView(this.#config)
    const { memberId } = this
    const offers = metadataOffers(this.#settings.mode, state)
    this.#ask<JoinReply>(
      turn,
      this.#settings.rebalanceMs,
      (reply) => this.#coordinator.join(memberId, offers, reply),
      (answer) => this.#joined(turn, answer, config),
    )
  }

  /** Whether there was any. */
  #stopDeleted(): boolean {
    if (this.held === null) return false
    const deleted = deletedWork(this.held, configView(this.#config))
    this.held = { ...this.held, assigned: withoutWork(this.held.assigned, deleted) }
    return !isEmptyWork(deleted)
  }

  #joined(turn: number, answer: JoinReply, config: ConfigView): void {
    if (answer.error !== 0) {
      this.#refused(answer.error)
      return
    }
    this.memberId = answer.memberId
    this.generation = answer.generation
    const { generation, memberId } = this
    const leads = answer.leader === memberId
    const assignments = leads ? this.#lead(answer, config) : new Map<string, Buffer>()
    this.#ask<SyncReply>(
      turn,
      this.#settings.rebalanceMs,
      (reply) => this.#coordinator.sync(memberId, generation, assignments, reply),
      (synced) => this.#synced(synced, answer.protocol),
    )
  }

  #lead(answer: JoinReply, config: ConfigView): ReadonlyMap<string, Buffer> {
    const result = lead(this.#leaderState, {
      leaderId: this.memberId,
      protocol: answer.protocol,
      generation: this.generation,
      lastCompletedGeneration: this.#lastCompleted,
      members: answer.members,
      config,
      freshConfig: () => configView(this.#config),
      now: this.#clock.now,
      maxDelayMs: this.#settings.maxDelayMs,
    })
    this.#leaderState = result.state
    return result.assignments
  }

  #synced({ error, assignment }: SyncReply, protocol: string): void {
    if (error !== 0) {
      this.#refused(error)
      return
    }
    this.#version = versionOfProtocol(protocol)
    this.#lastCompleted = this.generation
    this.held = completeJoin(this.held, decodeAssignment(assignment), this.#version > 0).held
    this.#stable = true
    this.#completed(this)
    this.#scheduleBeat()
    this.#handle(this.held, this.#turn)
  }

  /** What the herder does after a rebalance. */
  #handle(held: Assignment, turn: number): void {
    if (failed(held) || this.#config.offset < held.configOffset) {
      this.#clock.after(this.#clock.random.below(LONGEST_READ_MS), () => {
        if (!this.alive || turn !== this.#turn) return
        this.#config = this.#newestConfig()
        if (failed(held) || this.#config.offset !== held.configOffset) this.join()
        else this.#begin(held)
      })
    } else if (this.#config.offset !== held.configOffset) {
      this.join()
    } else {
      this.#begin(held)
    }
  }

  #begin(held: Assignment): void {
    if (this.#stopDeleted() || mustHandOver(held)) this.join()
    else if (held.delayMs > 0) this.#rejoin = this.#clock.after(held.delayMs, () => this.join())
  }

  #scheduleBeat(): void {
    const { memberId, generation } = this
    const turn = this.#turn
    this.#beat = this.#clock.after(this.#settings.heartbeatMs, () => {
      this.#ask<number>(
        turn,
        this.#settings.sessionMs,
        (reply) => reply(this.#coordinator.heartbeat(memberId, generation)),
        (code) => (code === 0 ? this.#scheduleBeat() : this.#refused(code)),
      )
    })
  }

  /** A request and its answer, either of which may get lost; then it joins anew, as after a broken connection. */
  #ask<Answer>(
    turn: number,
    limitMs: number,
    request: (reply: (answer: Answer) => void) => void,
    answered: (answer: Answer) => void,
  ): void {
    this.#limit()
    this.#limit = this.#clock.after(limitMs, () => {
      if (turn !== this.#turn) return
      this.#unansweredSince ??= this.#clock.now - limitMs
      // On its own for too long: others may run its work by now.
      if (this.#clock.now - this.#unansweredSince >= this.#settings.heartbeatMs) this.held = null
      this.join()
    })
    const arrive = (answer: Answer) => {
      if (!this.alive || turn !== this.#turn) return
      this.#limit()
      this.#unansweredSince = undefined
      answered(answer)
    }
    this.link.send('there', () => request((answer) => this.link.send('back', () => arrive(answer))))
  }

  #refused(error: number): void {
    if (error === ErrorCode.UNKNOWN_MEMBER_ID) this.memberId = ''
    if (error === ErrorCode.UNKNOWN_MEMBER_ID || error === ErrorCode.ILLEGAL_GENERATION) this.generation = -1
    this.join()
  }
}
