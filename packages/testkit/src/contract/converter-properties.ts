// What must hold of a converter for any schema and value, and for any bytes: random data by seed, and bytes that were mutated.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type Converter,
  DataException,
  Headers,
  type RawConfig,
  RetriableException,
  type Schema,
  type SchemaAndValue,
  schemaEquals,
  type Value,
  type ValueSlot,
  valueEquals,
} from '@millrace/api'
import { MemorySink, MemorySource } from '../byte-windows.ts'
import { Random, type RandomSchemaOptions, randomSchema, randomStruct, randomValue } from '../random.ts'

/** A converter under test, and what it does to data on purpose. */
export interface ConverterPropertySubject {
  readonly converter: new () => Converter
  readonly configs?: RawConfig
  /** The seed of the data; another one is other data. */
  readonly seed?: number
  /** How many schemas are tried, with five values each; 60 by default. */
  readonly schemas?: number
  /** What random schemas are to have. By default structs and all else, up to three levels deep. */
  readonly random?: RandomSchemaOptions & { readonly onlyStructs?: boolean; readonly depth?: number }
  /** The schema that comes back for one that was written; by default the same. `undefined` when it is not to be compared. */
  readonly schemaBack?: (schema: Schema) => Schema | null | undefined
  /** The value that comes back; by default the same. */
  readonly valueBack?: (value: Value, schema: Schema) => Value
  /** How many bytes at the start are left alone by mutations: a frame that names something elsewhere. */
  readonly frame?: number
  /** How many mutations are tried; 600 by default. */
  readonly mutations?: number
}

const TOPIC = 'topic'
const VALUES = 5
/** More than this for one value of a few hundred bytes is memory without a bound. */
const MOST_HEAP = 256 * 1024 * 1024

/** Declares the tests of properties for one converter and configuration. */
export function converterProperties(name: string, subject: ConverterPropertySubject): void {
  const seed = subject.seed ?? 1
  const make = (): Converter => {
    const converter = new subject.converter()
    converter.configure({ 'converter.type': 'value', ...subject.configs }, false)
    return converter
  }

  describe(`${name} keeps the properties of converters`, () => {
    it('brings back random values of random schemas, directly and over bytes', async () => {
      const random = new Random(seed)
      const converter = make()
      for (let left = subject.schemas ?? 60; left > 0; left--) {
        const schema = draw(random, subject)
        for (let at = 0; at < VALUES; at++) await thereAndBack(converter, schema, randomValue(random, schema), subject)
      }
      await converter.close?.()
    })

    it('refuses mutated bytes with a DataException, in no time and little memory', async () => {
      const random = new Random(seed + 1)
      const converter = make()
      const frame = subject.frame ?? 0
      for (let left = subject.mutations ?? 600; left > 0; left--) {
        const schema = draw(random, subject)
        const bytes = await converter.fromConnectData(TOPIC, new Headers(), schema, randomValue(random, schema))
        if (bytes === null || bytes.length <= frame) continue
        const mutated = mutate(random, Buffer.from(bytes), frame)
        const before = process.memoryUsage().heapUsed
        await readOrRefuse(converter, mutated)
        const grown = process.memoryUsage().heapUsed - before
        assert.ok(grown < MOST_HEAP, `${grown} bytes of memory for ${mutated.toString('hex')}`)
      }
      await converter.close?.()
    })
  })
}

function draw(random: Random, { random: options = {} }: ConverterPropertySubject): Schema {
  const depth = options.depth ?? 3
  return options.onlyStructs === true || random.chance(0.5)
    ? randomStruct(random, depth, options)
    : randomSchema(random, depth, options)
}

async function thereAndBack(
  converter: Converter,
  schema: Schema,
  value: Value,
  subject: ConverterPropertySubject,
): Promise<void> {
  const what = `seed ${subject.seed ?? 1}: ${print(value)}`
  const bytes = await converter.fromConnectData(TOPIC, new Headers(), schema, value)
  const back = await converter.toConnectData(TOPIC, new Headers(), bytes === null ? null : Buffer.from(bytes))
  if (bytes === null) {
    assert.equal(value, null, what)
    return
  }
  const expected = subject.valueBack === undefined ? value : subject.valueBack(value, schema)
  assert.ok(valueEquals(back.value, expected), `${what} came back as ${print(back.value)}`)
  const wanted = subject.schemaBack === undefined ? schema : subject.schemaBack(schema)
  if (wanted !== undefined) assert.ok(sameSchema(back.schema, wanted), `${what}: its schema came back as another one`)
  if (converter.write !== undefined) {
    const sink = new MemorySink()
    assert.equal(await converter.write(TOPIC, null, schema, value, sink), true, what)
    assert.deepEqual(sink.written, Buffer.from(bytes), what)
  }
  if (converter.read !== undefined) {
    const into: ValueSlot = { schema: null, value: null }
    const source = new MemorySource(bytes)
    await converter.read(TOPIC, null, source, into)
    source.destroy()
    assert.ok(valueEquals(into.value, back.value) && sameSchema(into.schema, back.schema), what)
  }
}

/** A few bytes changed, cut off, put in, or all of it made anew. */
function mutate(random: Random, bytes: Buffer, frame: number): Buffer {
  let body = Buffer.from(bytes.subarray(frame))
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(body.length + 1)
    switch (random.below(6)) {
      case 0:
        body = body.subarray(0, at)
        break
      case 1:
        body = Buffer.concat([body.subarray(0, at), random.bytes(), body.subarray(at)])
        break
      case 2:
        body = Buffer.concat([body.subarray(0, at), Buffer.from([255, 255, 255, 255, 15]), body.subarray(at)])
        break
      case 3:
        body = Buffer.concat([body.subarray(0, at), body.subarray(random.below(body.length + 1))])
        break
      default:
        if (at < body.length) body[at] = random.below(256)
    }
  }
  return Buffer.concat([bytes.subarray(0, frame), body])
}

async function readOrRefuse(converter: Converter, bytes: Buffer): Promise<void> {
  try {
    await converter.toConnectData(TOPIC, new Headers(), bytes)
  } catch (error) {
    const isRefusal = error instanceof DataException || error instanceof RetriableException
    assert.ok(isRefusal, `${bytes.toString('hex')} is met with ${error}`)
  }
}

function sameSchema(a: SchemaAndValue['schema'], b: SchemaAndValue['schema']): boolean {
  return a === null || b === null ? a === b : schemaEquals(a, b)
}

function print(value: Value): string {
  return JSON.stringify(value, (_key, one) => {
    if (typeof one === 'bigint') return `${one}n`
    return one instanceof Map ? [...one] : one
  })
}
