// The raw formats under this project's names: no class of the JVM's world has them.
import type { AnyPluginDescriptor, Converter, HeaderConverter } from '@millrace/api'
import { VERSION } from '../version.ts'

const RAW: Readonly<Record<string, () => Promise<new () => Converter & HeaderConverter>>> = {
  'millrace.CborConverter': async () => (await import('./cbor-converter.ts')).CborConverter,
  'millrace.MessagePackConverter': async () => (await import('./msgpack-converter.ts')).MessagePackConverter,
  'millrace.CsvConverter': async () => (await import('./csv-converter.ts')).CsvConverter,
}

/** CBOR, MessagePack and CSV: converters and header converters. */
export const rawPlugins: readonly AnyPluginDescriptor[] = Object.entries(RAW).flatMap(
  ([className, load]): AnyPluginDescriptor[] => [
    { kind: 'converter', className, version: VERSION, load },
    { kind: 'header_converter', className, version: VERSION, load },
  ],
)
