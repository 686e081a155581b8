// What the tests of the log share.
import type { TestContext } from 'node:test'
import { decodeRecords, type EncodeOptions, encodeBatch, type RecordInput } from '@millrace/kafka/records'
import { resolveTopicConfig } from '../config/topic-config.ts'
import { type FileIo, realFiles } from '../storage/file-io.ts'
import type { PartitionLog } from '../storage/partition-log.ts'
import { openLog } from '../storage/recovery.ts'
import { temporaryFolder } from './temporary.ts'

/** Time of the tests (ms); it does not move by itself. */
export const T0 = 1_700_000_000_000

/** A log in a folder of its own that can be opened again. */
export interface LogHarness {
  readonly directory: string
  now: number
  errors: unknown[]
  open(clean?: boolean, io?: FileIo): PartitionLog
  readonly truncated: number
}

export function logHarness(t: TestContext, config: Readonly<Record<string, string>> = {}): LogHarness {
  const directory = temporaryFolder(t)
  let truncated = 0
  let epoch = 0
  const harness = {
    directory,
    now: T0,
    errors: [] as unknown[],
    open(clean = true, io: FileIo = realFiles): PartitionLog {
      const opened = openLog(
        {
          topic: 't',
          partition: 0,
          directory,
          config: resolveTopicConfig(config, () => undefined),
          leaderEpoch: epoch++,
          io,
          now: () => harness.now,
          onStorageError: (_log, error) => harness.errors.push(error),
        },
        clean,
      )
      truncated = opened.truncatedBytes
      t.after(() => opened.log.closeFiles())
      return opened.log
    },
    get truncated() {
      return truncated
    },
  }
  return harness
}

/** Appends one batch of these records, at T0 where they have no time. */
export function put(log: PartitionLog, records: readonly RecordInput[], options: EncodeOptions = {}) {
  return log.append(
    encodeBatch(
      records.map((r) => ({ timestamp: T0, ...r })),
      options,
    ),
  )
}

/** Everything from `offset` on as `offset:key=value`; markers as `offset:marker`. */
export function contents(log: PartitionLog, offset = log.startOffset): string[] {
  const found: string[] = []
  let next = offset
  for (;;) {
    const bytes = log.reader.read(next, 1 << 20, log.nextOffset, true)
    if (bytes.length === 0) return found
    for (const r of decodeRecords(bytes)) {
      if (r.offset < offset) continue
      found.push(`${r.offset}:${r.control ? 'marker' : `${r.key ?? 'null'}=${r.value ?? 'null'}`}`)
    }
    next = log.reader.lastReadNext
  }
}
