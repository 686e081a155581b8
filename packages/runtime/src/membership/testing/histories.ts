// Random histories of a group as its leader sees them: members join, leave, crash and come back with old work, assignments get
// lost, leaders change, configurations change, the clock steps. Each round's questions and answers are bytes, as on the wire.
import { Random } from '@millrace/testkit'
import type { ConfigView } from '../config-view.ts'
import {
  type Assignment,
  type ConnectProtocolVersion,
  decodeAssignment,
  encodeMetadata,
  protocolName,
} from '../connect-protocol.ts'
import { completeJoin, failed } from '../held-work.ts'
import { INITIAL_STATE, type LeaderResult, lead } from '../leader.ts'
import { NO_WORK } from '../work.ts'

/** A configuration as data. */
export interface ConfigData {
  readonly offset: number
  /** Connectors and their numbers of tasks. */
  readonly connectors: Readonly<Record<string, number>>
}

/** One rebalance: what the leader is given, in a form that another program can read, and what it answers. */
export interface HistoryRound {
  /** The leader is a new one, without memory. */
  readonly forget: boolean
  readonly now: number
  readonly leader: string
  readonly protocol: string
  readonly generation: number
  readonly lastCompletedGeneration: number
  readonly config: ConfigData
  readonly freshConfig: ConfigData
  /** Member ids and their metadata in base64, in the coordinator's order. */
  readonly members: readonly (readonly [string, string])[]
  readonly answer: ReadonlyMap<string, Buffer>
}

export interface History {
  readonly seed: number
  readonly maxDelayMs: number
  readonly rounds: readonly HistoryRound[]
}

interface Member {
  readonly id: string
  readonly url: string
  held: Assignment | null
}

const DELAYS = [0, 0, 1, 2, 39, 40, 41, 1_000, 1_600, 59_999, 60_000, 123_456, 300_000, 2_147_483_647]
const NAMES = [
  'a',
  'b',
  'file-source',
  'jdbc_sink.1',
  'orders-1',
  'orders',
  'Z',
  'mm2',
  'zoo',
  'ünï',
  's3',
  'BB',
  'Aa',
  'x-0',
]

export function configView({ offset, connectors }: ConfigData): ConfigView {
  return {
    offset,
    connectors: () => Object.keys(connectors),
    tasks: (connector) => Array.from({ length: connectors[connector] ?? 0 }, (_, task) => ({ connector, task })),
  }
}

/** The history of a seed: the same one each time. */
export function history(seed: number): History {
  return new Group(seed).play()
}

class Group {
  readonly #seed: number
  readonly #random: Random
  readonly #maxDelayMs: number
  readonly #crowd: number
  #members: Member[] = []
  /** Members that crashed, and what they ran: they may come back with it. */
  #gone: Member[] = []
  #config: ConfigData = { offset: 0, connectors: {} }
  #state = INITIAL_STATE
  #now = 1_700_000_000_000
  #generation = 0
  #lastCompleted = -1
  #leader = ''
  #born = 0

  constructor(seed: number) {
    this.#seed = seed
    this.#random = new Random(seed)
    this.#maxDelayMs = this.#random.pick(DELAYS)
    this.#crowd = this.#random.pick([2, 3, 5, 8, 16])
  }

  play(): History {
    const rounds = this.#random.list(3 + this.#random.below(14), () => this.#round())
    return { seed: this.#seed, maxDelayMs: this.#maxDelayMs, rounds }
  }

  #round(): HistoryRound {
    const random = this.#random
    this.#comeAndGo()
    if (random.chance(0.5)) this.#changeConfig()
    this.#now += random.pick([0, 0, 1, 40, 1_000, this.#maxDelayMs, Math.floor(this.#maxDelayMs / 2), 300_000])
    this.#generation += random.chance(0.1) ? 2 : 1
    const stays = this.#members.some(({ id }) => id === this.#leader)
    const forget = !stays || random.chance(0.03)
    if (forget) this.#elect(stays)
    const version = random.chance(0.9) ? (random.chance(0.8) ? 2 : 1) : 0
    const behind = random.chance(0.1) ? this.#config.offset - random.below(2) : this.#config.offset
    const fresh = random.chance(0.5) ? this.#config : { ...this.#config, offset: behind }
    return this.#ask(forget, version, { ...this.#config, offset: behind }, fresh)
  }

