// MessagePackConverter: values as MessagePack.
import { MessagePackReader } from './msgpack-reader.ts'
import { MessagePackWriter } from './msgpack-writer.ts'
import { RawConverter } from './raw-converter.ts'

/** `millrace.MessagePackConverter`. */
export class MessagePackConverter extends RawConverter {
  constructor() {
    super(new MessagePackWriter(), new MessagePackReader())
  }
}
