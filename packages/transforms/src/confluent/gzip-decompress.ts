// GzipDecompress: the bytes that were compressed.
import { gunzipSync } from 'node:zlib'
import { type ConnectRecord, DataException, defineConfig, errorMessage, javaClassOf } from '@millrace/api'
import { SidedTransformation } from '../apache/common/sided.ts'

const CONFIG = defineConfig({})
/** Half a gigabyte: a record that grows beyond it is an attack or a mistake, and must not take the worker with it. */
const MAX_BYTES = 512 * 1024 * 1024

/** Unpacks a key or value of bytes; null stays null. */
export class GzipDecompress extends SidedTransformation {
  readonly config = CONFIG

  configure(): void {}

  apply(record: ConnectRecord): ConnectRecord {
    const value = this.valueOf(record)
    if (value === null) return record
    if (!(value instanceof Uint8Array)) {
      throw new DataException(`Only bytes can be decompressed, found: ${javaClassOf(value, this.schemaOf(record))}`)
    }
    try {
      return this.changed(record, this.schemaOf(record), gunzipSync(value, { maxOutputLength: MAX_BYTES }))
    } catch (cause) {
      throw new DataException(
        `A record of topic ${record.topic} cannot be decompressed by gzip: ${errorMessage(cause)}`,
        {
          cause,
        },
      )
    }
  }
}
