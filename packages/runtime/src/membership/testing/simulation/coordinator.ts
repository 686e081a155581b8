// A simulated group coordinator: the broker's side of the classic group protocol, as far as Connect workers meet it.
import { ErrorCode } from '@millrace/kafka/protocol'
import type { Cancel, SimulatedClock } from './clock.ts'

export interface Offer {
  readonly name: string
  readonly metadata: Buffer
}

export interface JoinReply {
  readonly error: number
  readonly memberId: string
  readonly generation: number
  readonly protocol: string
  readonly leader: string
  /** For the leader only. */
  readonly members: readonly { readonly memberId: string; readonly metadata: Buffer }[]
}

export interface SyncReply {
  readonly error: number
  readonly assignment: Buffer
}

interface Member {
  readonly id: string
  offers: readonly Offer[]
  reply: ((answer: JoinReply) => void) | undefined
  synced: ((answer: SyncReply) => void) | undefined
  assignment: Buffer
  expiry: Cancel
}

const NOTHING = Buffer.alloc(0)

export class SimulatedCoordinator {
  readonly #clock: SimulatedClock
  readonly #sessionMs: number
  readonly #rebalanceMs: number
  readonly #members = new Map<string, Member>()
  #state: 'preparing' | 'completing' | 'stable' = 'stable'
  #leader = ''
  #protocol = ''
  #born = 0
  #giveUpOnLate: Cancel = () => {}
  generation = 0

  constructor(clock: SimulatedClock, settings: { readonly sessionMs: number; readonly rebalanceMs: number }) {
    this.#clock = clock
    this.#sessionMs = settings.sessionMs
    this.#rebalanceMs = settings.rebalanceMs
  }

  get memberIds(): readonly string[] {
    return [...this.#members.keys()]
  }

  join(memberId: string, offers: readonly Offer[], reply: (answer: JoinReply) => void): void {
    const known = this.#members.get(memberId)
    if (known === undefined && memberId !== '') {
      reply(this.#refusal(ErrorCode.UNKNOWN_MEMBER_ID))
      return
    }
    const member = known ?? this.#newcomer()
    const same = known !== undefined && sameOffers(member.offers, offers)
    member.offers = offers
    this.#beat(member)
    // Who asks for what it knows already gets it: a follower cannot make a rebalance without something new to say.
    const settled = this.#state === 'completing' || (this.#state === 'stable' && member.id !== this.#leader)
    if (same && settled) {
      reply(this.#answer(member))
    } else {
      member.reply = reply
      this.#prepare()
    }
  }

  sync(
    memberId: string,
    generation: number,
    assignments: ReadonlyMap<string, Buffer>,
    reply: (answer: SyncReply) => void,
  ): void {
    const member = this.#members.get(memberId)
    const known = this.#refuse(member, generation)
    if (known === 0) this.#beat(member!)
    const error = known === 0 && this.#state === 'preparing' ? ErrorCode.REBALANCE_IN_PROGRESS : known
    if (error !== 0 || this.#state === 'stable') {
      reply({ error, assignment: error !== 0 ? NOTHING : member!.assignment })
      return
    }
    member!.synced = reply
    if (memberId !== this.#leader) return
    this.#state = 'stable'
    for (const one of this.#members.values()) {
      one.assignment = assignments.get(one.id) ?? NOTHING
      one.synced?.({ error: 0, assignment: one.assignment })
      one.synced = undefined
    }
  }

  heartbeat(memberId: string, generation: number): number {
    const member = this.#members.get(memberId)
    const error = this.#refuse(member, generation)
    if (error !== 0) return error
    this.#beat(member!)
    return this.#state === 'preparing' ? ErrorCode.REBALANCE_IN_PROGRESS : 0
  }

  leave(memberId: string): void {
    const member = this.#members.get(memberId)
    if (member !== undefined) this.#remove(member)
  }

  #newcomer(): Member {
    const id = `m-${this.#born++}`
    const member: Member = {
      id,
      offers: [],
      reply: undefined,
      synced: undefined,
      assignment: NOTHING,
      expiry: () => {},
    }
    this.#members.set(id, member)
    return member
  }

  #refuse(member: Member | undefined, generation: number): number {
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    return generation === this.generation ? 0 : ErrorCode.ILLEGAL_GENERATION
  }

  #beat(member: Member): void {
    member.expiry()
    member.expiry = this.#clock.after(this.#sessionMs, () => {
      // Who waits in JoinGroup is known to be there.
      if (member.reply !== undefined) this.#beat(member)
      else this.#remove(member)
    })
  }

  #remove(member: Member): void {
    member.expiry()
    this.#members.delete(member.id)
    if (this.#state === 'preparing') this.#completeIfAllJoined()
    else this.#prepare()
  }

  #prepare(): void {
    if (this.#state !== 'preparing') {
      this.#state = 'preparing'
      for (const member of this.#members.values()) {
        member.synced?.({ error: ErrorCode.REBALANCE_IN_PROGRESS, assignment: NOTHING })
        member.synced = undefined
      }
      this.#giveUpOnLate = this.#clock.after(this.#rebalanceMs, () => this.#complete())
    }
    this.#completeIfAllJoined()
  }

  #completeIfAllJoined(): void {
    if ([...this.#members.values()].every((member) => member.reply !== undefined)) this.#complete()
  }

  #complete(): void {
    this.#giveUpOnLate()
    for (const member of [...this.#members.values()]) {
      if (member.reply !== undefined) continue
      member.expiry()
      this.#members.delete(member.id)
    }
    this.generation++
    this.#state = this.#members.size === 0 ? 'stable' : 'completing'
    if (this.#members.size === 0) return
    if (!this.#members.has(this.#leader)) this.#leader = this.memberIds[0]!
    this.#protocol = this.#elect()
    for (const member of this.#members.values()) {
      const reply = member.reply!
      member.reply = undefined
      member.assignment = NOTHING
      this.#beat(member)
      reply(this.#answer(member))
    }
  }

  /** The first choice of most, among what all speak. */
  #elect(): string {
    const all = [...this.#members.values()]
    const common = (name: string) => all.every(({ offers }) => offers.some((offer) => offer.name === name))
    const votes = new Map<string, number>()
    for (const { offers } of all) {
      const choice = offers.find(({ name }) => common(name))!.name
      votes.set(choice, (votes.get(choice) ?? 0) + 1)
    }
    return [...votes].sort((a, b) => b[1] - a[1])[0]![0]
  }

  #answer(member: Member): JoinReply {
    const metadata = (one: Member) => one.offers.find(({ name }) => name === this.#protocol)!.metadata
    const all = [...this.#members.values()].map((one) => ({ memberId: one.id, metadata: metadata(one) }))
    return {
      error: 0,
      memberId: member.id,
      generation: this.generation,
      protocol: this.#protocol,
      leader: this.#leader,
      members: member.id === this.#leader ? all : [],
    }
  }

  #refusal(error: number): JoinReply {
    return { error, memberId: '', generation: -1, protocol: '', leader: '', members: [] }
  }
}

function sameOffers(one: readonly Offer[], other: readonly Offer[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ name, metadata }, at) => name === other[at]!.name && metadata.equals(other[at]!.metadata))
  )
}
