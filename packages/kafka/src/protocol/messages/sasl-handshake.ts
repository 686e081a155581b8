// Sasl Handshake (API key 17): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, int16, string, struct } from '../types.ts'

export const SaslHandshake = defineApi({
  key: 17,
  name: 'SaslHandshake',
  versions: [0, 1],
  flexibleFrom: null,
  request: struct({
    mechanism: string,
  }),
  response: struct({
    errorCode: int16,
    mechanisms: array(string),
  }),
})
