// End Txn (API key 26): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { bool, int16, int32, int64, string, struct } from '../types.ts'

export const EndTxn = defineApi({
  key: 26,
  name: 'EndTxn',
  versions: [0, 5],
  flexibleFrom: 3,
  request: struct({
    transactionalId: string,
    producerId: int64,
    producerEpoch: int16,
    committed: bool,
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    producerId: int64.since(5).default(-1),
    producerEpoch: int16.since(5).default(-1),
  }),
})
