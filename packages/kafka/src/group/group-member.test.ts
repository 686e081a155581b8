// The membership against a coordinator whose every answer the test decides.
import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { disconnected } from '../errors.ts'
import { ErrorCode } from '../protocol/index.ts'
import type { GroupChannel, JoinAnswer, JoinedMember, MemberIdentity, SyncAnswer } from './channel.ts'
import { GroupMember, type GroupMemberOptions } from './group-member.ts'
import { checkMove } from './member-state.ts'

type Answer<T> = T | Error | (() => T | Promise<T>)

/** Answers from lists; the last one of a list repeats. Keeps what it was asked. */
class Script implements GroupChannel {
  joins: Answer<Partial<JoinAnswer>>[] = [{}]
  syncs: Answer<Partial<SyncAnswer>>[] = [{}]
  beats: Answer<number>[] = [0]
  readonly asked: string[] = []
  readonly leaves: { member: MemberIdentity; reason: string }[] = []
  readonly members: MemberIdentity[] = []
  sent: readonly { memberId: string; assignment: Buffer }[] = []
  forgotten = 0

  async join(member: MemberIdentity): Promise<JoinAnswer> {
    this.asked.push('join')
    this.members.push(member)
    const answer = await next(this.joins)
    return {
      errorCode: 0,
      generationId: 1,
      protocolType: 'test',
      protocolName: 'p',
      leader: 'm1',
      memberId: 'm2',
      skipAssignment: false,
      members: [],
      ...answer,
    }
  }
  async sync(_: MemberIdentity, __: string, assignments: Script['sent']): Promise<SyncAnswer> {
    this.asked.push('sync')
    this.sent = assignments
    const answer = await next(this.syncs)
    return { errorCode: 0, protocolType: 'test', protocolName: 'p', assignment: Buffer.from('mine'), ...answer }
  }
  async heartbeat(): Promise<number> {
    this.asked.push('beat')
    return await next(this.beats)
  }
  async leave(member: MemberIdentity, reason: string): Promise<number> {
    this.leaves.push({ member, reason })
    return 0
  }
  forgetCoordinator(): void {
    this.forgotten++
  }
}

async function next<T>(list: Answer<T>[]): Promise<T> {
  const answer = list.length > 1 ? list.shift()! : list[0]!
  if (answer instanceof Error) throw answer
  return typeof answer === 'function' ? await (answer as () => T)() : answer
}

/** A good heartbeat that tells the test of itself. */
function answered(tell: () => void): () => number {
  return () => {
    tell()
    return 0
  }
}

let open: GroupMember | undefined
afterEach(() => open?.destroy())

function make(script: Script, more: Partial<GroupMemberOptions> = {}) {
  let hear: () => void = () => {}
  const led: (readonly JoinedMember[])[] = []
  const options = {
    groupId: 'g',
    groupInstanceId: null,
    protocolType: 'test',
    sessionTimeoutMs: 200,
    heartbeatIntervalMs: 5,
    maxPollIntervalMs: 60_000,
    channel: script,
    backoff: { initialMs: 1, maxMs: 2 },
    ...more,
  }
  const member = new GroupMember(options, {
    protocols: () => [{ name: 'p', metadata: Buffer.from('meta') }],
    assign: async (_protocol, members) => {
      led.push(members)
      return new Map(members.map((one) => [one.memberId, Buffer.from(one.memberId)]))
    },
    wake: () => hear(),
  })
  open = member
  const woken = () => new Promise<void>((resolve) => (hear = resolve))
  return { member, led, woken }
}

async function joinUntilDone(member: GroupMember) {
  for (;;) {
    const joined = await member.join()
    if (joined !== undefined) return joined
  }
}

