// What goes into the requests of a fetch session, answer by answer.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type FetchPart, FetchSession } from './fetch-session.ts'

function part(partition: number, fetchOffset = 0, topicId = 'id'): FetchPart {
  return {
    topic: 't',
    topicId,
    partition,
    currentLeaderEpoch: 0,
    fetchOffset,
    lastFetchedEpoch: -1,
    partitionMaxBytes: 10,
  }
}

describe('fetch session', () => {
  it('is full first, then sends what changed and forgets what is no longer wanted', () => {
    const session = new FetchSession()
    assert.deepEqual(session.next([part(0), part(1)]), {
      sessionId: 0,
      sessionEpoch: 0,
      send: [part(0), part(1)],
      forget: [],
    })
    session.answered(9)
    assert.deepEqual(session.next([part(0), part(1, 5)]), {
      sessionId: 9,
      sessionEpoch: 1,
      send: [part(1, 5)],
      forget: [],
    })
    session.answered(9)
    assert.deepEqual(session.next([part(1, 5)]), { sessionId: 9, sessionEpoch: 2, send: [], forget: [part(0)] })
    session.answered(9)
    assert.deepEqual(session.next([part(0), part(1, 5)]).send, [part(0)])
  })

  it('replaces a topic that was made anew', () => {
    const session = new FetchSession()
    session.next([part(0)])
    session.answered(9)
    const { send, forget } = session.next([part(0, 0, 'other')])
    assert.deepEqual([send, forget], [[part(0, 0, 'other')], [part(0)]])
  })

  it('begins anew when the broker has no room, lost it, or the request failed', () => {
    const session = new FetchSession()
    session.next([part(0)])
    session.answered(0)
    assert.deepEqual(session.next([part(0)]), { sessionId: 0, sessionEpoch: 0, send: [part(0)], forget: [] })
    session.answered(4)
    session.next([part(0)])
    session.failed()
    // The old session is named, so that the broker can drop it.
    assert.deepEqual(session.next([part(0)]), { sessionId: 4, sessionEpoch: 0, send: [part(0)], forget: [] })
    session.answered(5)
    assert.equal(session.next([part(0)]).sessionEpoch, 1)
    session.lost()
    assert.deepEqual(session.next([part(0)]), { sessionId: 0, sessionEpoch: 0, send: [part(0)], forget: [] })
  })

  it('ends once', () => {
    const session = new FetchSession()
    assert.equal(session.close(), undefined)
    session.next([part(0)])
    session.answered(3)
    assert.deepEqual(session.close(), { sessionId: 3, sessionEpoch: -1, send: [], forget: [] })
    assert.equal(session.close(), undefined)
  })
})
