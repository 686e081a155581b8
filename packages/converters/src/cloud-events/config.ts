// Keys of CloudEventsConverter, as the reference names and orders them.
import { ConfigException, defineConfig, type InferConfig, oneOfIgnoringCase, type RawConfig } from '@millrace/api'
import { CONVERTER_TYPE } from '../base.ts'

const SOURCES = 'metadata.source'

export const CLOUD_EVENTS_CONFIG = defineConfig({
  'converter.type': CONVERTER_TYPE,
  'serializer.type': {
    type: 'string',
    default: 'json',
    validator: oneOfIgnoringCase('json', 'avro'),
    importance: 'high',
    doc: 'How events are written: json or avro.',
  },
  'data.serializer.type': {
    type: 'string',
    default: 'json',
    validator: oneOfIgnoringCase('json', 'avro'),
    importance: 'high',
    doc: "How an event's data is written: json or avro. Events in Avro have their data in Avro, too.",
  },
  'opentelemetry.tracing.attributes.enable': {
    type: 'boolean',
    default: false,
    importance: 'high',
    doc: "Whether events have the attribute traceparent, from the record's header of that name.",
  },
  'extension.attributes.enable': {
    type: 'boolean',
    default: true,
    importance: 'high',
    doc: 'Whether events have the attributes iodebezium*: the operation, the source, and the transaction of the change.',
  },
  'schema.name.adjustment.mode': {
    type: 'string',
    default: 'avro',
    validator: oneOfIgnoringCase('none', 'avro', 'avro_unicode'),
    importance: 'low',
    doc:
      "How the name of the events' schema is made fit for Avro: none leaves it; avro puts an underscore in place of characters " +
      'that Avro does not allow; avro_unicode puts their code point, as _u002d.',
  },
  'schema.cloudevents.name': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: "Name of the events' schema in the registry; without it the name is made of the source's name and database.",
  },
  'schema.data.name.source.header.enable': {
    type: 'boolean',
    default: false,
    importance: 'low',
    doc: "Whether the name of the data's schema may come from the record's header dataSchemaName, as metadata.source says.",
  },
  [SOURCES]: {
    type: 'list',
    default: 'value,id:generate,type:generate,traceparent:header,dataSchemaName:generate',
    importance: 'high',
    doc:
      'Where metadata is taken from: first value or header, for source, op and transaction; then for id, type, traceparent and ' +
      'dataSchemaName generate or header, as id:header.',
  },
})

type CloudEventsConfig = InferConfig<typeof CLOUD_EVENTS_CONFIG>

/** A serialisation of an event, or of its data. */
export type Format = 'json' | 'avro'

/** Which parts of the metadata are in the record's headers. */
export interface HeaderUse {
  /** The source, the operation and the transaction. */
  readonly change: boolean
  readonly traceparent: boolean
  readonly dataSchemaName: boolean
  /** `value` says that there is none: the reference has no place for these in a value. */
  readonly id: MetadataSource
  readonly type: MetadataSource
}

type MetadataSource = 'value' | 'header' | 'generate'

/** The configuration, read. */
export interface CloudEventsOptions {
  readonly format: Format
  readonly dataFormat: Format
  readonly tracing: boolean
  readonly extensions: boolean
  readonly adjustment: string
  readonly schemaName: string | null
  readonly from: HeaderUse
}

/** @throws ConfigException for a value that its key does not allow, and for JSON data in Avro events */
export function cloudEventsOptions(config: CloudEventsConfig): CloudEventsOptions {
  const format = config['serializer.type'].toLowerCase() as Format
  const dataFormat = config['data.serializer.type'].toLowerCase() as Format
  if (format === 'avro' && dataFormat === 'json') {
    throw new ConfigException('Events in Avro cannot have JSON data: set data.serializer.type=avro', {
      configKey: 'data.serializer.type',
    })
  }
  const tracing = config['opentelemetry.tracing.attributes.enable']
  return {
    format,
    dataFormat,
    tracing,
    extensions: config['extension.attributes.enable'],
    adjustment: config['schema.name.adjustment.mode'],
    schemaName: config['schema.cloudevents.name'],
    from: headerUse(config[SOURCES], tracing, config['schema.data.name.source.header.enable']),
  }
}

function headerUse(sources: readonly string[], tracing: boolean, namesInHeaders: boolean): HeaderUse {
  const global = source(sources[0] ?? '', ['value', 'header'])
  const own = new Map<string, MetadataSource>()
  for (const one of sources.slice(1)) {
    const [field = '', value = ''] = one.split(':')
    if (!FIELDS.has(field)) {
      throw invalid(one, `"${field}" has no source of its own: only ${[...FIELDS].join(', ')} have`)
    }
    own.set(field, source(value, ['header', 'generate']))
  }
  const of = (field: string) => own.get(field) ?? global
  return {
    change: global === 'header',
    traceparent: tracing && of('traceparent') === 'header',
    dataSchemaName: namesInHeaders && of('dataSchemaName') === 'header',
    id: of('id'),
    type: of('type'),
  }
}

const FIELDS: ReadonlySet<string> = new Set(['id', 'type', 'traceparent', 'dataSchemaName'])

function source(text: string, allowed: readonly MetadataSource[]): MetadataSource {
  const found = allowed.find((one) => one === text.trim().toLowerCase())
  if (found === undefined) throw invalid(text, `it must be one of ${allowed.join(', ')}`)
  return found
}

function invalid(value: string, reason: string): ConfigException {
  return ConfigException.invalidValue(SOURCES, value, reason)
}

/** The keys that begin with `prefix`, without it. */
export function subset(configs: RawConfig, prefix: string): RawConfig {
  return Object.fromEntries(
    Object.entries(configs)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  )
}
