// Where groups live on disk: `__consumer_offsets`. Turns changes into records and, at a start, records into groups.

import type { InternalTopic, TransactionalWrite } from '../topics/internal-topic.ts'
import { Group } from './group.ts'
import {
  groupKey,
  groupValue,
  offsetKey,
  offsetValue,
  readGroupValue,
  readKey,
  readOffsetValue,
  type StoredGroup,
} from './group-records.ts'
import { Member } from './member.ts'
import type { CommittedOffset } from './offset-book.ts'

/** One offset to store or, with null, to forget. */
export interface OffsetChange {
  readonly topic: string
  readonly partition: number
  readonly offset: CommittedOffset | null
}

/** See the head of this file. */
export class GroupStore {
  readonly #topic: InternalTopic
  readonly #now: () => number

  constructor(topic: InternalTopic, now: () => number) {
    this.#topic = topic
    this.#now = now
  }

  partitionOf(groupId: string): number {
    return this.#topic.partitionOf(groupId)
  }

  /** @throws BrokerError when the disk refuses */
  saveOffsets(groupId: string, changes: readonly OffsetChange[], transaction?: TransactionalWrite): void {
    const timestamp = this.#now()
    const records = changes.map((c) => ({
      key: offsetKey(groupId, c.topic, c.partition),
      value: c.offset === null ? null : offsetValue(c.offset),
      timestamp,
    }))
    if (records.length > 0) this.#topic.write(groupId, records, transaction)
  }

  /** @throws BrokerError when the disk refuses */
  saveGroup(group: Group): void {
    this.#topic.write(group.groupId, [
      { key: groupKey(group.groupId), value: groupValue(group), timestamp: this.#now() },
    ])
  }

  /** @throws BrokerError when the disk refuses */
  eraseGroup(groupId: string): void {
    this.#topic.write(groupId, [{ key: groupKey(groupId), value: null, timestamp: this.#now() }])
  }

  /** Every group as it was stored last. */
  load(): Map<string, Group> {
    const groups = new Map<string, Group>()
    const stored = new Map<string, StoredGroup>()
    const group = (id: string): Group => {
      let found = groups.get(id)
      if (found === undefined) {
        found = new Group(id, this.#now())
        groups.set(id, found)
      }
      return found
    }
    this.#topic.replay((partition) => ({
      record: (key, value, producerId) => {
        const named = key === null ? undefined : readKey(key)
        if (named === undefined) return
        if (named.kind === 'group') {
          if (value === null) stored.delete(named.groupId)
          else stored.set(named.groupId, readGroupValue(value))
          group(named.groupId)
          return
        }
        const { offsets } = group(named.groupId)
        if (value === null) offsets.delete(named.topic, named.partition)
        else if (producerId < 0) offsets.set(named.topic, named.partition, readOffsetValue(value))
        else offsets.setPending(producerId, named.topic, named.partition, readOffsetValue(value))
      },
      ended: (producerId, commit) => {
        for (const g of groups.values()) {
          if (this.#topic.partitionOf(g.groupId) === partition) g.offsets.decide(producerId, commit)
        }
      },
    }))
    for (const [id, value] of stored) restore(group(id), value)
    for (const [id, g] of groups) if (!stored.has(id) && g.offsets.isEmpty) groups.delete(id)
    return groups
  }
}

function restore(group: Group, stored: StoredGroup): void {
  group.generationId = stored.generationId
  group.protocolType = stored.protocolType
  group.protocolName = stored.protocolName
  for (const m of stored.members) {
    const name = stored.protocolName ?? ''
    const member = new Member({ ...m, protocols: [{ name, metadata: m.subscription }] })
    member.assignment = m.assignment
    group.add(member, stored.protocolType)
  }
  group.leaderId = stored.leaderId
  group.restoreState(group.size > 0 ? 'Stable' : 'Empty', stored.stateSince)
}
