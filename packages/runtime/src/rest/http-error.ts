// Which status and body an error becomes: the reference's mapping.
import { AlreadyExistsException, errorClassName, errorMessage, NotFoundException } from '@millrace/api'
import { RestException } from '../control/errors.ts'

/** Header of answers that are errors: the stable code. */
export const ERROR_CODE_HEADER = 'millrace-error-code'

/** The body of every error. */
export interface ErrorBody {
  readonly error_code: number
  readonly message: string
}

/** An error of HTTP itself: no such path, no such method, a body that cannot be taken. */
export class HttpError extends RestException {
  static override readonly className: string = 'jakarta.ws.rs.WebApplicationException'
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, reason: string, headers: Readonly<Record<string, string>> = {}) {
    super(status, `HTTP ${status} ${reason}`)
    this.headers = headers
  }
}

/** Status and body of any error. */
export function errorBody(error: unknown): ErrorBody {
  return { error_code: statusOf(error), message: errorMessage(error) }
}

/** An error as the reference's validate resource lets it through: 500, with the class name in front. */
export function wrapped(error: unknown): RestException {
  return new RestException(500, `${errorClassName(error)}: ${errorMessage(error)}`, { cause: error })
}

function statusOf(error: unknown): number {
  if (error instanceof RestException) return error.status
  if (error instanceof NotFoundException) return 404
  return error instanceof AlreadyExistsException ? 409 : 500
}
