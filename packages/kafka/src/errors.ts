// Errors of the Kafka client, under the Java client's class names.
import { type ConnectErrorOptions, ConnectException } from '@millrace/api'
import { errorCodeInfo } from './protocol/error-codes.ts'

const ERRORS = 'org.apache.kafka.common.errors.'

/** What a Kafka error may say beside its message. */
export interface KafkaErrorOptions extends ConnectErrorOptions {
  /** Simple class name of the Java client's exception. */
  readonly exception?: string
  /** Error code of the protocol, when a broker sent one. */
  readonly errorCode?: number
  readonly retriable?: boolean
  readonly staleMetadata?: boolean
}

/**
 * An error of the Kafka client or sent by a broker. `retriable` tells whether doing the same again later may work,
 * `errorCode` is the broker's code (0 when the error arose here).
 */
export class KafkaException extends ConnectException {
  static override readonly className: string = 'org.apache.kafka.common.KafkaException'
  readonly errorCode: number
  /** The metadata that led here is out of date. */
  readonly staleMetadata: boolean
  override readonly retriable: boolean
  readonly #exception: string

  constructor(message: string, options: KafkaErrorOptions = {}) {
    const { exception, errorCode, retriable, staleMetadata, ...rest } = options
    super(message, rest)
    this.#exception = exception ?? 'KafkaException'
    this.name = this.#exception
    this.errorCode = errorCode ?? 0
    this.retriable = retriable ?? false
    this.staleMetadata = staleMetadata ?? false
  }

  override get className(): string {
    return this.#exception === 'KafkaException' ? KafkaException.className : ERRORS + this.#exception
  }
}

/** The error of a code that a broker sent. `what` says what was being done and on what. */
export function brokerError(code: number, what: string, detail?: string | null): KafkaException {
  const info = errorCodeInfo(code)
  const more = detail === undefined || detail === null || detail === '' ? '' : `: ${detail}`
  return new KafkaException(`${what} failed: the broker answered ${info.name} (${code})${more}`, {
    exception: info.exception,
    errorCode: code,
    retriable: info.retriable,
    staleMetadata: info.staleMetadata,
  })
}

/** The connection broke, or could not be made. */
export function disconnected(message: string, cause?: unknown): KafkaException {
  return new KafkaException(message, { exception: 'DisconnectException', retriable: true, staleMetadata: true, cause })
}

/** Something did not happen in time. */
export function timedOut(message: string, cause?: unknown): KafkaException {
  return new KafkaException(message, { exception: 'TimeoutException', retriable: true, cause })
}

/** Credentials were refused, or the two sides do not speak the same security protocol. Trying again does not help. */
export function authenticationFailed(message: string, cause?: unknown): KafkaException {
  return new KafkaException(message, { exception: 'SaslAuthenticationException', cause })
}

/** The TLS handshake failed. Trying again does not help. */
export function tlsFailed(message: string, cause?: unknown): KafkaException {
  return new KafkaException(message, { exception: 'SslAuthenticationException', cause })
}

export { isRetriable } from '@millrace/api'
