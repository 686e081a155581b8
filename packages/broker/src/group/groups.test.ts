// Classic groups over the wire: generations, fencing, static members, offsets, and what survives a restart.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DeleteGroups,
  DescribeGroups,
  ErrorCode,
  Heartbeat,
  JoinGroup,
  LeaveGroup,
  ListGroups,
  OffsetCommit,
  OffsetDelete,
  OffsetFetch,
  SyncGroup,
} from '@millrace/kafka/protocol'
import { createTopic, startHarness } from '../testing/harness.ts'
import type { RawClient } from '../testing/raw-client.ts'

const metadata = (text: string) => [
  { name: 'range', metadata: Buffer.from(text) },
  { name: 'sticky', metadata: Buffer.from(text) },
]

function join(client: RawClient, memberId: string, o: { instance?: string; text?: string; type?: string } = {}) {
  return client.send(JoinGroup, {
    groupId: 'g',
    sessionTimeoutMs: 6000,
    rebalanceTimeoutMs: 5000,
    memberId,
    groupInstanceId: o.instance ?? null,
    protocolType: o.type ?? 'connect',
    protocols: metadata(o.text ?? 'm'),
  })
}

/** Joins as a new dynamic member: first the id, then the join itself. */
async function enter(client: RawClient, text = 'm') {
  const first = await join(client, '')
  assert.equal(first.errorCode, ErrorCode.MEMBER_ID_REQUIRED)
  return join(client, first.memberId, { text })
}

function sync(client: RawClient, generationId: number, memberId: string, given: Record<string, string> = {}) {
  const assignments = Object.entries(given).map(([id, text]) => ({ memberId: id, assignment: Buffer.from(text) }))
  return client.send(SyncGroup, { groupId: 'g', generationId, memberId, assignments })
}

const beat = async (client: RawClient, generationId: number, memberId: string, groupInstanceId?: string) =>
  (await client.send(Heartbeat, { groupId: 'g', generationId, memberId, groupInstanceId: groupInstanceId ?? null }))
    .errorCode

async function commit(client: RawClient, offset: number, who: { memberId?: string; generation?: number } = {}) {
  const { topics } = await client.send(OffsetCommit, {
    groupId: 'g',
    generationIdOrMemberEpoch: who.generation ?? -1,
    memberId: who.memberId ?? '',
    topics: [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: offset, committedMetadata: 'note' }] }],
  })
  return topics[0]!.partitions[0]!.errorCode
}

async function committed(client: RawClient) {
  const { groups } = await client.send(OffsetFetch, { groups: [{ groupId: 'g', topics: null }], requireStable: true })
  return groups[0]!.topics.flatMap((x) => x.partitions.map((p) => `${x.name}-${p.partitionIndex}:${p.committedOffset}`))
}

