// A converter that puts a mark into a header and wants it back as it was: the way of schema ids in headers.
import {
  type ConfigDef,
  type Converter,
  DataException,
  defineConfig,
  type Headers,
  type Schema,
  type SchemaAndValue,
  Schemas,
  type Value,
} from '@millrace/api'

const CONFIG = defineConfig({})
const HEADER = '__mark'
/** Not a text, so that no header converter would leave it as it is. */
const MARK = Buffer.from([1, 0, 255, 200])

/** Writes texts, each with a mark in a header; reads those that have it. The first record has to wait. */
export class MarkingConverter implements Converter {
  readonly config: ConfigDef = CONFIG
  readonly writesHeaders = true
  readonly readsHeaders = true
  #ready = false

  configure(): void {
    this.#ready = false
  }
  fromConnectData(_topic: string, headers: Headers | null, _schema: Schema | null, value: Value) {
    const write = (): Buffer => {
      headers?.add(HEADER, MARK, null)
      return Buffer.from(String(value))
    }
    return this.#ready ? write() : this.#wait().then(write)
  }
  toConnectData(
    _topic: string,
    headers: Headers | null,
    bytes: Buffer | null,
  ): SchemaAndValue | Promise<SchemaAndValue> {
    const read = (): SchemaAndValue => {
      const mark = headers?.lastWithName(HEADER)?.value
      if (!(mark instanceof Uint8Array) || Buffer.compare(mark, MARK) !== 0) {
        throw new DataException(`The header ${HEADER} is not as it was written: ${String(mark)}`)
      }
      return { schema: Schemas.OPTIONAL_STRING, value: bytes?.toString() ?? null }
    }
    return this.#ready ? read() : this.#wait().then(read)
  }
  async #wait(): Promise<void> {
    this.#ready = true
  }
}
