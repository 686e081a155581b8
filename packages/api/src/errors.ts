// The errors of Connect, under the reference's class names. Matched by brand and not by prototype, so that a connector
// that carries its own copy of this package still speaks the same language.

const PREFIX = 'org.apache.kafka.'

/** What an error can carry beside its message. Everything is optional and safe to print. */
export interface ErrorContext {
  /** Config key at fault. */
  readonly configKey?: string
  /** Connector name. */
  readonly connector?: string
  /** Task number. */
  readonly task?: number
  /** What the user can do about it, one sentence. */
  readonly action?: string
}

/** Options of every Connect error: a cause, and where and what to do. */
export interface ConnectErrorOptions extends ErrorContext {
  readonly cause?: unknown
}

/**
 * Base of all errors that the framework and connectors raise on purpose.
 * `className` is the reference's Java class name: it appears in traces and dead letter queue headers.
 */
export class ConnectException extends Error {
  static readonly className: string = `${PREFIX}connect.errors.ConnectException`
  /** Stable code, one per class: `MILLRACE_` and the class's words. */
  readonly code: string
  /** True when doing the same again later may work. */
  readonly retriable: boolean
  readonly context: ErrorContext

  constructor(message: string, options: ConnectErrorOptions = {}) {
    const { cause, ...context } = options
    super(message, cause === undefined ? undefined : { cause })
    const type = new.target as typeof ConnectException
    this.name = simpleName(type.className)
    this.code = codeOf(this.name)
    this.retriable = isA(type, 'RetriableException')
    this.context = context
    brand(this, type)
  }

  /** The reference's Java class name of this error. */
  get className(): string {
    return (this.constructor as typeof ConnectException).className
  }

  /** By brand for the classes of the reference; a subclass without a class name of its own goes by its prototype. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (!Object.hasOwn(this, 'className')) return Function.prototype[Symbol.hasInstance].call(this, value)
    return hasBrand(value, simpleName(this.className))
  }
}

/** Data that cannot be handled as its schema or format says. Not retried; `errors.tolerance` applies. */
export class DataException extends ConnectException {
  static override readonly className: string = `${PREFIX}connect.errors.DataException`
}

/** A schema that cannot be built: an attribute set twice, a duplicate field, a missing element schema. */
export class SchemaBuilderException extends DataException {
  static override readonly className: string = `${PREFIX}connect.errors.SchemaBuilderException`
}

/** Two schemas that cannot be projected on one another. */
export class SchemaProjectorException extends DataException {
  static override readonly className: string = `${PREFIX}connect.errors.SchemaProjectorException`
}

/** Something that may work when done again: the framework retries it as `errors.retry.timeout` and the task contracts say. */
export class RetriableException extends ConnectException {
  static override readonly className: string = `${PREFIX}connect.errors.RetriableException`
}

/** A connector, task, topic or plugin that is not there. REST answers 404. */
export class NotFoundException extends ConnectException {
  static override readonly className: string = `${PREFIX}connect.errors.NotFoundException`
}

/** A thing that is there already. REST answers 409. */
export class AlreadyExistsException extends ConnectException {
  static override readonly className: string = `${PREFIX}connect.errors.AlreadyExistsException`
}

/** A call that the state of the worker or task does not allow. */
export class IllegalWorkerStateException extends ConnectException {
  static override readonly className: string = `${PREFIX}connect.errors.IllegalWorkerStateException`
}

/** More task configs than `tasks.max` allows (KIP-1004). */
export class TooManyTasksException extends ConnectException {
  static override readonly className: string = `${PREFIX}connect.runtime.errors.TooManyTasksException`
}

/** A configuration that cannot be used. Carries the key where one is at fault. */
export class ConfigException extends ConnectException {
  static override readonly className: string = `${PREFIX}common.config.ConfigException`

  /** The reference's wording for a value that does not fit its key: `Invalid value V for configuration K: reason`. */
  static invalidValue(key: string, value: unknown, reason?: string): ConfigException {
    const because = reason === undefined ? '' : `: ${reason}`
    const shown = Array.isArray(value) ? `[${value.join(', ')}]` : String(value)
    return new ConfigException(`Invalid value ${shown} for configuration ${key}${because}`, { configKey: key })
  }
}

/** A feature that this plugin does not have. */
export class UnsupportedOperationException extends ConnectException {
  static override readonly className: string = 'java.lang.UnsupportedOperationException'
}

/** True for an error after which the same may be tried again: a `RetriableException`, or a retriable error of the Kafka client. */
export function isRetriable(error: unknown): boolean {
  return error instanceof ConnectException && error.retriable
}

/** The Java-like class name of any thrown value: its own, or its JavaScript name. */
export function errorClassName(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'className' in error && typeof error.className === 'string') {
    return error.className
  }
  return error instanceof Error ? error.name : 'java.lang.RuntimeException'
}

/** Codes that say no more than that something failed: a cause may say what. */
const GENERAL_CODES: ReadonlySet<string> = new Set(['MILLRACE_CONNECT', 'MILLRACE_CONNECT_REST'])

/**
 * The stable code of any thrown value: the first in the chain of causes that says more than `MILLRACE_CONNECT`. What nobody
 * raised on purpose is `MILLRACE_UNEXPECTED`: a fault of a plugin, or of the framework.
 */
export function errorCode(error: unknown): string {
  let general: string | undefined
  const seen = new Set<unknown>()
  for (let at = error; at instanceof Error && !seen.has(at); at = at.cause) {
    seen.add(at)
    if (!(at instanceof ConnectException)) continue
    if (!GENERAL_CODES.has(at.code)) return at.code
    general ??= at.code
  }
  return general ?? 'MILLRACE_UNEXPECTED'
}

/** The message of any thrown value. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/**
 * A trace in the shape that users of the reference know: `class: message`, frames, then `Caused by:` for each cause.
 * Loops in the chain of causes end the trace.
 */
export function stackTrace(error: unknown): string {
  const lines: string[] = []
  const seen = new Set<unknown>()
  for (let at: unknown = error, first = true; at !== undefined && at !== null && !seen.has(at); first = false) {
    seen.add(at)
    const message = errorMessage(at)
    lines.push(`${first ? '' : 'Caused by: '}${errorClassName(at)}${message === '' ? '' : `: ${message}`}`)
    lines.push(...frames(at))
    at = at instanceof Error ? at.cause : undefined
  }
  return `${lines.join('\n')}\n`
}

function frames(error: unknown): string[] {
  if (!(error instanceof Error) || error.stack === undefined) return []
  const at = error.stack.indexOf('\n    at ')
  if (at < 0) return []
  return error.stack
    .slice(at + 1)
    .split('\n')
    .map((line) => `\t${line.trim()}`)
}

function simpleName(className: string): string {
  return className.slice(className.lastIndexOf('.') + 1)
}

function codeOf(name: string): string {
  return `MILLRACE_${name
    .replace(/Exception$/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()}`
}

function brandOf(name: string): symbol {
  return Symbol.for(`millrace.error.${name}`)
}

function brand(error: ConnectException, type: typeof ConnectException): void {
  for (let at: unknown = type; typeof at === 'function' && 'className' in at; at = Object.getPrototypeOf(at)) {
    Object.defineProperty(error, brandOf(simpleName(String(at.className))), { value: true })
  }
}

function hasBrand(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && brandOf(name) in value
}

function isA(type: typeof ConnectException, name: string): boolean {
  for (let at: unknown = type; typeof at === 'function' && 'className' in at; at = Object.getPrototypeOf(at)) {
    if (simpleName(String(at.className)) === name) return true
  }
  return false
}
