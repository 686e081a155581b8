// Errors of the herder that have an HTTP status of their own. All others are mapped by class where REST answers.
import { type ConnectErrorOptions, ConnectException } from '@millrace/api'

/** An error with the status that REST answers it with. */
export class RestException extends ConnectException {
  static override readonly className: string = 'org.apache.kafka.connect.runtime.rest.errors.ConnectRestException'
  readonly status: number

  constructor(status: number, message: string, options: ConnectErrorOptions = {}) {
    super(message, options)
    this.status = status
  }
}

/** A request that cannot be carried out as it stands: 400. */
export class BadRequestException extends RestException {
  static override readonly className: string = 'org.apache.kafka.connect.runtime.rest.errors.BadRequestException'

  constructor(message: string, options: ConnectErrorOptions = {}) {
    super(400, message, options)
  }
}
