// CborConverter: values as CBOR (RFC 8949).
import { CborReader } from './cbor-reader.ts'
import { CborWriter } from './cbor-writer.ts'
import { RawConverter } from './raw-converter.ts'

/** `millrace.CborConverter`. */
export class CborConverter extends RawConverter {
  constructor() {
    super(new CborWriter(), new CborReader())
  }
}
