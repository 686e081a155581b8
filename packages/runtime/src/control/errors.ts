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

/**
 * Another worker must answer: REST forwards the request there. A null URL means that nobody knows the worker yet.
 */
export class RequestTargetException extends ConnectException {
  static override readonly className: string = 'org.apache.kafka.connect.runtime.distributed.RequestTargetException'
  readonly forwardUrl: string | null

  constructor(message: string, forwardUrl: string | null, options: ConnectErrorOptions = {}) {
    super(message, options)
    this.forwardUrl = forwardUrl
  }
}

/** Only the leader may do that. */
export class NotLeaderException extends RequestTargetException {
  static override readonly className: string = 'org.apache.kafka.connect.runtime.distributed.NotLeaderException'
}

/** Only the worker that runs the connector or task may do that. */
export class NotAssignedException extends RequestTargetException {
  static override readonly className: string = 'org.apache.kafka.connect.runtime.distributed.NotAssignedException'
}

/** Who is to do it is about to change: nothing can be said until the group has met again. */
export class RebalanceNeededException extends ConnectException {
  static override readonly className: string = 'org.apache.kafka.connect.runtime.distributed.RebalanceNeededException'
}
