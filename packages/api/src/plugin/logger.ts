// The logger that plugins are handed. The runtime adds the connector's context to every line.

/** Structured logging: a message, and fields beside it. Never put a secret in either. */
export interface Logger {
  trace(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  /** Put an error under the field `error`: its trace is printed. */
  error(message: string, fields?: LogFields): void
  /** True when lines of this level are kept: ask before building a costly message. */
  isEnabled(level: LogLevel): boolean
  /** A logger of a name below this one, or with more fields on every line. */
  child(name: string, fields?: LogFields): Logger
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<Record<string, unknown>>

/** A logger that keeps nothing. */
export const silentLogger: Logger = Object.freeze({
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  isEnabled: () => false,
  child: () => silentLogger,
})
