// ProtobufConverter: Protobuf with its schemas in a registry.
import { DataException, defineConfig, type RawConfig, type Schema } from '@millrace/api'
import type { SchemaReference } from '@millrace/schemas'
import { type LinkedMessage, type ParsedProto, PROTOBUF } from '@millrace/schemas/protobuf'
import { REGISTRY_CONFIG, type RegistryConfig } from '../registry/config.ts'
import type { Maybe } from '../registry/maybe.ts'
import { RegistryConverter, type ValueReader, type ValueWriter } from '../registry/registry-converter.ts'
import { protobufReader, protobufWriter, type SliceReader } from './codec.ts'
import { PROTOBUF_DATA_CONFIG, PROTOBUF_KEYS, type ProtobufOptions, protobufOptions } from './config.ts'
import { indexesOf, nameAt, offeredFile, readIndexes, writeIndexes } from './message-indexes.ts'
import { ownSchema } from './own-schema.ts'
import { ProtobufOut } from './protobuf-out.ts'
import { type ReferenceRules, referenceSubjects, referencesOf } from './references.ts'

/** Keys of the converter. */
export const PROTOBUF_CONFIG = REGISTRY_CONFIG.merge(defineConfig(PROTOBUF_KEYS))

const NO_REFERENCES: readonly SchemaReference[] = []

/** `io.confluent.connect.protobuf.ProtobufConverter`: the same bytes, schemas and values. */
export class ProtobufConverter extends RegistryConverter<ParsedProto> {
  readonly config = PROTOBUF_CONFIG
  protected readonly language = PROTOBUF
  readonly #out: ProtobufOut
  #options: ProtobufOptions = protobufOptions(PROTOBUF_DATA_CONFIG.parse({}))
  /** Null when the well-known files that a schema imports are left to the registry. */
  #references: ReferenceRules | null = null

  constructor() {
    const out = new ProtobufOut()
    super(out)
    this.#out = out
  }

  protected override setUp(configs: RawConfig): RegistryConfig & { readonly cacheSize: number } {
    const config = PROTOBUF_CONFIG.parse(configs)
    this.#options = protobufOptions(config)
    const subjectOf = referenceSubjects(config['reference.subject.name.strategy'])
    const only = config['reference.lookup.only']
    this.#references = config['skip.known.types']
      ? null
      : {
          subjectOf,
          register: config['auto.register.schemas'] && !only,
          latest: config['use.latest.version'] && !only,
          normalize: config['normalize.schemas'],
        }
    return { ...config, cacheSize: Math.max(1, config['schemas.cache.config']) }
  }

  protected override schemaFor(schema: Schema | null): ParsedProto {
    return ownSchema(schema, this.#options)
  }

  /** A null has no message, whether the schema allows it or not. */
  protected override isNullBytes(): boolean {
    return true
  }

  protected override referencesOf(schema: ParsedProto): Maybe<readonly SchemaReference[]> {
    if (this.#references === null || schema.file.imports.length === 0) return NO_REFERENCES
    return referencesOf(schema.file, this.client, this.#references)
  }

  /** Fields have the numbers of the record's own schema, whatever stands in the registry; the message's indexes are those there. */
  protected override writerFor(schema: Schema | null, own: ParsedProto, target: ParsedProto): ValueWriter {
    const name = own.name ?? ''
    const message = messageNamed(own, name)
    const write = protobufWriter(schema as Schema, message, this.#out, this.#options)
    const file = offeredFile(target)
    const indexes = indexesOf(file, name)
    if (indexes !== null) return { prefix: writeIndexes(indexes), write }
    const known = file.types.map((type) => type.name).join(', ')
    throw new DataException(`The registered schema has no message ${name}: it declares ${known}`)
  }

  protected override readerFor(written: ParsedProto, wanted: ParsedProto, version: number | null): ValueReader {
    const file = offeredFile(written)
    const readers = new Map<string, SliceReader>()
    const readerOf = (indexes: readonly number[]): SliceReader => {
      const key = indexes.join()
      let reader = readers.get(key)
      if (reader === undefined) {
        reader = protobufReader(asWanted(nameAt(file, indexes), wanted), version, this.#options)
        readers.set(key, reader)
      }
      return reader
    }
    // Most records are the first message of their file: one byte says so.
    let first: SliceReader | null = null
    return {
      read(buffer, start, end, into, prefix) {
        if (prefix === null && start < end && buffer[start] === 0) {
          first ??= readerOf([0])
          first(buffer, start + 1, end, into)
          return
        }
        const from = prefix ?? buffer
        const { indexes, at } = readIndexes(from, prefix === null ? start : 0, prefix === null ? end : from.length)
        readerOf(indexes)(buffer, prefix === null ? at : start, end, into)
      },
    }
  }
}

/** The message of a name, as the schema to read with has it; or else its first one. */
function asWanted(name: string, wanted: ParsedProto): LinkedMessage {
  const same = wanted.linked.byName.get(name)
  if (same?.kind === 'message') return same
  const [first] = offeredFile(wanted).types.filter(({ kind }) => kind === 'message')
  if (first !== undefined) return messageNamed(wanted, nameAt(offeredFile(wanted), [0]))
  throw new DataException(`The schema to read with has no message ${name}, nor any other`)
}

function messageNamed({ linked }: ParsedProto, name: string): LinkedMessage {
  const found = linked.byName.get(name)
  if (found?.kind === 'message') return found
  throw new DataException(`The schema has no message ${name}`)
}
