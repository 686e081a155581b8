// What AvroConverter costs with its schema known: node bench/micro/avro-converter.ts
// AvroReference.java does the same with the reference's classes.
import { AvroConverter } from '../../packages/converters/src/avro/avro-converter.ts'
import { contest } from './registry-contest.ts'

await contest(AvroConverter)
