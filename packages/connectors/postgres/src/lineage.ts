// Which server this is, and by which timelines it came here: a standby that was promoted may lack what the old primary had sent.
// A position beyond the point at which its log left the old one would skip changes without a word.
// https://www.postgresql.org/docs/current/protocol-replication.html (IDENTIFY_SYSTEM, TIMELINE_HISTORY)
import { ConnectException } from '@millrace/api'
import { sqlState } from './protocol/database-error.ts'
import { lsnToString, parseLsn } from './protocol/lsn.ts'
import { NEW_SNAPSHOT } from './slot.ts'
import type { Ask } from './types/catalog.ts'

/** A server's log. */
export interface Lineage {
  /** Made once for a database cluster; its standbys have the same. */
  readonly systemId: string
  /** Counts promotions. */
  readonly timeline: number
  /** Where the log ends now. */
  readonly end: number
  /** Timelines before this one, and where each was left; null when it was not needed, or the server has no history of it. */
  readonly left: ReadonlyMap<number, number> | null
}

/**
 * Reads it, on a replication connection.
 * @param name of the log that a position is of: the history is asked for where it is of another timeline
 * @throws the server's error
 */
export async function readLineage(ask: Ask, name: string | null): Promise<Lineage> {
  const [row] = await ask('IDENTIFY_SYSTEM')
  const systemId = String(row?.systemid)
  const timeline = Number(row?.timeline)
  const isSame = name === null || name === `${systemId}/${timeline}`
  const left = isSame || timeline === 1 ? null : await readHistory(ask, timeline)
  return { systemId, timeline, end: parseLsn(String(row?.xlogpos)), left }
}

async function readHistory(ask: Ask, timeline: number): Promise<ReadonlyMap<number, number> | null> {
  let text: string
  try {
    text = String((await ask(`TIMELINE_HISTORY ${timeline}`))[0]?.content ?? '')
  } catch (error) {
    if (sqlState(error) === undefined) throw error
    return null
  }
  const left = new Map<number, number>()
  for (const line of text.split('\n')) {
    const [number, at] = line.trim().split(/\s+/)
    if (number !== undefined && /^\d+$/.test(number) && at !== undefined) left.set(Number(number), parseLsn(at))
  }
  return left
}

/** How offsets name the log that their positions are of: system identifier and timeline. */
export function nameOf({ systemId, timeline }: Lineage): string {
  return `${systemId}/${timeline}`
}

/**
 * Why the stream cannot go on after `lsn` on this server, or null.
 * @param name of the log that the position is of; null when it is not known, as in Debezium's offsets
 */
export function whyNotContinuous(now: Lineage, name: string | null, lsn: number): ConnectException | null {
  const at = lsnToString(lsn)
  const [systemId, timeline] = name?.split('/') ?? []
  if (systemId !== undefined && systemId !== now.systemId) {
    return lost(
      `The server is another one: its system identifier is ${now.systemId}, and the position ${at} is of ${systemId}. Changes after it cannot be told from others`,
    )
  }
  if (timeline !== undefined && Number(timeline) !== now.timeline) {
    const leftAt = now.left?.get(Number(timeline))
    if (leftAt === undefined) {
      return lost(
        `The server's log (timeline ${now.timeline}) is not known to come from timeline ${timeline}, which the position ${at} is of`,
      )
    }
    if (lsn > leftAt) {
      return lost(
        `The server was promoted without all changes: its log left timeline ${timeline} at ${lsnToString(leftAt)}, before the position ${at}. Changes between are in Kafka and not in the database, and new ones up to ${at} would be skipped`,
      )
    }
  }
  if (lsn > now.end) {
    return lost(
      `The server's log ends at ${lsnToString(now.end)}, before the position ${at}: it lost changes that are in Kafka, and new ones up to ${at} would be skipped`,
    )
  }
  return null
}

function lost(message: string): ConnectException {
  return new ConnectException(message, {
    action: `${NEW_SNAPSHOT} With 'offset.mismatch.strategy' 'trust_slot' the stream goes on from the slot as it is.`,
  })
}