test('two members: the leader assigns, both get their part, a leave makes a new generation', async (t) => {
  const { client } = await startHarness(t)
  const [a, b] = [await client(), await client()]
  const alone = await enter(a, 'A')
  assert.deepEqual([alone.generationId, alone.protocolName, alone.leader], [1, 'range', alone.memberId])
  await sync(a, 1, alone.memberId, { [alone.memberId]: 'all' })
  assert.equal(await beat(a, 1, alone.memberId), ErrorCode.NONE)

  const entering = enter(b, 'B')
  while ((await beat(a, 1, alone.memberId)) !== ErrorCode.REBALANCE_IN_PROGRESS);
  const again = await join(a, alone.memberId, { text: 'A2' })
  const second = await entering
  assert.equal(again.generationId, 2)
  assert.deepEqual(again.members.map((m) => m.metadata.toString()).sort(), ['A2', 'B'])
  assert.deepEqual([second.leader, second.members.length], [alone.memberId, 0])
  assert.equal(await beat(b, 1, second.memberId), ErrorCode.ILLEGAL_GENERATION)
  assert.equal(await beat(b, 2, 'nobody'), ErrorCode.UNKNOWN_MEMBER_ID)

  const waiting = sync(b, 2, second.memberId)
  const mine = await sync(a, 2, alone.memberId, { [alone.memberId]: 'first', [second.memberId]: 'second' })
  assert.equal(mine.assignment.toString(), 'first')
  assert.equal((await waiting).assignment.toString(), 'second')

  const { groups } = await a.send(DescribeGroups, { groups: ['g', 'none'] })
  assert.deepEqual(
    groups.map((g) => [g.groupId, g.groupState, g.protocolType, g.protocolData, g.members.length]),
    [
      ['g', 'Stable', 'connect', 'range', 2],
      ['none', 'Dead', '', '', 0],
    ],
  )
  await b.send(LeaveGroup, { groupId: 'g', members: [{ memberId: second.memberId }] })
  assert.equal(await beat(a, 2, alone.memberId), ErrorCode.REBALANCE_IN_PROGRESS)
  assert.equal((await join(a, alone.memberId)).generationId, 3)
  assert.equal((await join(b, second.memberId)).errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
})

test('an empty group waits group.initial.rebalance.delay.ms, so that members that start together meet in one generation', async (t) => {
  const { client } = await startHarness(t, { config: { 'group.initial.rebalance.delay.ms': 150 } })
  const clients = [await client(), await client(), await client()]
  const joined = await Promise.all(clients.map((c) => enter(c)))
  assert.deepEqual(
    joined.map((j) => j.generationId),
    [1, 1, 1],
  )
  assert.equal(joined.find((j) => j.memberId === j.leader)?.members.length, 3)
})

test('a member of another protocol type is refused', async (t) => {
  const { client } = await startHarness(t)
  const [a, b] = [await client(), await client()]
  await enter(a)
  assert.equal((await join(b, '', { type: 'consumer' })).errorCode, ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
  assert.equal(
    (
      await b.send(JoinGroup, {
        groupId: '',
        sessionTimeoutMs: 6000,
        memberId: '',
        protocolType: 'x',
        protocols: metadata('x'),
      })
    ).errorCode,
    ErrorCode.INVALID_GROUP_ID,
  )
  assert.equal(
    (
      await b.send(JoinGroup, {
        groupId: 'g',
        sessionTimeoutMs: 1,
        memberId: '',
        protocolType: 'connect',
        protocols: metadata('x'),
      })
    ).errorCode,
    ErrorCode.INVALID_SESSION_TIMEOUT,
  )
})

test('a static member comes back under a new id without a rebalance, and its old id is fenced', async (t) => {
  const { client } = await startHarness(t)
  const [a, b] = [await client(), await client()]
  const first = await join(a, '', { instance: 'one' })
  assert.equal(first.errorCode, ErrorCode.NONE)
  await sync(a, 1, first.memberId, { [first.memberId]: 'all' })
  const back = await join(b, '', { instance: 'one' })
  assert.deepEqual([back.errorCode, back.generationId, back.skipAssignment], [ErrorCode.NONE, 1, true])
  assert.notEqual(back.memberId, first.memberId)
  assert.equal((await sync(b, 1, back.memberId)).assignment.toString(), 'all')
  assert.equal(await beat(a, 1, first.memberId, 'one'), ErrorCode.FENCED_INSTANCE_ID)
  assert.equal(await beat(b, 1, back.memberId, 'one'), ErrorCode.NONE)
  const removed = await a.send(LeaveGroup, { groupId: 'g', members: [{ memberId: '', groupInstanceId: 'one' }] })
  assert.equal(removed.members[0]?.errorCode, ErrorCode.NONE)
  assert.equal(await beat(b, 1, back.memberId, 'one'), ErrorCode.UNKNOWN_MEMBER_ID)
})

test('members that fall silent lose their place; those that wait in a join keep it', async (t) => {
  const { client } = await startHarness(t, { config: { 'group.min.session.timeout.ms': 20 } })
  const [a, b] = [await client(), await client()]
  const short = (c: RawClient, memberId: string) =>
    c.send(JoinGroup, {
      groupId: 'g',
      sessionTimeoutMs: 60,
      rebalanceTimeoutMs: 30_000,
      memberId,
      protocolType: 'connect',
      protocols: metadata('m'),
    })
  const id = (await short(a, '')).memberId
  const silent = await short(a, id)
  await sync(a, 1, silent.memberId)
  // The newcomer waits in its join until the silent member's session is over.
  const { memberId } = await short(b, '')
  const joined = await short(b, memberId)
  assert.deepEqual([joined.generationId, joined.members.length], [2, 1])
  assert.equal(await beat(a, 1, silent.memberId), ErrorCode.UNKNOWN_MEMBER_ID)
})

test('commits are fenced by member and generation, and simple consumers may commit to an empty group', async (t) => {
  const { client } = await startHarness(t)
  const a = await client()
  await createTopic(a, 't')
  assert.equal(await commit(a, 5, { generation: 3, memberId: 'x' }), ErrorCode.ILLEGAL_GENERATION)
  assert.equal(await commit(a, 5), ErrorCode.NONE)
  assert.deepEqual(await committed(a), ['t-0:5'])
  const { memberId, generationId } = await enter(a)
  assert.equal(await commit(a, 6, { memberId, generation: generationId }), ErrorCode.REBALANCE_IN_PROGRESS)
  await sync(a, generationId, memberId)
  assert.equal(await commit(a, 6, { memberId, generation: generationId }), ErrorCode.NONE)
  assert.equal(await commit(a, 7, { memberId, generation: generationId - 1 }), ErrorCode.ILLEGAL_GENERATION)
  assert.equal(await commit(a, 7, { memberId: 'other', generation: generationId }), ErrorCode.UNKNOWN_MEMBER_ID)
  assert.equal(await commit(a, 7), ErrorCode.UNKNOWN_MEMBER_ID)
  assert.deepEqual(await committed(a), ['t-0:6'])
  const { topics } = await a.send(OffsetCommit, {
    groupId: 'g',
    generationIdOrMemberEpoch: generationId,
    memberId,
    topics: [
      { name: 'none', partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: null }] },
      { name: 't', partitions: [{ partitionIndex: 0, committedOffset: 9, committedMetadata: 'x'.repeat(5000) }] },
    ],
  })
  assert.deepEqual(
    topics.map((x) => x.partitions[0]?.errorCode),
    [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.OFFSET_METADATA_TOO_LARGE],
  )
})

