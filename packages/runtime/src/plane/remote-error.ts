// Errors on their way across the boundary: plain data, secrets masked.
import { ConnectException, errorClassName, errorCode, errorMessage, stackTrace } from '@millrace/api'
import type { RemoteError } from './messages.ts'

/** Plain data of an error. `mask` hides secrets in its texts. */
export function describeError(error: unknown, mask: (text: string) => string): RemoteError {
  const known = error instanceof ConnectException ? error : undefined
  const configKey = known?.context.configKey
  return {
    className: errorClassName(error),
    code: errorCode(error),
    message: mask(errorMessage(error)),
    trace: mask(stackTrace(error)),
    ...(configKey !== undefined && { configKey }),
  }
}
