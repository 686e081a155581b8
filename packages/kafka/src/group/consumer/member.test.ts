// The membership against a coordinator whose every answer the test decides.
import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { until } from '@millrace/testkit'
import { disconnected } from '../../errors.ts'
import { ErrorCode } from '../../protocol/index.ts'
import {
  type ConsumerGroupChannel,
  type HeartbeatAnswer,
  type HeartbeatRequest,
  STATIC_LEAVE_EPOCH,
} from './channel.ts'
import { ConsumerMember, type ConsumerMemberOptions } from './member.ts'

const TOPIC = 'AAAAAAAAAAAAAAAAAAAAAQ'
const OWNED = [{ topicId: TOPIC, partitions: [0, 1] }]

type Answer = Partial<HeartbeatAnswer> | Error
/** With something that happens while the coordinator thinks. */
type Given = Answer | (() => Answer)

/** Answers from a list, then says that all is well. Keeps what it was told. */
class Script implements ConsumerGroupChannel {
  answers: Given[] = []
  readonly heard: HeartbeatRequest[] = []
  forgotten = 0

  async heartbeat(request: HeartbeatRequest): Promise<HeartbeatAnswer> {
    this.heard.push(request)
    const given = this.answers.shift() ?? {}
    const answer = typeof given === 'function' ? given() : given
    if (answer instanceof Error) throw answer
    return {
      throttleTimeMs: 0,
      errorCode: 0,
      errorMessage: null,
      memberId: request.memberId,
      memberEpoch: Math.max(1, request.memberEpoch),
      heartbeatIntervalMs: 20,
      assignment: null,
      ...answer,
    }
  }
  forgetCoordinator(): void {
    this.forgotten++
  }
}

describe('a member of a group that the coordinator divides', () => {
  const members: ConsumerMember[] = []
  afterEach(() => {
    for (const one of members.splice(0)) one.destroy()
  })
  const make = (options: Partial<ConsumerMemberOptions> = {}) => {
    const channel = new Script()
    const wanted = { names: ['t'], regex: '' }
    const member = new ConsumerMember(
      {
        groupId: 'g',
        groupInstanceId: null,
        rackId: 'r1',
        serverAssignor: 'uniform',
        maxPollIntervalMs: 60_000,
        channel,
        backoff: { initialMs: 1, maxMs: 5 },
        ...options,
      },
      { wanted: () => ({ ...wanted }), wake: () => {} },
    )
    members.push(member)
    const heard = (count: number) => until(`${count} heartbeats`, () => channel.heard.length >= count)
    return { channel, member, wanted, heard }
  }

  it('says everything when it joins, and then only news', async () => {
    const { channel, member, wanted, heard } = make()
    channel.answers = [{ memberEpoch: 3, assignment: { topicPartitions: OWNED } }]
    member.join()
    assert.equal(member.epoch, -1)
    await heard(2)
    const [join, quiet] = channel.heard
    assert.deepEqual(join, {
      memberId: member.memberId,
      memberEpoch: 0,
      instanceId: null,
      rackId: 'r1',
      rebalanceTimeoutMs: 60_000,
      serverAssignor: 'uniform',
      subscribedTopicNames: ['t'],
      subscribedTopicRegex: null,
      topicPartitions: [],
    })
    const nothing = { rackId: null, rebalanceTimeoutMs: -1, serverAssignor: null, subscribedTopicRegex: null }
    const silence = { memberId: member.memberId, memberEpoch: 3, instanceId: null, ...nothing }
    assert.deepEqual(quiet, { ...silence, subscribedTopicNames: null, topicPartitions: null })
    assert.deepEqual([member.epoch, member.state, member.target], [3, 'member', OWNED])
    member.acknowledge(OWNED)
    await until('the holdings are told', () => channel.heard.some((one) => one.topicPartitions === OWNED))
    wanted.names = ['t', 'u']
    member.subscriptionChanged()
    await until('the subscription is told', () => channel.heard.some((one) => one.subscribedTopicNames?.length === 2))
    assert.equal(channel.heard.filter((one) => one.topicPartitions?.length === 1).length, 1)
  })

  it('says everything again after a heartbeat that was not answered, and looks for the coordinator', async () => {
    const { channel, member, heard } = make()
    const gone = () => {
      member.acknowledge(OWNED)
      return disconnected('gone')
    }
    channel.answers = [{}, gone, { errorCode: ErrorCode.NOT_COORDINATOR }, {}]
    member.join()
    await heard(5)
    assert.equal(channel.forgotten, 2)
    assert.deepEqual(
      channel.heard.slice(2, 4).map((one) => [one.memberEpoch, one.subscribedTopicNames, one.topicPartitions]),
      [
        [1, ['t'], OWNED],
        [1, ['t'], OWNED],
      ],
    )
    assert.deepEqual([channel.heard[4]!.subscribedTopicNames, member.state], [null, 'member'])
  })

  for (const errorCode of [ErrorCode.UNKNOWN_MEMBER_ID, ErrorCode.FENCED_MEMBER_EPOCH]) {
    it(`is out after ${errorCode}, says nothing until it joins, and joins with the id it had`, async () => {
      const { channel, member, heard } = make()
      channel.answers = [{ memberEpoch: 5, assignment: { topicPartitions: OWNED } }, { errorCode }]
      member.join()
      await until('it is out', () => member.troubled)
      assert.deepEqual([member.state, member.epoch, member.target], ['unjoined', -1, undefined])
      assert.match(member.takeLost() ?? '', /coordinator answered/)
      assert.equal(member.takeFailure(), undefined)
      const { turn } = member
      member.join()
      await heard(3)
      assert.notEqual(member.turn, turn)
      const again = channel.heard[2]!
      assert.deepEqual([again.memberId, again.memberEpoch, again.topicPartitions], [member.memberId, 0, []])
    })
  }

  it('keeps what ends it for its owner, with what to do', async () => {
    const { channel, member } = make()
    channel.answers = [{ errorCode: ErrorCode.UNSUPPORTED_ASSIGNOR, errorMessage: 'only range' }]
    member.join()
    await until('it is out', () => member.troubled)
    assert.match(String(member.takeFailure()), /UNSUPPORTED_ASSIGNOR.*only range.*group\.remote\.assignor/)
    assert.equal(member.state, 'unjoined')
  })

  it('stays a member while topics may not be described', async () => {
    const { channel, member } = make()
    channel.answers = [{}, { errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED }]
    member.join()
    await until('it is refused', () => member.troubled)
    assert.match(String(member.takeFailure()), /TOPIC_AUTHORIZATION_FAILED.*DESCRIBE/)
    assert.deepEqual([member.state, member.takeLost()], ['member', undefined])
  })

  it('leaves by itself when its owner does not poll, and a static member says that it will be back', async () => {
    const { channel, member } = make({ maxPollIntervalMs: 100, groupInstanceId: 'one' })
    member.join()
    await until('it left', () => channel.heard.at(-1)?.memberEpoch === STATIC_LEAVE_EPOCH)
    await until('it is out', () => member.state === 'unjoined')
    assert.match(member.takeLost() ?? '', /max\.poll\.interval\.ms/)
    assert.equal(channel.heard.at(-1)!.instanceId, 'one')
    await member.leave({ timeoutMs: 100 })
    assert.equal(channel.heard.filter((one) => one.memberEpoch < 0).length, 1, 'it said goodbye twice')
  })
})
