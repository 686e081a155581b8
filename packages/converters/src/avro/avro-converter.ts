// AvroConverter: Avro with its schemas in a registry.
import { DataException, defineConfig, type RawConfig, type Schema, type Value } from '@millrace/api'
import { AVRO, type AvroSchema, avroSchema, type ParsedAvro } from '@millrace/schemas/avro'
import { REGISTRY_CONFIG, type RegistryConfig } from '../registry/config.ts'
import { RegistryConverter, type ValueReader, type ValueWriter } from '../registry/registry-converter.ts'
import { AvroOut } from './avro-out.ts'
import { avroReader, avroWriter, bareBytesReader, type SliceReader, trailing } from './codec.ts'
import { AVRO_DATA_CONFIG, AVRO_KEYS, type AvroOptions, avroOptions } from './config.ts'
import { toAvroSchema } from './schema-out.ts'

/** Keys of the converter. */
export const AVRO_CONFIG = REGISTRY_CONFIG.merge(defineConfig(AVRO_KEYS))

const NO_PREFIX = new Uint8Array(0)

/**
 * `io.confluent.connect.avro.AvroConverter`: the same bytes, schemas and values. Beyond the reference: a union's value keeps
 * the member under which it was written, and a schema that the registry does not have under the topic's subject can be read.
 */
export class AvroConverter extends RegistryConverter<ParsedAvro> {
  readonly config = AVRO_CONFIG
  protected readonly language = AVRO
  readonly #out: AvroOut
  #options: AvroOptions = avroOptions(AVRO_DATA_CONFIG.parse({}))

  constructor() {
    const out = new AvroOut()
    super(out)
    this.#out = out
  }

  protected override setUp(configs: RawConfig): RegistryConfig & { readonly cacheSize: number } {
    const config = AVRO_CONFIG.parse(configs)
    this.#options = avroOptions(config)
    return { ...config, cacheSize: Math.max(1, config['schemas.cache.config']) }
  }

  protected override schemaFor(schema: Schema | null): ParsedAvro {
    return avroSchema(toAvroSchema(schema, this.#options))
  }

  protected override isNullBytes(schema: Schema | null): boolean {
    if (schema === null || schema.optional) return true
    throw new DataException('Found null value for non-optional schema')
  }

  protected override writerFor(schema: Schema | null, _own: ParsedAvro, target: ParsedAvro): ValueWriter {
    const avro = target.schema
    const write = avroWriter(schema, avro, this.#out, this.#options)
    return { prefix: NO_PREFIX, write: avro.type === 'bytes' ? this.#bare(write) : write }
  }
  /** A schema of bytes alone is written without a length. */
  #bare(write: (value: Value) => void): (value: Value) => void {
    const out = this.#out
    return (value) => {
      const frame = out.at
      write(value)
      // The length stands in the first bytes; the value follows.
      let start = frame
      while ((out.buffer[start++] as number) > 127);
      out.buffer.copyWithin(frame, start, out.at)
      out.at -= start - frame
    }
  }

  protected override readerFor(written: ParsedAvro, wanted: ParsedAvro, version: number | null): ValueReader {
    const read = this.#reader(written.schema, wanted.schema, version)
    if (!this.#options.failOnTrailing) return { read }
    return {
      read(buffer, start, end, into) {
        const at = read(buffer, start, end, into)
        if (at < end) throw trailing(end - at)
      },
    }
  }
  #reader(written: AvroSchema, wanted: AvroSchema, version: number | null): SliceReader {
    return written.type === 'bytes'
      ? bareBytesReader(wanted, version, this.#options)
      : avroReader(written, wanted, version, this.#options)
  }
}
