// The wire protocol of Kafka: entry of @millrace/kafka/protocol, for the client and for the embedded broker.
export * from './api.ts'
export { ErrorCode, type ErrorCodeInfo, errorCodeInfo } from './error-codes.ts'
export * from './messages/index.ts'
export { ByteReader, MalformedBytesError } from './reader.ts'
export { type Codec, type Read, type Type, type Written, ZERO_UUID } from './types.ts'
export { ByteWriter } from './writer.ts'
