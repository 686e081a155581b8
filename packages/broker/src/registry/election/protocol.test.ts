// The election's messages, and who is chosen.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  choosePrimary,
  DUPLICATE_URLS,
  decodeAssignment,
  decodeIdentity,
  encodeAssignment,
  encodeIdentity,
  type Identity,
  NO_ERROR,
} from './protocol.ts'

const at = (host: string, more: Partial<Identity> = {}): Identity => ({
  host,
  port: 8081,
  scheme: 'http',
  eligible: true,
  leader: false,
  ...more,
})

test('reads what an instance of the reference says, and writes what it reads', () => {
  const identity = { host: 'a', port: 8081, master_eligibility: true, scheme: 'http', version: 1, leader: false }
  assert.deepEqual(decodeIdentity(Buffer.from(JSON.stringify(identity))), at('a'))
  assert.deepEqual(JSON.parse(encodeIdentity(at('a')).toString()), identity)
  const assignment = { error: 0, master: 'm1', master_identity: identity, version: 1 }
  const read = { error: NO_ERROR, memberId: 'm1', primary: at('a') }
  assert.deepEqual(decodeAssignment(Buffer.from(JSON.stringify(assignment))), read)
  assert.deepEqual(JSON.parse(encodeAssignment(read).toString()), assignment)
  assert.deepEqual(decodeAssignment(encodeAssignment({ ...read, memberId: null, primary: null })).primary, null)
})

test('the least URL of those that may be it; with sticky the one that is it', () => {
  const choose = (sticky: boolean, ...identities: Identity[]) =>
    choosePrimary(new Map(identities.map((one, index) => [`m${index}`, one])), sticky)
  assert.equal(choose(false, at('b'), at('a'), at('c')).memberId, 'm1')
  assert.equal(choose(false, at('b'), at('a', { eligible: false })).memberId, 'm0')
  assert.equal(choose(false, at('b', { leader: true }), at('a')).memberId, 'm1')
  assert.equal(choose(true, at('b', { leader: true }), at('a')).memberId, 'm0')
  assert.equal(choose(true, at('b', { leader: true }), at('a', { leader: true })).memberId, 'm1')
  assert.equal(choose(false, at('a', { eligible: false })).memberId, null)
  assert.equal(choose(false, at('a'), at('a')).error, DUPLICATE_URLS)
})
