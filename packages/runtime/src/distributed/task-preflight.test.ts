// Preflight of exactly-once tasks while the group changes: who waits, who gives up, and with which words.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLogger } from '@millrace/api'
import { BadRequestException, NotLeaderException, RestException } from '../control/errors.ts'
import { ClusterConfigState } from '../topics/config-topic/cluster-config-state.ts'
import { RequestQueue } from './request-queue.ts'
import { TaskPreflight } from './task-preflight.ts'

const ID = { connector: 'c', task: 1 }

function preflight(options: { readonly fence?: () => Promise<void>; readonly owns?: () => boolean } = {}) {
  const requests: RequestQueue = new RequestQueue(Date.now, () => void requests.serve())
  const records = { taskConfigs: new Map(), generation: 3, pendingFencing: false, inconsistent: false }
  const state = new ClusterConfigState(9, null, new Map([['c', records]]))
  return new TaskPreflight({
    requests,
    state: () => state,
    refresh: async () => {},
    owns: options.owns ?? (() => true),
    fence: options.fence ?? (async () => {}),
    log: silentLogger,
  })
}

test('fencing waits for a leader', async () => {
  const answers = [
    new NotLeaderException('Only the leader may perform zombie fencing.', null),
    new RestException(500, 'IO Error trying to forward REST request'),
    new RestException(409, 'Fencing failed because new task configurations were generated for the connector'),
  ]
  let asked = 0
  await preflight({
    fence: async () => {
      const answer = answers[asked++]
      if (answer !== undefined) throw answer
    },
  }).fence(ID)
  assert.equal(asked, 4)
})

test('fencing fails when the leader refuses, and when the task was given away meanwhile', async () => {
  const refuse = async () => {
    throw new BadRequestException('Connector c is not a source connector')
  }
  await assert.rejects(preflight({ fence: refuse }).fence(ID), /is not a source connector/)
  let owned = true
  const leaderless = async () => {
    owned = false
    throw new NotLeaderException('Only the leader may perform zombie fencing.', null)
  }
  await assert.rejects(
    preflight({ fence: leaderless, owns: () => owned }).fence(ID),
    /Cannot start source task c-1 as it has already been revoked from this worker/,
  )
})

test('a task begins only in the newest generation, and where it belongs', async () => {
  await preflight().verify(ID, 3)
  await assert.rejects(
    preflight().verify(ID, 2),
    /Cannot start source task c-1 with exactly-once support as the connector has already generated a new set of task configs/,
  )
  await assert.rejects(preflight({ owns: () => false }).verify(ID, 3), /already been revoked from this worker/)
})
