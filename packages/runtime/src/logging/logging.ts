// Loggers of one thread: named like Java classes, levels by tree, the connector's context on every line, secrets masked.
import { errorClassName, errorMessage, type LogFields, type Logger, type LogLevel, stackTrace } from '@millrace/api'
import pino from 'pino'
import { type JavaLevel, keeps } from './levels.ts'
import { LogTree } from './log-tree.ts'
import { SecretMask } from './mask.ts'
import { createOutput, fileTarget, type LogFormat, type LogTarget } from './output.ts'

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
export async function createLogging(options: LoggingOptions = {}): Promise<Logging> {
  const format = options.format ?? (process.stdout.isTTY === true ? 'pretty' : 'json')
  const mask = options.mask ?? new SecretMask()
  const tree = new LogTree()
  const output = await createOutput(format, options.target ?? fileTarget(1), mask)
  const root = pino(
    {
      level: 'trace',
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label.toUpperCase() }) },
      serializers: { error: describeError },
    },
    output,
  )
  const logging: Logging = { format, tree, mask, logger: (name, context) => new NamedLogger(root, tree, name, context) }
  const bad = tree.configure(options.levels ?? {})
  if (bad.length > 0) {
    logging.logger('org.apache.kafka.connect.runtime.Loggers').warn(`Unknown log levels are ignored: ${bad.join(', ')}`)
  }
  return logging
}

class NamedLogger implements Logger {
  readonly #root: pino.Logger
  readonly #tree: LogTree
  readonly #name: string
  readonly #context: LogContext
  #lines: pino.Logger | undefined
  #threshold: JavaLevel = 'INFO'
  #generation = -1

  constructor(root: pino.Logger, tree: LogTree, name: string, context: LogContext = {}) {
    this.#root = root
    this.#tree = tree
    this.#name = name
    this.#context = context
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
    return new NamedLogger(this.#root, this.#tree, childName, { ...this.#context, ...fields })
  }

  #write(level: LogLevel, message: string, fields: LogFields | undefined): void {
    if (!this.isEnabled(level)) return
    this.#lines ??= this.#root.child({ logger: this.#name, ...contextFields(this.#context) })
    if (fields === undefined) this.#lines[level](message)
    else this.#lines[level](fields, message)
  }
}

/** `[name|task-0]` beside the parts it was made of. */
function contextFields(context: LogContext): LogFields {
  const { connector, task, scope, ...more } = context
  if (connector === undefined) return more
  const part = task === undefined ? 'worker' : `task-${task}`
  const text = scope === undefined ? `[${connector}|${part}]` : `[${connector}|${part}|${scope}]`
  return { 'connector.context': text, ...more }
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  return { class: errorClassName(error), message: errorMessage(error), trace: stackTrace(error) }
}