  #ask(forget: boolean, version: ConnectProtocolVersion, config: ConfigData, freshConfig: ConfigData): HistoryRound {
    const listed = this.#members.map(({ id, url, held }) => {
      const state = { url, configOffset: this.#config.offset - this.#random.below(2), allocation: held }
      return { memberId: id, metadata: encodeMetadata(state, version) }
    })
    const question = {
      forget,
      now: this.#now,
      leader: this.#leader,
      protocol: protocolName(version),
      generation: this.#generation,
      lastCompletedGeneration: this.#lastCompleted,
      config,
      freshConfig,
      members: listed.map(({ memberId, metadata }) => [memberId, metadata.toString('base64')] as const),
    }
    const result = lead(this.#state, {
      ...question,
      leaderId: this.#leader,
      maxDelayMs: this.#maxDelayMs,
      members: listed,
      config: configView(config),
      freshConfig: () => configView(freshConfig),
    })
    this.#deliver(result, version)
    return { ...question, answer: result.assignments }
  }

  /** Each member takes its assignment, unless it gets lost on the way. */
  #deliver({ state, assignments }: LeaderResult, version: ConnectProtocolVersion): void {
    this.#state = state
    const lossy = this.#random.chance(0.15)
    for (const member of this.#members) {
      if (lossy && this.#random.chance(0.4)) continue
      const { held } = completeJoin(member.held, decodeAssignment(assignments.get(member.id)!), version > 0)
      member.held = failed(held) || this.#random.chance(0.05) ? held : { ...held, revoked: NO_WORK }
      if (member.id === this.#leader) this.#lastCompleted = this.#generation
    }
  }

  #comeAndGo(): void {
    const random = this.#random
    if (random.chance(0.35)) {
      const leaves = this.#members.splice(random.below(this.#members.length + 1), 1 + random.below(3))
      this.#gone.push(...leaves)
    }
    if (this.#gone.length > 0 && random.chance(0.3)) {
      const back = this.#gone.splice(random.below(this.#gone.length), 1)
      this.#members.push(...back.map((one) => (random.chance(0.5) ? one : this.#newcomer(null))))
    }
    const wanted = this.#members.length === 0 ? 1 + random.below(this.#crowd) : random.pick([0, 0, 0, 0, 1, 1, 2, 4])
    for (let more = 0; more < wanted && this.#members.length < 24; more++) this.#members.push(this.#newcomer(null))
  }

  #newcomer(held: Assignment | null): Member {
    const at = this.#born++
    const tail = this.#random.list(8, () => this.#random.below(16).toString(16)).join('')
    return { id: this.#random.chance(0.7) ? `connect-${at}-${tail}` : `w${at}`, url: `http://w${at}:8083/`, held }
  }

  #elect(stays: boolean): void {
    this.#leader = stays && this.#random.chance(0.5) ? this.#leader : this.#random.pick(this.#members).id
    this.#state = INITIAL_STATE
    this.#lastCompleted = this.#random.chance(0.5) ? -1 : this.#generation - 1
  }

  #changeConfig(): void {
    const random = this.#random
    const connectors = { ...this.#config.connectors }
    for (let changes = 1 + random.below(4); changes > 0; changes--) {
      const name = random.pick(NAMES)
      if (name in connectors && random.chance(0.4)) delete connectors[name]
      else connectors[name] = random.pick([0, 1, 2, 3, 5, 9, 12])
    }
    this.#config = { offset: this.#config.offset + 1 + random.below(4), connectors }
  }
}
