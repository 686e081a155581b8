// SimpleHeaderConverter: header values as text, and from text back to what the text suggests.
import {
  defineConfig,
  type HeaderConverter,
  type RawConfig,
  type Schema,
  type SchemaAndValue,
  type Value,
  Values,
} from '@millrace/api'
import { utf8Bytes } from './utf8.ts'

/** `org.apache.kafka.connect.storage.SimpleHeaderConverter`: the default header converter. It has no keys. */
export class SimpleHeaderConverter implements HeaderConverter {
  readonly config = defineConfig({})

  configure(_configs: RawConfig): void {}

  fromConnectHeader(_topic: string, _headerKey: string, schema: Schema | null, value: Value): Uint8Array | null {
    const text = Values.convertToString(schema, value)
    return text === null ? null : utf8Bytes(text)
  }

  toConnectHeader(_topic: string, _headerKey: string, bytes: Buffer | null): SchemaAndValue {
    return Values.parseString(bytes === null ? null : bytes.toString('utf8'))
  }
}
