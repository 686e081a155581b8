// JsonSchemaConverter: JSON with its schemas in a registry.
import { DataException, defineConfig, type RawConfig, type Schema, type Value } from '@millrace/api'
import { JSON_SCHEMA, type ParsedJsonSchema, parseJsonSchema } from '@millrace/schemas/json'
import { BytesOut } from '../bytes-out.ts'
import { locate } from '../json/locate.ts'
import { REGISTRY_CONFIG, type RegistryConfig } from '../registry/config.ts'
import { RegistryConverter, type ValueReader, type ValueWriter } from '../registry/registry-converter.ts'
import { JSON_SCHEMA_DATA_CONFIG, JSON_SCHEMA_KEYS, jsonSchemaOptions } from './config.ts'
import { indented } from './indent.ts'
import { toConnectSchema } from './schema-in.ts'
import { toJsonSchema } from './schema-out.ts'
import { TextReader } from './text-reader.ts'
import { compileValidator, type Validator } from './validation.ts'
import { compileSchemaWriter, LEFT_OUT } from './writers.ts'

/** Keys of the converter. */
export const JSON_SCHEMA_CONFIG = REGISTRY_CONFIG.merge(defineConfig(JSON_SCHEMA_KEYS))

const NO_PREFIX = new Uint8Array(0)
/** UTF-8 has at most this many bytes for a UTF-16 unit. */
const MOST_BYTES = 3

/**
 * `io.confluent.connect.json.JsonSchemaConverter`: the same texts, schemas and values. Beyond the reference: texts that stand
 * for NaN and the infinities are read back, and no property loses its field to another one of the same `connect.index`.
 */
export class JsonSchemaConverter extends RegistryConverter<ParsedJsonSchema> {
  readonly config = JSON_SCHEMA_CONFIG
  protected readonly language = JSON_SCHEMA
  #options = jsonSchemaOptions(JSON_SCHEMA_DATA_CONFIG.parse({}), false)
  #validates = false
  #indents = false

  constructor() {
    super(new BytesOut())
  }

  protected override setUp(configs: RawConfig, isKey: boolean): RegistryConfig & { readonly cacheSize: number } {
    const config = JSON_SCHEMA_CONFIG.parse(configs)
    this.#options = jsonSchemaOptions(config, isKey)
    this.#validates = config['json.fail.invalid.schema']
    this.#indents = config['json.indent.output']
    return { ...config, cacheSize: Math.max(1, config['schemas.cache.config']) }
  }

  protected override schemaFor(schema: Schema | null): ParsedJsonSchema {
    if (schema !== null) return parseJsonSchema(toJsonSchema(schema, this.#options))
    throw new DataException(
      'A value without a schema has no JSON schema to be registered: use a converter of values without schemas ' +
        '(org.apache.kafka.connect.json.JsonConverter with schemas.enable=false), or give it a schema before',
    )
  }

  /** A null that the schema does not allow is null bytes; one that it allows is JSON's null, or the default. */
  protected override isNullBytes(schema: Schema | null): boolean {
    if (schema === null) return true
    const { optional, defaultValue } = schema
    const hasDefault = this.#options.replaceNullWithDefault && defaultValue !== undefined && defaultValue !== null
    return !optional && !hasDefault
  }

  protected override writerFor(schema: Schema | null, _own: ParsedJsonSchema, target: ParsedJsonSchema): ValueWriter {
    const options = this.#options
    const connect = schema as Schema
    const write = compileSchemaWriter(connect, options)
    const validate = this.#validator(target)
    const text = (value: Value): string => {
      let written: string
      try {
        written = write(value)
      } catch (error) {
        throw locate(error, connect, value, (inner, item) => compileSchemaWriter(inner, options)(item))
      }
      if (written === LEFT_OUT) {
        throw new DataException('The union has no value in any of its fields, and allows no null')
      }
      validate?.(written)
      return this.#indents ? indented(written) : written
    }
    return { prefix: NO_PREFIX, write: (value) => this.#put(text(value)), text }
  }
  #put(text: string): void {
    const { out } = this
    out.ensure(text.length * MOST_BYTES)
    out.at += out.buffer.utf8Write(text, out.at)
  }

  protected override readerFor(
    _written: ParsedJsonSchema,
    wanted: ParsedJsonSchema,
    version: number | null,
  ): ValueReader {
    return new TextReader(toConnectSchema(wanted, version, this.#options), this.#options, this.#validator(wanted))
  }

  #validator(schema: ParsedJsonSchema): Validator | null {
    return this.#validates ? compileValidator(schema, this.#options.ignoreModern) : null
  }
}
