// Two writers at once: what must never happen does, and still no id stands for two schemas.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BUILTIN_LANGUAGES } from '../builtin-languages.ts'
import { Registry } from '../registry.ts'
import { encodeKey, type RegistryRecord } from '../topic/format.ts'
import type { RegistryLog } from './log.ts'
import { RegistryState } from './state.ts'

const content = (schema: string) => ({
  schemaType: 'AVRO' as const,
  schema,
  references: [],
  metadata: null,
  ruleSet: null,
})

/** A log in memory. `meanwhile` are records of another writer that come just before our next one. */
class SharedLog implements RegistryLog {
  readonly state = new RegistryState()
  readonly records: RegistryRecord[] = []
  meanwhile: RegistryRecord[] = []

  async append(record: RegistryRecord) {
    for (const other of this.meanwhile.splice(0)) this.#write(other)
    return this.#write(record)
  }

  async catchUp() {}

  #write(record: RegistryRecord) {
    this.records.push(record)
    return this.state.apply(record, 0)
  }

  /** What a reader has that starts now, after compaction. */
  replayed(): RegistryState {
    const last = new Map<string, RegistryRecord>()
    for (const record of this.records) {
      const key = encodeKey(record.key).toString()
      last.delete(key)
      last.set(key, record)
    }
    const state = new RegistryState()
    for (const record of last.values()) state.apply(record, 0)
    return state
  }
}

function registryOn(log: SharedLog): Registry {
  return new Registry({
    state: log.state,
    log,
    languages: BUILTIN_LANGUAGES,
    defaultLevel: 'BACKWARD',
    modesMayChange: true,
    about: { clusterId: null, groupId: '', version: '', commitId: '' },
  })
}

test('who finds its id taken takes the next one, and leaves nothing behind', async () => {
  const log = new SharedLog()
  const theirs = { ...content('"long"'), subject: 'theirs', version: 1, id: 1, deleted: false }
  log.meanwhile = [{ key: { keytype: 'SCHEMA', subject: 'theirs', version: 1 }, value: theirs }]
  const { schemas } = registryOn(log)
  const mine = await schemas.register('mine', { content: content('"int"'), version: 0, id: -1 }, false, false)
  assert.deepEqual([mine.id, mine.version], [2, 1])
  for (const state of [log.state, log.replayed()]) {
    assert.deepEqual([...(state.versionsOfId('.', 1) ?? [])], [['theirs', 1]])
    assert.deepEqual([...(state.versionsOfId('.', 2) ?? [])], [['mine', 1]])
    assert.equal(state.version('mine', 1)?.schema, '"int"')
  }
})

test('who never finds a free id says so', async () => {
  const log = new SharedLog()
  const { schemas } = registryOn(log)
  let taken = 0
  const append = log.append.bind(log)
  log.append = async (record) => {
    if (record.value !== null) {
      const value = {
        ...content(`{"type":"fixed","name":"F","size":${++taken}}`),
        subject: 'theirs',
        version: taken,
        id: taken,
      }
      log.meanwhile = [
        { key: { keytype: 'SCHEMA', subject: 'theirs', version: taken }, value: { ...value, deleted: false } },
      ]
    }
    return append(record)
  }
  await assert.rejects(
    schemas.register('mine', { content: content('"int"'), version: 0, id: -1 }, false, false),
    (error: Error & { code?: number }) => error.code === 50001 && /already in use/.test(error.message),
  )
  assert.deepEqual(log.state.subjects(), ['theirs'])
})
