// Debezium's converters for bytes: they pass as they are, and what is no bytes goes to another converter.
import {
  type ByteSink,
  type ByteSource,
  ConfigException,
  DataException,
  defineConfig,
  type Headers,
  javaClassOf,
  type RawConfig,
  type Schema,
  type SchemaAndValue,
  Schemas,
  type Value,
  type ValueSlot,
} from '@millrace/api'
import { CONVERTER_TYPE, ValueConverter, withConverterType } from '../base.ts'
import { BooleanConverter } from '../boolean-converter.ts'
import { JsonConverter } from '../json/json-converter.ts'
import {
  DoubleConverter,
  FloatConverter,
  IntegerConverter,
  LongConverter,
  ShortConverter,
} from '../number-converters.ts'
import { StringConverter } from '../string-converter.ts'
import { subset } from './config.ts'

const DELEGATE = 'delegate.converter.type'

const CONFIG = defineConfig({
  'converter.type': CONVERTER_TYPE,
  [DELEGATE]: {
    type: 'string',
    default: null,
    importance: 'low',
    doc: `Class of the converter for what is no bytes, whose keys begin with ${DELEGATE}. Without it, there is an error.`,
  },
})

const DELEGATES: ReadonlyMap<string, new () => ValueConverter> = new Map<string, new () => ValueConverter>([
  ['org.apache.kafka.connect.json.JsonConverter', JsonConverter],
  ['org.apache.kafka.connect.storage.StringConverter', StringConverter],
  ['org.apache.kafka.connect.converters.BooleanConverter', BooleanConverter],
  ['org.apache.kafka.connect.converters.ShortConverter', ShortConverter],
  ['org.apache.kafka.connect.converters.IntegerConverter', IntegerConverter],
  ['org.apache.kafka.connect.converters.LongConverter', LongConverter],
  ['org.apache.kafka.connect.converters.FloatConverter', FloatConverter],
  ['org.apache.kafka.connect.converters.DoubleConverter', DoubleConverter],
])

abstract class DelegatingBytes extends ValueConverter {
  readonly config = CONFIG
  #delegate: ValueConverter | null = null

  /** @throws ConfigException for a delegate that is not known, and for what its own keys do not allow */
  override configure(configs: RawConfig, isKey?: boolean): void {
    const name = CONFIG.parse(withConverterType(configs, isKey))[DELEGATE]
    if (name === null) return
    const Delegate = DELEGATES.get(name)
    if (Delegate === undefined) {
      const known = [...DELEGATES.keys()].join(', ')
      throw ConfigException.invalidValue(DELEGATE, name, `it must be one of ${known}`)
    }
    this.#delegate = new Delegate()
    this.#delegate.configure(subset(configs, `${DELEGATE}.`), isKey)
  }

  override fromConnectData(
    topic: string,
    headers: Headers | null,
    schema: Schema | null,
    value: Value,
  ): Uint8Array | null {
    if (schema === null || schema.type === 'BYTES') {
      if (value === null || value === undefined) return null
      if (value instanceof Uint8Array) return value
    }
    return this.#delegateFor(topic, schema, value).fromConnectData(topic, headers, schema, value)
  }

  override write(topic: string, headers: Headers | null, schema: Schema | null, value: Value, out: ByteSink): boolean {
    if (schema === null || schema.type === 'BYTES') {
      if (value === null || value === undefined) return false
      if (value instanceof Uint8Array) {
        out.bytes(value)
        return true
      }
    }
    return this.#delegateFor(topic, schema, value).write(topic, headers, schema, value, out)
  }

  override toConnectData(_topic: string, _headers: Headers | null, bytes: Buffer | null): SchemaAndValue {
    return { schema: Schemas.OPTIONAL_BYTES, value: bytes }
  }

  override read(_topic: string, _headers: Headers | null, source: ByteSource, into: ValueSlot): void {
    into.schema = Schemas.OPTIONAL_BYTES
    into.value = source.bytes()
  }

  #delegateFor(topic: string, schema: Schema | null, value: Value): ValueConverter {
    if (this.#delegate !== null) return this.#delegate
    const found = value === null || value === undefined ? 'null' : javaClassOf(value, schema)
    throw new DataException(
      `A record of ${topic} is no bytes (${found}${schema === null ? '' : ` under ${schema.type}`}): ` +
        `that requires a ${DELEGATE} to be configured`,
    )
  }
}

/** `io.debezium.converters.BinaryDataConverter`. */
export class BinaryDataConverter extends DelegatingBytes {}

/** `io.debezium.converters.ByteArrayConverter`, the older name of the same. */
export class ByteArrayConverter extends DelegatingBytes {}
