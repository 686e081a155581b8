// Keys of JsonConverter, as the reference names and orders them.
import { defineConfig, type InferConfig, oneOfIgnoringCase } from '@millrace/api'
import { CONVERTER_TYPE } from '../base.ts'

export const JSON_CONFIG = defineConfig({
  'converter.type': CONVERTER_TYPE,
  'schemas.enable': {
    type: 'boolean',
    default: true,
    importance: 'high',
    group: 'Schemas',
    orderInGroup: 0,
    width: 'medium',
    displayName: 'Enable Schemas',
    doc: 'Include schemas within each of the serialized values and keys.',
  },
  'schemas.cache.size': {
    type: 'int',
    default: 1000,
    importance: 'high',
    group: 'Schemas',
    orderInGroup: 1,
    width: 'medium',
    displayName: 'Schema Cache Size',
    doc: 'The maximum number of schemas that can be cached in this converter instance, for each direction.',
  },
  'schema.content': {
    type: 'string',
    default: null,
    importance: 'high',
    group: 'Schemas',
    orderInGroup: 2,
    width: 'medium',
    displayName: 'Schema Content',
    doc:
      'Schema, in the JSON form of the envelope, of every value read (KIP-1054): messages are then taken as payloads ' +
      'without an envelope. Only with schemas.enable=true; writing is not affected.',
  },
  'decimal.format': {
    type: 'string',
    default: 'BASE64',
    validator: oneOfIgnoringCase('BASE64', 'NUMERIC'),
    importance: 'low',
    group: 'Serialization',
    orderInGroup: 0,
    width: 'medium',
    displayName: 'Decimal Format',
    doc: "How decimals are written: 'BASE64' (bytes of the unscaled value) or 'NUMERIC' (a JSON number); the case does not matter. Both are read.",
  },
  'replace.null.with.default': {
    type: 'boolean',
    default: true,
    importance: 'low',
    group: 'Serialization',
    orderInGroup: 1,
    width: 'medium',
    displayName: 'Replace null with default',
    doc: 'Whether a null whose schema has a default value becomes that value (true) or stays null (false).',
  },
})

export type JsonConfig = InferConfig<typeof JSON_CONFIG>

/** What writers and readers need to know of the configuration. */
export interface JsonOptions {
  readonly decimalFormat: 'BASE64' | 'NUMERIC'
  readonly replaceNullWithDefault: boolean
  /** True for keys: their bytes are compared, so that escapes are those of the reference to the letter. */
  readonly exactEscapes: boolean
}

/** The options in a configuration. */
export function jsonOptions(config: JsonConfig): JsonOptions {
  return {
    decimalFormat: config['decimal.format'].toUpperCase() === 'NUMERIC' ? 'NUMERIC' : 'BASE64',
    replaceNullWithDefault: config['replace.null.with.default'],
    exactEscapes: config['converter.type'] === 'key',
  }
}
