// Where log lines go and how they look: JSON lines for a pipe, readable lines for a terminal.
//
// Written by hand because every thread carries a logger: pino costs 8 MB of memory and 20 ms a thread, this costs nothing.
import { writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import { styleText } from 'node:util'
import { errorClassName, errorCode, errorMessage, type LogFields, type LogLevel, stackTrace } from '@millrace/api'

export type LogFormat = 'json' | 'pretty'

/** Takes finished lines, line feed included. */
export interface LogTarget {
  write(text: string): void
}

/** One line before it has a form. */
export interface LogLine {
  readonly time: number
  readonly level: LogLevel
  readonly logger: string
  /** `[name|task-0]`, or undefined outside of connectors. */
  readonly context: string | undefined
  readonly message: string
  /** Fields of the logger, then those of the line. */
  readonly fields: LogFields
}

const PAUSE_MS = 5
/** The code that says nothing: readable lines do without it. */
const UNEXPECTED = 'MILLRACE_UNEXPECTED'
const CLEAR_LINE = '\r\x1b[K'
const sleeper = new Int32Array(new SharedArrayBuffer(4))

/** A file descriptor, written at once, so that the last words of a dying process arrive. */
export function fileTarget(fd: number): LogTarget {
  let gone = false
  return {
    write: (text) => {
      const bytes = Buffer.from(text)
      for (let at = 0; at < bytes.length && !gone; ) {
        try {
          at += writeSync(fd, bytes, at)
        } catch (error) {
          // A slow reader of a pipe is waited for; one that went away must not bring the worker down.
          if (codeOf(error) === 'EAGAIN') Atomics.wait(sleeper, 0, 0, PAUSE_MS)
          else gone = true
        }
      }
    },
  }
}

/** The function that gives lines their form. */
export function formatter(format: LogFormat): (line: LogLine) => string {
  if (format === 'json') return jsonLine
  // Asked of the descriptor, since process.stdout knows of no terminal in worker threads.
  const terminal = isatty(1)
  const form = prettyLine(terminal && process.env.NO_COLOR === undefined)
  // A line of progress may stand where this line goes.
  return terminal && process.env.TERM !== 'dumb' ? (line) => CLEAR_LINE + form(line) : form
}

function jsonLine({ time, level, logger, context, message, fields }: LogLine): string {
  const head = { level: level.toUpperCase(), time: new Date(time).toISOString(), logger }
  return `${stringify({ ...head, ...(context !== undefined && { 'connector.context': context }), ...fields, message })}\n`
}

const STYLES = { error: 'red', warn: 'yellow', info: 'green', debug: 'blue', trace: 'gray' } as const

// The terminal has been asked already: styleText would ask the thread's own stream, which never is one.
const COLOURED = { validateStream: false } as const

function prettyLine(colours: boolean): (line: LogLine) => string {
  return ({ time, level, context, message, fields }) => {
    const word = level.toUpperCase().padEnd(5)
    const { error, ...rest } = fields
    const parts = [
      localTime(time),
      colours ? styleText(STYLES[level], word, COLOURED) : word,
      ...(context === undefined ? [] : [colours ? styleText('cyan', context, COLOURED) : context]),
      message,
      ...(Object.keys(rest).length === 0 ? [] : [stringify(rest)]),
    ]
    const code = error instanceof Error ? errorCode(error) : UNEXPECTED
    if (code !== UNEXPECTED) parts.push(`(${code})`)
    // The trace stands below its line, as on any terminal.
    return `${parts.join(' ')}\n${error === undefined ? '' : traceOf(error)}`
  }
}

function localTime(time: number): string {
  const date = new Date(time - new Date(time).getTimezoneOffset() * 60_000)
  return date.toISOString().slice(0, -1).replace('T', ' ')
}

function traceOf(error: unknown): string {
  const trace = error instanceof Error ? stackTrace(error) : `${String(error)}\n`
  return trace.endsWith('\n') ? trace : `${trace}\n`
}

/** JSON of anything: errors with their traces, bigints as numbers' text, what cannot be told as such. */
function stringify(value: unknown): string {
  try {
    return JSON.stringify(value, (_key, one: unknown) => {
      if (typeof one === 'bigint') return String(one)
      if (!(one instanceof Error)) return one
      return { class: errorClassName(one), code: errorCode(one), message: errorMessage(one), trace: stackTrace(one) }
    })
  } catch (error) {
    return JSON.stringify({ message: `A log line that cannot be written as JSON: ${errorMessage(error)}` })
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
