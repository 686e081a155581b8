// The contract of converters as tests: there and back, and the direct ways agree with the ways over bytes.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type Converter,
  DataException,
  Headers,
  type RawConfig,
  type Schema,
  type SchemaAndValue,
  schemaEquals,
  type Value,
  type ValueSlot,
  valueEquals,
} from '@millrace/api'
import { MemorySink, MemorySource } from '../byte-windows.ts'

/** Something to convert: schema and value, and what comes back when that is not the same. */
export interface ConverterSample extends SchemaAndValue {
  readonly back?: SchemaAndValue
  /** For messages. */
  readonly name?: string
}

/** A converter under test. */
export interface ConverterSubject {
  readonly converter: new () => Converter
  readonly configs?: RawConfig
  readonly samples: readonly ConverterSample[]
  /** What it must refuse to write, with a DataException. */
  readonly unwritable?: readonly SchemaAndValue[]
  /** What it must refuse to read, with a DataException. */
  readonly unreadable?: readonly Uint8Array[]
  /** What null bytes are read as; by default null without a schema. */
  readonly nullBack?: SchemaAndValue
}

const TOPIC = 'topic'

/** Declares the tests of the converter contract for one converter and configuration. */
export function converterContract(name: string, subject: ConverterSubject): void {
  const make = (isKey = false): Converter => {
    const converter = new subject.converter()
    converter.configure({ 'converter.type': isKey ? 'key' : 'value', ...subject.configs }, isKey)
    return converter
  }

  describe(`${name} keeps the converter contract`, () => {
    it('has a definition that explains itself', () => {
      for (const key of make().config.keys.values()) assert.ok(key.doc.length >= 10, `${key.name} is explained`)
    })

    it('brings back what it wrote, as a key and as a value', async () => {
      for (const isKey of [true, false]) {
        const converter = make(isKey)
        for (const sample of subject.samples) {
          const bytes = await converter.fromConnectData(TOPIC, new Headers(), sample.schema, sample.value)
          const back = await converter.toConnectData(TOPIC, new Headers(), bytes === null ? null : Buffer.from(bytes))
          assertSame(back, sample.back ?? sample, nameOf(sample))
        }
      }
    })

    it('writes directly what it gives as bytes', async () => {
      const converter = make()
      if (converter.write === undefined) return
      for (const { schema, value, ...sample } of subject.samples) {
        const expected = await converter.fromConnectData(TOPIC, new Headers(), schema, value)
        const sink = new MemorySink()
        const wrote = await converter.write(TOPIC, null, schema, value, sink)
        assert.equal(wrote, expected !== null, `${sample.name ?? 'sample'}: null or not`)
        assert.deepEqual(sink.written, expected === null ? Buffer.alloc(0) : Buffer.from(expected))
      }
    })

    it('reads directly what it reads from bytes, and keeps nothing of the batch', async () => {
      const converter = make()
      if (converter.read === undefined) return
      const into: ValueSlot = { schema: null, value: 'left over' }
      for (const sample of subject.samples) {
        const bytes = await converter.fromConnectData(TOPIC, new Headers(), sample.schema, sample.value)
        if (bytes === null) continue
        const expected = await converter.toConnectData(TOPIC, new Headers(), Buffer.from(bytes))
        const source = new MemorySource(bytes)
        await converter.read(TOPIC, null, source, into)
        source.destroy()
        assertSame(into, expected, nameOf(sample))
      }
    })

    it('reads null bytes', async () => {
      assertSame(
        await make().toConnectData(TOPIC, null, null),
        subject.nullBack ?? { schema: null, value: null },
        'null',
      )
    })

    it('refuses what it cannot write, and works on afterwards', async () => {
      const converter = make()
      for (const { schema, value } of subject.unwritable ?? []) {
        await assert.rejects(async () => converter.fromConnectData(TOPIC, null, schema, value), DataException)
        const { write } = converter
        if (write === undefined) continue
        await assert.rejects(
          async () => write.call(converter, TOPIC, null, schema, value, new MemorySink()),
          DataException,
        )
      }
      for (const sample of subject.samples) await converter.fromConnectData(TOPIC, null, sample.schema, sample.value)
    })

    it('refuses what it cannot read, and works on afterwards', async () => {
      const converter = make()
      for (const bytes of subject.unreadable ?? []) {
        await assert.rejects(async () => converter.toConnectData(TOPIC, null, Buffer.from(bytes)), DataException)
        const { read } = converter
        if (read === undefined) continue
        const into: ValueSlot = { schema: null, value: null }
        await assert.rejects(
          async () => read.call(converter, TOPIC, null, new MemorySource(bytes), into),
          DataException,
        )
      }
      assertSame(
        await converter.toConnectData(TOPIC, null, null),
        subject.nullBack ?? { schema: null, value: null },
        'null',
      )
    })

    it('can be closed', async () => {
      await make().close?.()
    })
  })
}

function assertSame(actual: SchemaAndValue, expected: SchemaAndValue, what: string): void {
  assert.ok(sameSchema(actual.schema, expected.schema), `${what}: the schema comes back`)
  assert.ok(sameValue(actual.value, expected.value), `${what}: ${print(actual.value)} is ${print(expected.value)}`)
}

function sameSchema(a: Schema | null, b: Schema | null): boolean {
  return a === null || b === null ? a === b : schemaEquals(a, b)
}

function sameValue(a: Value, b: Value): boolean {
  return Number.isNaN(a) ? Number.isNaN(b) : valueEquals(a, b)
}

function nameOf(sample: ConverterSample): string {
  return sample.name ?? `${sample.schema?.name ?? sample.schema?.type ?? 'no schema'} ${print(sample.value)}`
}

function print(value: Value): string {
  return JSON.stringify(value, (_key, one) => {
    if (typeof one === 'bigint') return `${one}n`
    return one instanceof Map ? [...one] : one
  })
}
