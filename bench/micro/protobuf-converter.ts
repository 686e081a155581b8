// What ProtobufConverter costs with its schema known: node bench/micro/protobuf-converter.ts
// ProtobufReference.java does the same with the reference's classes.
import { ProtobufConverter } from '../../packages/converters/src/protobuf/protobuf-converter.ts'
import { contest } from './registry-contest.ts'

await contest(ProtobufConverter)
