// The standalone offset file: a log of commits, one line each, with a checksum. docs/standalone-offsets.md describes it.
//
//   file   = header *commit
//   header = "millrace-offsets 1" LF
//   commit = checksum SP entries LF
//   checksum = 8 hex digits: CRC-32 of the bytes of entries
//   entries  = JSON: [ [connector, partition, offset], ... ]      offset null: removed
//
// A commit counts only with its line feed and its checksum, so a worker killed at any byte leaves the commit before it.
import { crc32 } from 'node:zlib'
import { ConnectException, type OffsetMap } from '@millrace/api'
import { isOffsetMap, parseExact, stringifyOffset } from './offset-json.ts'

export const HEADER = 'millrace-offsets 1\n'
const LINE_FEED = 0x0a

/** One change: null removes the partition's offset. */
export interface OffsetChange {
  readonly connector: string
  readonly partition: OffsetMap
  readonly offset: OffsetMap | null
}

/** What a file holds. */
export interface OffsetLog {
  readonly commits: readonly (readonly OffsetChange[])[]
  /** Bytes up to the end of the last whole commit; what follows was never committed. */
  readonly length: number
}

/** The line of one commit. */
export function encodeCommit(changes: readonly OffsetChange[]): Buffer {
  const entries = changes.map(
    (one) => `[${JSON.stringify(one.connector)},${stringifyOffset(one.partition)},${stringifyOffset(one.offset)}]`,
  )
  const json = Buffer.from(`[${entries.join(',')}]`)
  return Buffer.concat([Buffer.from(`${checksum(json)} `), json, Buffer.from('\n')])
}

/**
 * Reads a whole file. A torn last line is left out: its commit never ended.
 * @throws ConnectException for a file of another kind, or one that is damaged before its end
 */
export function decodeLog(bytes: Buffer, path: string): OffsetLog {
  if (bytes.length < HEADER.length && HEADER.startsWith(bytes.toString('latin1'))) return { commits: [], length: 0 }
  if (bytes.toString('latin1', 0, HEADER.length) !== HEADER) {
    throw new ConnectException(
      `The offset file ${path} is not one of Millrace or of Kafka Connect. Name another file in offset.storage.file.filename, or move this one away.`,
      { configKey: 'offset.storage.file.filename' },
    )
  }
  const commits: OffsetChange[][] = []
  let at = HEADER.length
  while (at < bytes.length) {
    const end = bytes.indexOf(LINE_FEED, at)
    const changes = end < 0 ? undefined : decodeCommit(bytes.subarray(at, end))
    if (changes === undefined) {
      if (end >= 0 && end + 1 < bytes.length) throw damaged(path, at)
      break
    }
    commits.push(changes)
    at = end + 1
  }
  return { commits, length: at }
}

/** The changes of a line, or undefined when it is not whole. */
function decodeCommit(line: Buffer): OffsetChange[] | undefined {
  if (line.length < 9 || line[8] !== 0x20) return undefined
  const json = line.subarray(9)
  if (line.toString('latin1', 0, 8) !== checksum(json)) return undefined
  const entries = parseExact(json.toString('utf8')) as readonly (readonly [string, unknown, unknown])[]
  return entries.flatMap(([connector, partition, offset]) =>
    isOffsetMap(partition) && (offset === null || isOffsetMap(offset)) ? [{ connector, partition, offset }] : [],
  )
}

function checksum(bytes: Buffer): string {
  return crc32(bytes).toString(16).padStart(8, '0')
}

function damaged(path: string, at: number): ConnectException {
  return new ConnectException(
    `The offset file ${path} is damaged at byte ${at}, with commits after it. Nothing was changed. Restore it from a copy, or cut it at that byte to go on from the commits before.`,
    { configKey: 'offset.storage.file.filename' },
  )
}
