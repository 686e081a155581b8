// Add Offsets To Txn (API key 25): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { int16, int32, int64, string, struct } from '../types.ts'

export const AddOffsetsToTxn = defineApi({
  key: 25,
  name: 'AddOffsetsToTxn',
  versions: [0, 4],
  flexibleFrom: 3,
  request: struct({
    transactionalId: string,
    producerId: int64,
    producerEpoch: int16,
    groupId: string,
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
  }),
})
