// Loggers of one thread: named like Java classes, levels by tree, the connector's context on every line, secrets masked.
import { isatty } from 'node:tty'
import type { LogFields, Logger, LogLevel } from '@millrace/api'
import { type JavaLevel, keeps } from './levels.ts'
import { LogTree } from './log-tree.ts'
import { SecretMask } from './mask.ts'
import { fileTarget, formatter, type LogFormat, type LogLine, type LogTarget } from './output.ts'

/** How to log. */
export interface LoggingOptions {
  /** Default: `pretty` when standard output is a terminal, else `json`. */
  readonly format?: LogFormat
  /** Levels by logger name, `root` for the rest. Default INFO. */
  readonly levels?: Readonly<Record<string, string>>
  /** Default: standard output, written synchronously. */
  readonly target?: LogTarget
  readonly mask?: SecretMask
}

/** Fields with a meaning of their own: they make the context in front of a line. */
export interface LogContext extends LogFields {
  readonly connector?: string
  /** Without it the context is the connector's own: `[name|worker]`. */
  readonly task?: number
  /** What of it, as in `[name|task-0|offsets]`. */
  readonly scope?: string
}

/** The logging of one thread. */
export interface Logging {
  readonly format: LogFormat
  readonly tree: LogTree
  readonly mask: SecretMask
  /** A logger by its name, usually the reference's class name of the same job. */
  logger(name: string, context?: LogContext): Logger
}

/** Sets up logging for this thread. Call once per thread. */
export function createLogging(options: LoggingOptions = {}): Logging {
  const format = options.format ?? (isatty(1) ? 'pretty' : 'json')
  const mask = options.mask ?? new SecretMask()
  const tree = new LogTree()
  const target = options.target ?? fileTarget(1)
  const form = formatter(format)
  const write = (line: LogLine) => target.write(mask.mask(form(line)))
  const logging: Logging = {
    format,
    tree,
    mask,
    logger: (name, context) => new NamedLogger(write, tree, name, context),
  }
  const bad = tree.configure(options.levels ?? {})
  if (bad.length > 0) {
    logging.logger('org.apache.kafka.connect.runtime.Loggers').warn(`Unknown log levels are ignored: ${bad.join(', ')}`)
  }
  return logging
}

class NamedLogger implements Logger {
  readonly #line: (line: LogLine) => void
  readonly #tree: LogTree
  readonly #name: string
  readonly #context: LogContext
  readonly #shownContext: string | undefined
  readonly #fields: LogFields
  #threshold: JavaLevel = 'INFO'
  #generation = -1

  constructor(line: (line: LogLine) => void, tree: LogTree, name: string, context: LogContext = {}) {
    const { connector, task, scope, ...fields } = context
    this.#line = line
    this.#tree = tree
    this.#name = name
    this.#context = context
    this.#shownContext = connector === undefined ? undefined : shown(connector, task, scope)
    this.#fields = fields
    tree.know(name)
  }

  trace(message: string, fields?: LogFields): void {
    this.#write('trace', message, fields)
  }
  debug(message: string, fields?: LogFields): void {
    this.#write('debug', message, fields)
  }
  info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields)
  }
  warn(message: string, fields?: LogFields): void {
    this.#write('warn', message, fields)
  }
  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields)
  }

  isEnabled(level: LogLevel): boolean {
    if (this.#generation !== this.#tree.generation) {
      this.#generation = this.#tree.generation
      this.#threshold = this.#tree.effective(this.#name)
    }
    return keeps(this.#threshold, level)
  }

  child(name: string, fields?: LogFields): Logger {
    const childName = name === '' ? this.#name : `${this.#name}.${name}`
    return new NamedLogger(this.#line, this.#tree, childName, { ...this.#context, ...fields })
  }

  #write(level: LogLevel, message: string, fields: LogFields | undefined): void {
    if (!this.isEnabled(level)) return
    this.#line({
      time: Date.now(),
      level,
      logger: this.#name,
      context: this.#shownContext,
      message,
      fields: fields === undefined ? this.#fields : { ...this.#fields, ...fields },
    })
  }
}

/** `[name|task-0|offsets]` */
function shown(connector: string, task: number | undefined, scope: string | undefined): string {
  const part = task === undefined ? 'worker' : `task-${task}`
  return scope === undefined ? `[${connector}|${part}]` : `[${connector}|${part}|${scope}]`
}
