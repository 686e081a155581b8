// Events in JSON: the attributes without a schema, and the data with or without its own.
import { ConnectException, DataException, errorMessage, type RawConfig, type Schema } from '@millrace/api'
import { withConverterType } from '../base.ts'
import { JSON_CONFIG, type JsonOptions, jsonOptions } from '../json/config.ts'
import { EnvelopeReader, type JsonSlice } from '../json/envelope-read.ts'
import { EnvelopeWriter } from '../json/envelope-write.ts'
import { locateInValue } from '../json/locate.ts'
import { SchemalessReader } from '../json/schemaless-read.ts'
import type { EventPlan, StructValue } from './event-plan.ts'

const WRITE_ERROR = 'Converting Kafka Connect data to byte[] failed due to serialization error: '

/** The JSON of events. */
export class JsonSide {
  readonly #options: JsonOptions
  readonly #withSchemas: boolean
  readonly #events: EnvelopeWriter
  readonly #data: EnvelopeWriter
  readonly #envelopes: EnvelopeReader
  readonly #schemaless = new SchemalessReader()

  constructor(configs: RawConfig, isKey: boolean) {
    const config = JSON_CONFIG.parse(withConverterType(configs, isKey))
    const cacheSize = config['schemas.cache.size']
    this.#options = jsonOptions(config)
    this.#withSchemas = config['schemas.enable']
    this.#events = new EnvelopeWriter(this.#options, cacheSize)
    this.#data = new EnvelopeWriter(this.#options, cacheSize)
    this.#envelopes = new EnvelopeReader(this.#options, cacheSize)
  }

  /** The text of an event around that of its data. */
  text({ schema }: EventPlan, event: StructValue, data: string): string {
    return `${this.#written(this.#events, schema, event, false).slice(0, -1)},"data":${data}}`
  }
  data(schema: Schema, value: StructValue): string {
    return this.#written(this.#data, schema, value, this.#withSchemas)
  }
  readData(slice: JsonSlice): unknown {
    if (this.#withSchemas) return this.#envelopes.read(slice).value
    return this.#schemaless.read(slice.text, slice.buffer, slice.start, slice.end)
  }

  #written(writer: EnvelopeWriter, schema: Schema, value: StructValue, envelope: boolean): string {
    try {
      return writer.text(schema, value, envelope)
    } catch (error) {
      if (error instanceof ConnectException) throw locateInValue(error, schema, value, this.#options)
      throw new DataException(WRITE_ERROR + errorMessage(error), { cause: error })
    }
  }
}
