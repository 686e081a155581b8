// Where log lines go and how they look: JSON lines for a pipe, readable lines for a terminal.
import pino, { type DestinationStream } from 'pino'
import type { SecretMask } from './mask.ts'

export type LogFormat = 'json' | 'pretty'

/** Takes finished lines, newline included. */
export interface LogTarget {
  write(text: string): void
}

/** Standard output or standard error, written at once, so that the last words of a dying process arrive. */
export function fileTarget(fd: number): LogTarget {
  const stream = pino.destination({ dest: fd, sync: true })
  // A reader that went away must not bring the worker down.
  stream.on('error', () => {})
  return stream
}

/** The end of the line: masks secrets, formats if asked to, hands the text on. */
export async function createOutput(format: LogFormat, target: LogTarget, mask: SecretMask): Promise<DestinationStream> {
  if (format === 'json') return { write: (line) => target.write(mask.mask(line)) }
  const pretty = await prettyPrinter()
  return { write: (line) => target.write(mask.mask(pretty(line))) }
}

/** pino-pretty as a function: no stream, no thread between. Imported only for terminals: it costs 30 ms. */
async function prettyPrinter(): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty')
  const print = prettyFactory({
    colorize: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
    messageKey: 'message',
    timestampKey: 'time',
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l',
    ignore: 'logger,connector\\.context,error',
    messageFormat: (log, key) => {
      const context = log['connector.context']
      return `${context === undefined ? '' : `${String(context)} `}${String(log[key] ?? '')}`
    },
    singleLine: true,
  })
  return (line) => {
    const text = String(print(line))
    const trace = traceOf(line)
    return trace === undefined ? text : `${text}${trace.endsWith('\n') ? trace : `${trace}\n`}`
  }
}

/** The trace under `error`, which stands below its line as on any terminal. */
function traceOf(line: string): string | undefined {
  if (!line.includes('"error":{')) return undefined
  const { error } = JSON.parse(line) as { readonly error?: { readonly trace?: string } }
  return error?.trace
}
