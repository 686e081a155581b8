// Records in the form in which they are compared: as Kafka has them, with JSON read.
import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Converter, HeaderConverter, SourceRecord } from '@millrace/api'
import { plugins as converters } from '@millrace/converters'

/** One record as Kafka has it, with JSON read. */
export interface Line {
  readonly topic: string
  readonly key: unknown
  readonly value: unknown
  readonly headers: readonly string[]
}

/** Records as Kafka would have them. */
export async function linesOf(records: readonly SourceRecord[]): Promise<Line[]> {
  const make = async <T>(name: string): Promise<T> => {
    const type: unknown = await converters.find((one) => one.className.endsWith(`.${name}`))?.load()
    return new (type as new () => T)()
  }
  const keys = await make<Converter>('JsonConverter')
  keys.configure({}, true)
  const values = await make<Converter>('JsonConverter')
  values.configure({}, false)
  const headers = await make<HeaderConverter>('SimpleHeaderConverter')
  const read = (bytes: unknown) => (bytes === null ? null : JSON.parse(Buffer.from(bytes as Uint8Array).toString()))
  return records.map((one) => ({
    topic: one.topic,
    key: read(keys.fromConnectData(one.topic, null, one.keySchema, one.key)),
    value: read(values.fromConnectData(one.topic, null, one.valueSchema, one.value)),
    headers: [...one.headers].flatMap((header) => [
      header.key,
      Buffer.from(
        headers.fromConnectHeader(one.topic, header.key, header.schema, header.value) as Uint8Array,
      ).toString(),
    ]),
  }))
}

/** What {@link writeRecording} wrote. */
export function readRecording(file: URL): Line[] {
  const lines = gunzipSync(readFileSync(file)).toString().trim().split('\n')
  return lines.map((line): Line => JSON.parse(line))
}

/** Keeps what the JVM made, one record a line. */
export function writeRecording(file: string | URL, lines: readonly Line[]): void {
  writeFileSync(file, gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { level: 9 }))
}
