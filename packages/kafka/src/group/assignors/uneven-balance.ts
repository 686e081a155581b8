// Balance for members with different subscriptions, by moves that each improve a score, so that it always ends.
// The score is (sum of squared loads, number of partitions that left their owner), smaller is better, compared in this order.

/** The problem, on indexes: members 0..memberCount-1, partitions 0..topicOf.length-1. */
export interface Layout {
  readonly memberCount: number
  /** Topic of each partition. */
  readonly topicOf: readonly number[]
  /** Former owner of each partition, -1 where there is none. The owner is among the topic's takers. */
  readonly home: readonly number[]
  /** Members that want each topic, ascending. Never empty. */
  readonly takers: readonly (readonly number[])[]
}

/** @returns the member of each partition */
export function rebalance(layout: Layout): readonly number[] {
  const state = new State(layout)
  state.assignFree()
  // A step home may open a better move elsewhere and the other way round; the score falls with every one of them.
  do {
    while (state.levelOnce());
  } while (state.returnHome())
  return state.owner
}

class State {
  readonly #layout: Layout
  readonly owner: number[]
  readonly #load: number[]
  /** Partitions of each member by topic. */
  readonly #held: Map<number, Set<number>>[]

  constructor(layout: Layout) {
    this.#layout = layout
    this.owner = layout.topicOf.map(() => -1)
    this.#load = new Array(layout.memberCount).fill(0)
    this.#held = this.#load.map(() => new Map())
    layout.home.forEach((member, partition) => {
      if (member >= 0) this.#give(partition, member)
    })
  }

  /** Gives ownerless partitions to the least loaded taker; those with fewest takers first, since they have least choice. */
  assignFree(): void {
    const { topicOf, takers } = this.#layout
    const free = this.owner.flatMap((member, partition) => (member < 0 ? [partition] : []))
    free.sort((a, b) => takers[topicOf[a]!]!.length - takers[topicOf[b]!]!.length || a - b)
    for (const partition of free) this.#give(partition, this.#leastLoaded(takers[topicOf[partition]!]!))
  }

  /** Moves one partition from a member to one that has at least two fewer. @returns false when there is no such pair */
  levelOnce(): boolean {
    const givers = [...this.#load.keys()].sort((a, b) => this.#load[b]! - this.#load[a]! || a - b)
    for (const giver of givers) {
      if (this.#load[giver]! < 2) return false
      const move = this.#bestMove(giver)
      if (move !== undefined) {
        this.#give(move.partition, move.taker)
        return true
      }
    }
    return false
  }

  /** Best partition `giver` can hand to somebody with at least two fewer: least loss of stickiness, then least loaded taker. */
  #bestMove(giver: number): { partition: number; taker: number } | undefined {
    let best: { partition: number; taker: number } | undefined
    let bestRank = Number.POSITIVE_INFINITY
    const limit = this.#load[giver]! - 2
    for (const [topic, partitions] of this.#held[giver]!) {
      const takers = this.#layout.takers[topic]!
      const taker = this.#leastLoaded(takers)
      if (this.#load[taker]! > limit) continue
      for (const partition of partitions) {
        const home = this.#layout.home[partition]!
        const goesHome = home >= 0 && home !== giver && this.#load[home]! <= limit
        const to = goesHome ? home : taker
        // Going home gains, a newcomer's move is neutral, leaving home loses; the load decides among equals.
        const rank = (goesHome ? 0 : home === giver ? 2 : 1) * 2 ** 32 + this.#load[to]!
        if (rank < bestRank) {
          bestRank = rank
          best = { partition, taker: to }
        }
      }
    }
    return best
  }

  /** Brings displaced partitions home where the loads allow it, or by exchange. @returns whether anything moved */
  returnHome(): boolean {
    let moved = false
    this.#layout.home.forEach((home, partition) => {
      const away = this.owner[partition]!
      if (home < 0 || home === away) return
      if (this.#load[away]! > this.#load[home]!) {
        this.#give(partition, home)
        moved = true
        return
      }
      const other = this.#exchange(home, away)
      if (other < 0) return
      this.#give(partition, home)
      this.#give(other, away)
      moved = true
    })
    return moved
  }

  /** A partition at `at` that is not at home there and that `to` may take, one whose home is `to` before others; -1 if none. */
  #exchange(at: number, to: number): number {
    let found = -1
    for (const [topic, partitions] of this.#held[at]!) {
      if (!this.#layout.takers[topic]!.includes(to)) continue
      for (const partition of partitions) {
        const home = this.#layout.home[partition]!
        if (home === to) return partition
        if (home !== at) found = partition
      }
    }
    return found
  }

  #leastLoaded(members: readonly number[]): number {
    let best = members[0]!
    for (const member of members) if (this.#load[member]! < this.#load[best]!) best = member
    return best
  }

  #give(partition: number, member: number): void {
    const topic = this.#layout.topicOf[partition]!
    const from = this.owner[partition]!
    if (from >= 0) {
      const set = this.#held[from]!.get(topic)!
      set.delete(partition)
      if (set.size === 0) this.#held[from]!.delete(topic)
      this.#load[from]!--
    }
    this.owner[partition] = member
    const held = this.#held[member]!
    const set = held.get(topic)
    if (set === undefined) held.set(topic, new Set([partition]))
    else set.add(partition)
    this.#load[member]!++
  }
}
