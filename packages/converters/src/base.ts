// What the converters of this package share: one class serves keys, values and headers, always synchronously.
import {
  type ByteSink,
  type ByteSource,
  type ConfigDef,
  type Converter,
  defineConfig,
  type HeaderConverter,
  type Headers,
  oneOf,
  type RawConfig,
  type Schema,
  type SchemaAndValue,
  type Value,
  type ValueSlot,
} from '@millrace/api'

/** The key that every converter has. */
export const CONVERTER_TYPE = {
  type: 'string',
  validator: oneOf('key', 'value', 'header'),
  importance: 'low',
  doc: 'How this converter will be used.',
} as const

/** The definition of a converter without keys of its own. */
export const PLAIN_CONFIG = defineConfig({ 'converter.type': CONVERTER_TYPE })

/** Adds `converter.type` where the caller's other words imply it. */
export function withConverterType(configs: RawConfig, isKey: boolean | undefined): RawConfig {
  if (isKey === undefined) return { 'converter.type': 'header', ...configs }
  return { ...configs, 'converter.type': isKey ? 'key' : 'value' }
}

/** A converter for keys, values and headers alike. `configure` without `isKey` configures it for headers. */
export abstract class ValueConverter implements Converter, HeaderConverter {
  abstract readonly config: ConfigDef

  /** @throws ConfigException for a value that does not fit its key */
  configure(configs: RawConfig, isKey?: boolean): void {
    this.config.parse(withConverterType(configs, isKey))
  }

  abstract fromConnectData(
    topic: string,
    headers: Headers | null,
    schema: Schema | null,
    value: Value,
  ): Uint8Array | null
  abstract toConnectData(topic: string, headers: Headers | null, bytes: Buffer | null): SchemaAndValue
  abstract write(topic: string, headers: Headers | null, schema: Schema | null, value: Value, out: ByteSink): boolean
  abstract read(topic: string, headers: Headers | null, source: ByteSource, into: ValueSlot): void

  fromConnectHeader(topic: string, _headerKey: string, schema: Schema | null, value: Value): Uint8Array | null {
    return this.fromConnectData(topic, null, schema, value)
  }
  toConnectHeader(topic: string, _headerKey: string, bytes: Buffer | null): SchemaAndValue {
    return this.toConnectData(topic, null, bytes)
  }
}
