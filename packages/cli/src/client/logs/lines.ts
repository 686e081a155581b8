// Lines of worker logs: of which connector and task, and how bad. Ours in JSON or readable, and those of a JVM with the
// reference's pattern, `[2026-01-31 12:00:00,000] INFO [orders|task-0] message (class:line)`.
import { stripVTControlCharacters } from 'node:util'

/** A line, with what it says of itself. Lines of a trace belong to the line before them. */
export interface LogLine {
  readonly text: string
  /** Undefined for lines of the worker itself. */
  readonly connector?: string
  readonly task?: number
  readonly level?: string
}

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const
/** `[name|task-0]`, `[name|worker]`, `[name|task-0|offsets]`: the context that the reference puts in front of messages. */
const CONTEXT = /\[([^|[\]]+)\|(?:worker|task-(\d+))(?:\|[^\]]*)?\]/
const HEAD =
  /^\s*(?:\[[^\]]*\d{2}:\d{2}[^\]]*\]|\d{2}:\d{2}:\d{2}\S*|\d{4}-\d{2}-\d{2}\S*(?: \d{2}:\d{2}\S*)?)\s+\[?(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b/

/** Reads lines in their order: a trace goes where the line above it went. */
export class LogReader {
  #last: Omit<LogLine, 'text'> = {}

  read(text: string): LogLine {
    const own = fromJson(text) ?? fromText(text)
    if (own !== undefined) this.#last = own
    return { text, ...this.#last }
  }
}

/** True when `level` is at least `least`. A line that tells no level is never left out. */
export function isAtLeast(level: string | undefined, least: string): boolean {
  const at = LEVELS.indexOf(level as (typeof LEVELS)[number])
  return at === -1 || at >= LEVELS.indexOf(least as (typeof LEVELS)[number])
}

/** Whether a text names a level. */
export function isLevel(text: string): boolean {
  return (LEVELS as readonly string[]).includes(text)
}

function fromJson(text: string): Omit<LogLine, 'text'> | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const line = JSON.parse(text) as Record<string, unknown>
    const level = String(line.level ?? '').toUpperCase()
    return { ...contextOf(contextText(line)), ...(isLevel(level) && { level }) }
  } catch {
    return undefined
  }
}

/** Ours has it at the top; log4j's JSON layouts keep it in the map of the thread's context. */
function contextText(line: Record<string, unknown>): string {
  const maps = [line, line.contextMap, line.mdc, line.thread_context] as const
  for (const map of maps) {
    const found = typeof map === 'object' && map !== null ? (map as Record<string, unknown>)['connector.context'] : null
    if (typeof found === 'string') return found
  }
  return String(line.message ?? '')
}

function fromText(text: string): Omit<LogLine, 'text'> | undefined {
  const plain = stripVTControlCharacters(text)
  const head = HEAD.exec(plain)
  if (head === null) return undefined
  return { level: head[1]!, ...contextOf(plain.slice(head[0].length)) }
}

function contextOf(text: string): Pick<LogLine, 'connector' | 'task'> {
  const found = CONTEXT.exec(text)
  if (found === null) return {}
  return { connector: found[1]!, ...(found[2] !== undefined && { task: Number(found[2]) }) }
}