test('groups are listed, emptied, deleted; offsets deleted one by one and with their topic', async (t) => {
  const { client, broker } = await startHarness(t)
  const a = await client()
  await createTopic(a, 't')
  const { memberId } = await enter(a)
  await sync(a, 1, memberId)
  await commit(a, 3, { memberId, generation: 1 })
  assert.equal((await a.send(DeleteGroups, { groupsNames: ['g'] })).results[0]?.errorCode, ErrorCode.NON_EMPTY_GROUP)
  const wanted = { groupId: 'g', topics: [{ name: 't', partitions: [{ partitionIndex: 0 }] }] }
  assert.equal((await a.send(OffsetDelete, wanted)).errorCode, ErrorCode.NON_EMPTY_GROUP)
  await a.send(LeaveGroup, { groupId: 'g', members: [{ memberId }] })
  const listed = await a.send(ListGroups, { statesFilter: ['empty'], typesFilter: ['classic'] })
  assert.deepEqual(
    listed.groups.map((g) => [g.groupId, g.groupState, g.groupType]),
    [['g', 'Empty', 'classic']],
  )
  assert.deepEqual((await a.send(ListGroups, { statesFilter: ['Stable'] })).groups, [])
  const deleted = await a.send(OffsetDelete, wanted)
  assert.equal(deleted.topics[0]?.partitions[0]?.errorCode, ErrorCode.NONE)
  assert.deepEqual(await committed(a), [])
  assert.equal((await a.send(DeleteGroups, { groupsNames: ['g'] })).results[0]?.errorCode, ErrorCode.NONE)
  assert.equal((await a.send(DeleteGroups, { groupsNames: ['g'] })).results[0]?.errorCode, ErrorCode.GROUP_ID_NOT_FOUND)
  await broker.close()
})

test('generation, members, assignments and offsets survive a restart: nobody has to rebalance', async (t) => {
  const first = await startHarness(t)
  const a = await first.client()
  await createTopic(a, 't')
  const { memberId, generationId } = await enter(a, 'meta')
  await sync(a, generationId, memberId, { [memberId]: 'my part' })
  await commit(a, 42, { memberId, generation: generationId })
  await first.broker.close()

  const second = await startHarness(t, { dataDir: first.dataDir })
  const b = await second.client()
  assert.equal(await beat(b, generationId, memberId), ErrorCode.NONE)
  assert.equal((await sync(b, generationId, memberId)).assignment.toString(), 'my part')
  assert.deepEqual(await committed(b), ['t-0:42'])
  await second.broker.houseKeep()
  await second.broker.close()

  const third = await startHarness(t, { dataDir: first.dataDir })
  const c = await third.client()
  assert.deepEqual(await committed(c), ['t-0:42'])
  assert.equal(await beat(c, generationId + 1, memberId), ErrorCode.ILLEGAL_GENERATION)
})

test('offsets of a group nobody used for offsets.retention.minutes are forgotten', async (t) => {
  let now = Date.now()
  const { client, broker } = await startHarness(t, { now: () => now, config: { 'offsets.retention.minutes': 10 } })
  const a = await client()
  await createTopic(a, 't')
  await commit(a, 1)
  now += 9 * 60_000
  await broker.houseKeep()
  assert.deepEqual(await committed(a), ['t-0:1'])
  now += 2 * 60_000
  await broker.houseKeep()
  assert.deepEqual(await committed(a), [])
  assert.deepEqual((await a.send(ListGroups, {})).groups, [])
})
