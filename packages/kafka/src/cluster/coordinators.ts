// Finds the brokers that coordinate groups and transactions, and remembers them.
import { type BackoffOptions, backoffMs, wait } from '../backoff.ts'
import { brokerError } from '../errors.ts'
import type { Api } from '../protocol/api.ts'
import { ErrorCode, errorCodeInfo } from '../protocol/error-codes.ts'
import { FindCoordinator } from '../protocol/messages/find-coordinator.ts'
import type { CoordinatorKind } from './cluster-client.ts'

type Ask = <Req, ReqIn, Res, ResIn>(api: Api<Req, ReqIn, Res, ResIn>, request: ReqIn) => Promise<Res>

const KEY_TYPES: Readonly<Record<CoordinatorKind, number>> = { group: 0, transaction: 1 }
/** A broker that has just started creates its internal topics first: it says COORDINATOR_NOT_AVAILABLE for a while. */
const ATTEMPTS = 10

/** Coordinators by kind and key. */
export class Coordinators {
  readonly #ask: Ask
  readonly #backoff: BackoffOptions
  readonly #known = new Map<string, Promise<number>>()

  constructor(ask: Ask, backoff: BackoffOptions) {
    this.#ask = ask
    this.#backoff = backoff
  }

  /** Node id of a coordinator. @throws KafkaException, retriable when none is available yet */
  find(kind: CoordinatorKind, key: string): Promise<number> {
    const name = `${kind}:${key}`
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const found = this.#find(kind, key)
    this.#known.set(name, found)
    found.catch(() => {
      if (this.#known.get(name) === found) this.#known.delete(name)
    })
    return found
  }
  forget(kind: CoordinatorKind, key: string): void {
    this.#known.delete(`${kind}:${key}`)
  }

  async #find(kind: CoordinatorKind, key: string): Promise<number> {
    for (let attempt = 0; ; attempt++) {
      // Brokers before version 4 of the request read `key`, newer ones `coordinatorKeys`: each takes its own.
      const answer = await this.#ask(FindCoordinator, { key, keyType: KEY_TYPES[kind], coordinatorKeys: [key] })
      const { errorCode, errorMessage, nodeId } = answer.coordinators[0] ?? answer
      if (errorCode === ErrorCode.NONE) return nodeId
      if (!errorCodeInfo(errorCode).retriable || attempt === ATTEMPTS - 1) {
        throw brokerError(errorCode, `Looking for the coordinator of ${kind} ${key}`, errorMessage)
      }
      await wait(backoffMs(this.#backoff, attempt))
    }
  }
}
