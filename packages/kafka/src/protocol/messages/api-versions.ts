// Api Versions (API key 18): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, bool, int16, int32, int64, string, struct } from '../types.ts'

export const ApiVersions = defineApi({
  key: 18,
  name: 'ApiVersions',
  versions: [0, 4],
  flexibleFrom: 3,
  request: struct({
    clientSoftwareName: string.since(3),
    clientSoftwareVersion: string.since(3),
  }),
  response: struct({
    errorCode: int16,
    apiKeys: array(
      struct({
        apiKey: int16,
        minVersion: int16,
        maxVersion: int16,
      }),
    ),
    throttleTimeMs: int32.since(1),
    supportedFeatures: array(
      struct({
        name: string.since(3),
        minVersion: int16.since(3),
        maxVersion: int16.since(3),
      }),
    ).tagged(0, 3),
    finalizedFeaturesEpoch: int64.tagged(1, 3).default(-1),
    finalizedFeatures: array(
      struct({
        name: string.since(3),
        maxVersionLevel: int16.since(3),
        minVersionLevel: int16.since(3),
      }),
    ).tagged(2, 3),
    zkMigrationReady: bool.tagged(3, 3),
  }),
})
