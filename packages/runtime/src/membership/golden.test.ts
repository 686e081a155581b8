// Our messages and our assignments against those of Apache Kafka Connect's own classes, byte for byte.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import {
  type Assignment,
  type ConnectProtocolVersion,
  decodeAssignment,
  decodeMetadata,
  encodeAssignment,
  encodeMetadata,
} from './connect-protocol.ts'
import { history } from './testing/histories.ts'

function golden(file: string): readonly string[] {
  return readFileSync(new URL(`../../../testkit/golden/membership/${file}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
}

interface Message {
  readonly kind: 'metadata' | 'assignment'
  readonly version: ConnectProtocolVersion
  readonly url: string
  readonly configOffset: number
  readonly assignment: Assignment | null
  readonly hex: string
}

describe('the connect protocol', () => {
  for (const line of golden('protocol.jsonl')) {
    const { kind, version, url, configOffset, assignment, hex } = JSON.parse(line) as Message
    it(`${kind} of version ${version}: ${hex.slice(0, 80)}`, () => {
      const bytes = Buffer.from(hex, 'hex')
      if (kind === 'assignment') {
        assert.equal(encodeAssignment(assignment!, version).toString('hex'), hex)
        assert.deepEqual(unordered(decodeAssignment(bytes)), unordered(assignment!))
      } else {
        const state = { url, configOffset, allocation: assignment }
        assert.equal(encodeMetadata(state, version).toString('hex'), hex)
        const read = decodeMetadata(bytes)
        assert.deepEqual(
          { ...read, allocation: unordered(read.allocation) },
          { ...state, allocation: unordered(assignment) },
        )
      }
    })
  }
})

describe('the assignors', () => {
  it('answer as the reference does in every round of thousands of histories', () => {
    const wrong: string[] = []
    const lines = golden('histories.txt')
    for (const line of lines) {
      const seed = Number(line.split(' ')[0])
      const digest = createHash('sha256')
      for (const { members, answer } of history(seed).rounds) {
        for (const [, metadata] of members) digest.update(Buffer.from(metadata, 'base64'))
        for (const [id] of members) digest.update(answer.get(id)!)
      }
      if (`${seed} ${digest.digest('hex').slice(0, 16)}` !== line) wrong.push(String(seed))
    }
    assert.ok(lines.length >= 1000)
    assert.deepEqual(wrong, [], 'seeds of histories with another outcome; see the README of the golden files')
  })
})

/** Connectors of an assignment stand in the order of a hash set. */
function unordered(assignment: Assignment | null): unknown {
  if (assignment === null) return null
  const { assigned } = assignment
  const tasks = assigned.tasks.map((one) => `${one.connector}/${one.task}`)
  return { ...assignment, assigned: { connectors: assigned.connectors.toSorted(), tasks: tasks.sort() } }
}
