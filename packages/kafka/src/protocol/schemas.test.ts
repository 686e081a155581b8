// The definitions against the schemas inside Kafka's own jar: every message, every version, both directions.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { findKafkaLib } from '@millrace/testkit'
import type { Api } from './api.ts'
import * as messages from './messages/index.ts'
import { ByteReader } from './reader.ts'
import { readJar } from './testing/jar.ts'
import { parseSchema, type Schema, type Value, VersionedSchema, versionRange } from './testing/schema.ts'
import { ByteWriter } from './writer.ts'

const FOLDER = 'common/message/'
const ROUNDS = 12
const SEED = 20_261_122
const APIS = Object.values(messages) as readonly Api[]

async function whyNoJar(): Promise<string | undefined> {
  try {
    await findKafkaLib()
    return undefined
  } catch (error) {
    return String(error)
  }
}

/** The same numbers in every run (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What was decoded has all that was encoded; fields the version lacks may stand beside it with their defaults. */
function assertHolds(actual: unknown, expected: Value, path: string): void {
  if (Array.isArray(expected)) {
    assert.equal((actual as readonly unknown[]).length, expected.length, path)
    for (const [at, one] of expected.entries()) assertHolds((actual as readonly unknown[])[at], one, `${path}[${at}]`)
  } else if (typeof expected === 'object' && expected !== null && !Buffer.isBuffer(expected)) {
    for (const [name, one] of Object.entries(expected)) {
      assertHolds((actual as Readonly<Record<string, unknown>>)[name], one, `${path}.${name}`)
    }
  } else assert.deepEqual(actual, expected, path)
}

describe("definitions and Kafka's schemas", { skip: await whyNoJar() }, () => {
  const schemas = new Map<string, Schema>()
  before(async () => {
    const lib = await findKafkaLib()
    const jar = readdirSync(lib).find((name) => /^kafka-clients-.*\.jar$/.test(name)) as string
    const texts = readJar(join(lib, jar), (name) => name.startsWith(FOLDER) && name.endsWith('.json'))
    for (const text of texts.values()) {
      const schema = parseSchema(text)
      schemas.set(schema.name, schema)
    }
  })
  const schemaOf = (name: string): Schema => {
    const schema = schemas.get(name)
    assert.ok(schema !== undefined, `Kafka has no message ${name}`)
    return schema
  }

  for (const api of APIS) {
    it(`${api.name}`, () => {
      const random = randomFrom(SEED + api.key)
      for (const direction of ['request', 'response'] as const) {
        const schema = schemaOf(`${api.name}${direction === 'request' ? 'Request' : 'Response'}`)
        assert.equal(schema.apiKey, api.key)
        const [flexibleFrom] = versionRange(schema.flexibleVersions)
        if (schema.flexibleVersions !== 'none') assert.equal(api.flexibleFrom, flexibleFrom)
        const [from, to] = versionRange(schema.validVersions)
        assert.ok(api.maxVersion <= to, `version ${api.maxVersion} is not one of Kafka's, which end at ${to}`)
        for (let version = Math.max(from, api.minVersion); version <= api.maxVersion; version++) {
          const versioned = new VersionedSchema(schema, version, random)
          for (let round = 0; round < ROUNDS; round++) {
            const value = versioned.value()
            const bytes = versioned.encode(value)
            const path = `${direction} v${version}`
            const from = new ByteReader(bytes)
            assertHolds(api[direction](version).read(from), value, path)
            assert.equal(from.remaining, 0, `${path} leaves bytes unread`)
            const out = new ByteWriter()
            api[direction](version).write(out, value)
            assertHolds(api[direction](version).read(new ByteReader(out.bytes())), value, `${path}, written`)
            if (!hasDefaultTag(versioned, value, out.bytes())) assert.deepEqual(out.bytes(), bytes, path)
          }
        }
      }
    })
  }
})

/** A tagged field that happens to have its default is left out when written: shorter bytes with the same meaning. */
function hasDefaultTag(versioned: VersionedSchema, value: Readonly<Record<string, Value>>, written: Buffer): boolean {
  return written.length < versioned.encode(value).length
}
