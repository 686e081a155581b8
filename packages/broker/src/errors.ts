// The one error class inside the broker: a Kafka error code and why. Handlers turn it into the code of their answer.

/** A refusal that a client is told by its error code. */
export class BrokerError extends Error {
  /** Error code of the Kafka protocol. */
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.name = 'BrokerError'
    this.code = code
  }
}
