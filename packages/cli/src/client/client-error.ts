// How a client command fails: with a message, and the exit code of its kind.
import { ConnectException } from '@millrace/api'
import { ExitCode } from '../exit-codes.ts'

/** A client command that cannot go on. Printed as one message; the process ends with {@link exitCode}. */
export class ClientError extends ConnectException {
  readonly exitCode: ExitCode

  constructor(
    exitCode: ExitCode,
    message: string,
    options: { readonly cause?: unknown; readonly action?: string } = {},
  ) {
    super(message, options)
    this.exitCode = exitCode
  }
}

/** What a worker's REST API refused. */
export class RefusedError extends ClientError {
  /** HTTP status of the answer. */
  readonly status: number

  constructor(status: number, message: string, action?: string) {
    super(status === 404 ? ExitCode.NOT_FOUND : ExitCode.REFUSED, message, action === undefined ? {} : { action })
    this.status = status
  }
}

/** Wrong usage that the command line's grammar cannot see. */
export function usage(message: string, action?: string): ClientError {
  return new ClientError(ExitCode.USAGE, message, action === undefined ? {} : { action })
}

/** True for the answer that there is no such thing. */
export function isNotFound(error: unknown): boolean {
  return error instanceof RefusedError && error.status === 404
}
