// Errors of the data plane as the control plane's own: same class name, same message, secrets masked.
import {
  AlreadyExistsException,
  ConfigException,
  ConnectException,
  errorMessage,
  NotFoundException,
} from '@millrace/api'
import type { SecretMask } from '../logging/mask.ts'
import type { RemoteError } from '../plane/messages.ts'
import { BadRequestException } from './errors.ts'

const CLASSES = [NotFoundException, AlreadyExistsException, ConfigException, BadRequestException] as const

/** A rejection of the data plane: a RemoteError, or an error that carries one under `remote`, or any other error. */
export function toException(error: unknown, mask: SecretMask): ConnectException {
  const remote = remoteOf(error)
  if (remote === undefined) {
    return error instanceof ConnectException
      ? error
      : new ConnectException(mask.mask(errorMessage(error)), { cause: error })
  }
  const options = remote.configKey === undefined ? {} : { configKey: remote.configKey }
  const message = mask.mask(remote.message)
  const Type = CLASSES.find((one) => one.className === remote.className)
  const exception = Type === undefined ? new ConnectException(message, options) : new Type(message, options)
  return Object.assign(exception, { remoteTrace: mask.mask(remote.trace), code: remote.code })
}

/** The trace to show for an error: that of the thread where it happened, if it came from one. */
export function remoteTrace(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('remoteTrace' in error)) return undefined
  return String(error.remoteTrace)
}

function remoteOf(error: unknown): RemoteError | undefined {
  if (isRemote(error)) return error
  if (typeof error === 'object' && error !== null && 'remote' in error && isRemote(error.remote)) return error.remote
  return undefined
}

function isRemote(value: unknown): value is RemoteError {
  return (
    typeof value === 'object' &&
    value !== null &&
    'className' in value &&
    typeof value.className === 'string' &&
    'trace' in value &&
    typeof value.trace === 'string' &&
    'message' in value
  )
}
