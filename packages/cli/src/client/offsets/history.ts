// What was done to offsets, and what they were before: a file of JSON lines beside the user, not a topic, because it must
// work against any worker with nothing but REST, and because the offsets topic has a format of its own that others read.
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readFileSync, readSync, writeSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { errorMessage } from '@millrace/api'
import { ExitCode } from '../../exit-codes.ts'
import { ClientError } from '../client-error.ts'
import type { OffsetEntry } from '../connect-api.ts'
import { parseExact } from '../exact-json.ts'

/** One change. */
export interface HistoryEntry {
  /** Short, and unique in the file. */
  readonly id: string
  /** ISO 8601. */
  readonly time: string
  /** Kafka cluster id, or the address where that is not known: a connector's name alone does not tell which it is. */
  readonly cluster: string
  readonly connector: string
  readonly action: 'set' | 'reset' | 'undo'
  /** The entry that an undo takes back. */
  readonly undoes?: string
  readonly before: readonly OffsetEntry[]
  /** Not there when it is not known whether the change was made: the command ended in the middle. */
  readonly after?: readonly OffsetEntry[]
}

type Line =
  | HistoryEntry
  | { readonly id: string; readonly after: readonly OffsetEntry[] }
  | { readonly id: string; readonly refused: true }

/** MILLRACE_HISTORY, else `millrace/offsets.jsonl` in the user's state folder. */
export function historyPath(env: NodeJS.ProcessEnv = process.env): string {
  return (
    env.MILLRACE_HISTORY ?? join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'millrace', 'offsets.jsonl')
  )
}

/** All changes that were made or may have been, oldest first. @throws ClientError for a file that cannot be read */
export function readHistory(path = historyPath()): HistoryEntry[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw new ClientError(ExitCode.START, `Cannot read the history ${path}: ${errorMessage(error)}`, { cause: error })
  }
  const entries = new Map<string, HistoryEntry>()
  for (const [at, one] of text.split('\n').entries()) {
    if (one.trim() === '') continue
    const line = parseLine(one, path, at + 1)
    // A last line cut off by a crash says nothing.
    if (line === undefined) continue
    if ('refused' in line) entries.delete(line.id)
    else if ('connector' in line) entries.set(line.id, line)
    else {
      const begun = entries.get(line.id)
      if (begun !== undefined) entries.set(line.id, { ...begun, after: line.after })
    }
  }
  return [...entries.values()]
}

/** Writes down a change before it is made: it is on disk when this returns. */
export function beginEntry(entry: HistoryEntry, path = historyPath()): void {
  append(entry, path)
}

/** Completes an entry: with the offsets after the change, or null for one that the worker refused. */
export function endEntry(id: string, after: readonly OffsetEntry[] | null, path = historyPath()): void {
  append(after === null ? { id, refused: true } : { id, after }, path)
}

/** The entry to take back: the one asked for, else the latest of the connector that has not been taken back. */
export function entryToUndo(
  entries: readonly HistoryEntry[],
  of: { readonly cluster: string; readonly connector: string; readonly id?: string | undefined },
): HistoryEntry {
  const own = entries.filter((one) => one.cluster === of.cluster && one.connector === of.connector)
  const undone = new Set(own.map((one) => one.undoes))
  const found =
    of.id === undefined
      ? own.findLast((one) => one.action !== 'undo' && !undone.has(one.id))
      : own.find((one) => one.id === of.id)
  if (found !== undefined) return found
  const what = of.id === undefined ? 'nothing to take back' : `no entry '${of.id}'`
  throw new ClientError(ExitCode.NOT_FOUND, `The history has ${what} for connector ${of.connector} of this cluster.`, {
    action: `millrace offsets history shows what is in ${historyPath()}.`,
  })
}

function append(line: Line, path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    const file = openSync(path, 'a+', 0o600)
    try {
      // After a line that a crash cut off, this one begins anew.
      writeSync(file, `${endsInside(file) ? '\n' : ''}${JSON.stringify(line)}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw new ClientError(ExitCode.START, `Cannot write the history ${path}: ${errorMessage(error)}`, {
      cause: error,
      action: 'Name another file with MILLRACE_HISTORY. Without a history nothing is changed.',
    })
  }
}

function endsInside(file: number): boolean {
  const { size } = fstatSync(file)
  const last = Buffer.alloc(1)
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a
}

function parseLine(text: string, path: string, number: number): Line | undefined {
  try {
    return parseExact(text) as Line
  } catch {
    console.error(`millrace: line ${number} of ${path} is broken and left out`)
    return undefined
  }
}
