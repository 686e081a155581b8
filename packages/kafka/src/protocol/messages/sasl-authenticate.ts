// Sasl Authenticate (API key 36): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { bytes, int16, int64, nullableString, struct } from '../types.ts'

export const SaslAuthenticate = defineApi({
  key: 36,
  name: 'SaslAuthenticate',
  versions: [0, 2],
  flexibleFrom: 2,
  request: struct({
    authBytes: bytes,
  }),
  response: struct({
    errorCode: int16,
    errorMessage: nullableString,
    authBytes: bytes,
    sessionLifetimeMs: int64.since(1),
  }),
})
