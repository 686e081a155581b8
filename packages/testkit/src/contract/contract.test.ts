// The suites, run on small plugins that keep their contracts; and what they say of ones that do not.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import {
  type ConnectRecord,
  type Converter,
  DataException,
  defineConfig,
  type Headers,
  nonEmptyString,
  type Schema,
  type SchemaAndValue,
  Schemas,
  type Transformation,
  type Value,
} from '@millrace/api'
import { converterContract, transformationContract } from '../index.ts'

class Text implements Converter {
  readonly config = defineConfig({})
  configure(): void {}
  fromConnectData(_topic: string, _headers: Headers | null, _schema: Schema | null, value: Value): Buffer | null {
    if (value === null) return null
    if (typeof value !== 'string') throw new DataException('not a text')
    return Buffer.from(value)
  }
  toConnectData(_topic: string, _headers: Headers | null, bytes: Buffer | null): SchemaAndValue {
    return { schema: Schemas.OPTIONAL_STRING, value: bytes === null ? null : bytes.toString() }
  }
}

converterContract('a text converter', {
  converter: Text,
  samples: [
    { schema: Schemas.OPTIONAL_STRING, value: 'text ü' },
    { schema: Schemas.OPTIONAL_STRING, value: null },
    { schema: Schemas.STRING, value: '', back: { schema: Schemas.OPTIONAL_STRING, value: '' } },
  ],
  unwritable: [{ schema: Schemas.INT32, value: 5 }],
  nullBack: { schema: Schemas.OPTIONAL_STRING, value: null },
})

class Route implements Transformation {
  readonly config = defineConfig({
    suffix: { type: 'string', validator: nonEmptyString, importance: 'high', doc: 'What is put behind the topic.' },
  })
  #suffix = ''
  configure(configs: Readonly<Record<string, string | null>>): void {
    this.#suffix = this.config.parse(configs).suffix
  }
  apply(record: ConnectRecord): ConnectRecord | null {
    return record.topic === 'dropped' ? null : record.with({ topic: record.topic + this.#suffix })
  }
}

transformationContract('a router', {
  transformation: Route,
  cases: [
    { name: 'renames', configs: { suffix: '-x' }, record: {}, check: (record) => assert.equal(record.topic, 't-x') },
    { name: 'drops', configs: { suffix: '-x' }, record: { topic: 'dropped' }, check: null },
  ],
})

describe('the contract suites', () => {
  it('find faults', () => {
    const script = `
      import { Schemas, defineConfig } from '@millrace/api'
      import { converterContract, transformationContract, sourceContract } from '@millrace/testkit'
      class Bad {
        config = defineConfig({})
        configure() {}
        fromConnectData(t, h, s, value) { return Buffer.from(value) }
        toConnectData(t, h, bytes) { return { schema: Schemas.STRING, value: bytes?.toString() ?? null } }
        write(t, h, s, value, out) { out.utf8(value + ' '); return true }
        read(t, h, source, into) { into.schema = Schemas.STRING; into.value = source.buffer.toString() }
      }
      converterContract('bad', { converter: Bad, samples: [{ schema: Schemas.STRING, value: 'x' }], unreadable: [Buffer.from('x')] })
      class Mutates {
        config = defineConfig({})
        configure() {}
        apply(record) { record.value.seen = true; return record }
      }
      transformationContract('mutates', { transformation: Mutates, cases: [
        { name: 'marks', configs: {}, record: { value: { a: 1 } }, check: () => {} }] })`
    const { stdout } = spawnSync(process.execPath, ['--test-reporter=tap', '--input-type=module', '--eval', script], {
      cwd: new URL('../../../../', import.meta.url),
      encoding: 'utf8',
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    })
    const failed = [...stdout.matchAll(/^ +not ok \d+ - (.*)$/gm)].map((match) => match[1])
    assert.deepEqual(failed, [
      'writes directly what it gives as bytes',
      'reads directly what it reads from bytes, and keeps nothing of the batch',
      'reads null bytes',
      'refuses what it cannot read, and works on afterwards',
      'marks, of a SourceRecord',
      'takes a tombstone, or refuses it as data',
    ])
  })
})
