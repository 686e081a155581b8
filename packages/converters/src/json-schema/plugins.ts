// JSON with a registry under the reference's class name.
import type { AnyPluginDescriptor } from '@millrace/api'
import { VERSION } from '../version.ts'

/** The converter of JSON Schema. */
export const jsonSchemaPlugins: readonly AnyPluginDescriptor[] = [
  {
    kind: 'converter',
    className: 'io.confluent.connect.json.JsonSchemaConverter',
    version: VERSION,
    load: async () => (await import('./json-schema-converter.ts')).JsonSchemaConverter,
  },
]
