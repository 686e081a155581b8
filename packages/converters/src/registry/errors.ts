// What a registry refuses, and what stands between it and us.
import { type ConnectErrorOptions, ConnectException, DataException, RetriableException } from '@millrace/api'

/** Codes of the registry's answers that the client looks at. Source: the registry's API reference. */
export const RegistryErrorCode = {
  SUBJECT_NOT_FOUND: 40_401,
  VERSION_NOT_FOUND: 40_402,
  SCHEMA_NOT_FOUND: 40_403,
} as const

const RETRIABLE: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])
const UNAUTHORIZED = 401
const FORBIDDEN = 403
const NOT_FOUND = 404

/** What else is known of a failed request. */
export interface RegistryFailure extends ConnectErrorOptions {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /** The registry's own code; 0 when it said none. */
  readonly errorCode: number
}

/** A request that failed: refused by the registry, or never answered. */
export class RegistryException extends ConnectException {
  static override readonly className: string =
    'io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException'
  readonly status: number
  readonly errorCode: number

  constructor(message: string, { status, errorCode, ...options }: RegistryFailure) {
    super(message, options)
    this.status = status
    this.errorCode = errorCode
  }
  /** True when the same request may succeed later: the reference's list of statuses, and all that was never answered. */
  get mayPass(): boolean {
    return this.status === 0 || RETRIABLE.has(this.status)
  }
  get isNotFound(): boolean {
    return this.status === NOT_FOUND
  }
}

/**
 * The error to throw from a converter for a failed request: retriable when it may pass, a DataException when the registry
 * refuses this record's schema, and another ConnectException when it refuses this client.
 * @param doing what was tried, beginning a sentence: `Registering the Avro schema of subject t-value`
 */
export function converterError(error: unknown, doing: string): unknown {
  if (!(error instanceof RegistryException)) return error
  const message = `${doing} failed: ${error.message}`
  if (error.mayPass) return new RetriableException(message, { cause: error })
  if (error.status === UNAUTHORIZED || error.status === FORBIDDEN) {
    return new ConnectException(message, {
      cause: error,
      action: 'Check the basic.auth.*, bearer.auth.* or schema.registry.ssl.* keys of the converter.',
    })
  }
  return new DataException(message, { cause: error })
}
