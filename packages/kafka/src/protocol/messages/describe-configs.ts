// Describe Configs (API key 32): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, bool, int8, int16, int32, nullableArray, nullableString, string, struct } from '../types.ts'

export const DescribeConfigs = defineApi({
  key: 32,
  name: 'DescribeConfigs',
  versions: [0, 4],
  flexibleFrom: 4,
  request: struct({
    resources: array(
      struct({
        resourceType: int8,
        resourceName: string,
        configurationKeys: nullableArray(string),
      }),
    ),
    includeSynonyms: bool.since(1),
    includeDocumentation: bool.since(3),
  }),
  response: struct({
    throttleTimeMs: int32,
    results: array(
      struct({
        errorCode: int16,
        errorMessage: nullableString,
        resourceType: int8,
        resourceName: string,
        configs: array(
          struct({
            name: string,
            value: nullableString,
            readOnly: bool,
            isDefault: bool.until(0),
            configSource: int8.since(1).default(-1),
            isSensitive: bool,
            synonyms: array(
              struct({
                name: string.since(1),
                value: nullableString.since(1),
                source: int8.since(1),
              }),
            ).since(1),
            configType: int8.since(3),
            documentation: nullableString.since(3),
          }),
        ),
      }),
    ),
  }),
})