describe('group member', () => {
  it('joins as a follower: gets its assignment, beats, leaves with its identity', async () => {
    const script = new Script()
    const { member } = make(script)
    const joined = await joinUntilDone(member)
    assert.deepEqual(joined, {
      generationId: 1,
      memberId: 'm2',
      protocol: 'p',
      isLeader: false,
      assignment: Buffer.from('mine'),
    })
    assert.equal(member.state, 'stable')
    assert.equal(member.needsJoin, false)
    assert.deepEqual(script.sent, [])
    await new Promise<void>((resolve) => {
      script.beats = [answered(resolve)]
    })
    await member.close({ timeoutMs: 100 })
    assert.equal(member.state, 'closed')
    assert.deepEqual(
      script.leaves.map((one) => one.member),
      [{ memberId: 'm2', groupInstanceId: null, generationId: 1 }],
    )
  })

  it('joins as the leader: divides what the coordinator lists', async () => {
    const script = new Script()
    const members = ['m2', 'm3'].map((memberId) => ({
      memberId,
      groupInstanceId: null,
      metadata: Buffer.from(memberId),
    }))
    script.joins = [{ leader: 'm2', members }]
    const { member, led } = make(script)
    assert.equal((await joinUntilDone(member)).isLeader, true)
    assert.deepEqual(led, [members])
    assert.deepEqual(
      script.sent.map((one) => one.memberId),
      ['m2', 'm3'],
    )
  })

  it('takes the member id it is given and joins again with it', async () => {
    const script = new Script()
    script.joins = [{ errorCode: ErrorCode.MEMBER_ID_REQUIRED, memberId: 'given' }, { memberId: 'given' }]
    const { member } = make(script)
    await joinUntilDone(member)
    assert.deepEqual(
      script.members.map((one) => one.memberId),
      ['', 'given'],
    )
    assert.equal(member.takeLost(), undefined)
  })

  it('looks for the coordinator again when it moved, is loading, or the connection broke', async () => {
    const script = new Script()
    script.joins = [
      { errorCode: ErrorCode.NOT_COORDINATOR },
      { errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS },
      disconnected('gone'),
      {},
    ]
    script.syncs = [disconnected('gone'), { errorCode: ErrorCode.REBALANCE_IN_PROGRESS }, {}]
    const { member } = make(script)
    await joinUntilDone(member)
    assert.equal(script.forgotten, 3)
    assert.equal(script.asked.filter((one) => one === 'join').length, 6)
    assert.equal(script.members.at(-1)!.memberId, 'm2')
  })

  it('goes to rebalance on a heartbeat answer, stays a member, and rejoins with its identity', async () => {
    const script = new Script()
    script.beats = [0, ErrorCode.REBALANCE_IN_PROGRESS, 0]
    const { member, woken } = make(script)
    await joinUntilDone(member)
    await woken()
    assert.equal(member.state, 'rebalancing')
    assert.equal(member.needsJoin, true)
    assert.equal(member.generationId, 1)
    script.joins = [{ generationId: 2 }]
    assert.equal((await joinUntilDone(member)).generationId, 2)
    assert.equal(script.members.at(-1)!.generationId, 1)
    assert.equal(member.takeLost(), undefined)
  })

  for (const code of [ErrorCode.UNKNOWN_MEMBER_ID, ErrorCode.ILLEGAL_GENERATION]) {
    it(`loses its generation when a heartbeat is answered with code ${code}`, async () => {
      const script = new Script()
      script.beats = [code]
      const { member, woken } = make(script)
      await joinUntilDone(member)
      await woken()
      assert.equal(member.state, 'unjoined')
      assert.equal(member.generationId, -1)
      assert.equal(member.memberId, code === ErrorCode.ILLEGAL_GENERATION ? 'm2' : '')
      assert.match(member.takeLost()!, /does not know this member/)
      assert.equal(member.takeLost(), undefined)
      await joinUntilDone(member)
      assert.equal(member.state, 'stable')
    })
  }

  it('ends with one error, told with advice, when it is fenced', async () => {
    const script = new Script()
    script.beats = [ErrorCode.FENCED_INSTANCE_ID]
    const { member, woken } = make(script, { groupInstanceId: 'i' })
    await joinUntilDone(member)
    await woken()
    assert.match(member.takeFailure()!.message, /FENCED_INSTANCE_ID.*give each member its own/)
    assert.equal(member.takeFailure(), undefined)
  })

  it('an inconsistent protocol is thrown, and the next join starts clean', async () => {
    const script = new Script()
    script.joins = [{ errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL }, {}]
    const { member } = make(script)
    await assert.rejects(member.join(), { name: 'InconsistentGroupProtocolException', retriable: false })
    await joinUntilDone(member)
  })

  it('leaves by itself when the owner does not poll, and says that its part is lost', async () => {
    const script = new Script()
    const { member, woken } = make(script, { maxPollIntervalMs: 20 })
    await joinUntilDone(member)
    await woken()
    assert.equal(member.state, 'unjoined')
    assert.match(script.leaves[0]!.reason, /max.poll.interval.ms/)
    assert.match(member.takeLost()!, /max.poll.records/)
  })

  it('forgets the coordinator when no heartbeat is answered for the session timeout, and beats on', async () => {
    const script = new Script()
    script.beats = [disconnected('gone')]
    const { member } = make(script, { sessionTimeoutMs: 20 })
    await joinUntilDone(member)
    await new Promise<void>((resolve) => {
      script.forgetCoordinator = resolve
    })
    assert.equal(member.state, 'stable')
    await new Promise<void>((resolve) => {
      script.beats = [answered(resolve)]
    })
  })

  it('a static member does not tell when it closes', async () => {
    const script = new Script()
    const { member } = make(script, { groupInstanceId: 'i' })
    await joinUntilDone(member)
    await member.close({ timeoutMs: 100 })
    assert.deepEqual(script.leaves, [])
  })

  it('a join that a close overtakes ends as nothing', async () => {
    const script = new Script()
    let answer: (value: Partial<JoinAnswer>) => void = () => {}
    script.joins = [() => new Promise<Partial<JoinAnswer>>((resolve) => (answer = resolve))]
    const { member } = make(script)
    const join = member.join()
    await member.close({ timeoutMs: 100 })
    answer({})
    assert.equal(await join, undefined)
    assert.equal(member.state, 'closed')
  })

  it('a rejoin asked for during a join follows it', async () => {
    const script = new Script()
    const { member } = make(script)
    const join = member.join()
    member.requestRejoin('topics changed')
    assert.notEqual(await join, undefined)
    assert.equal(member.state, 'rebalancing')
  })

  it('an illegal move throws and names the allowed ones', () => {
    assert.throws(
      () => checkMove('g', 'stable', 'joining'),
      /from stable to joining.*unjoined, rebalancing, leaving, closed/,
    )
    assert.throws(() => checkMove('g', 'closed', 'unjoined'), /Allowed from closed: none/)
  })
})
