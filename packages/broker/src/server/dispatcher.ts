// From the bytes of a request to the route that answers it.
import { ApiVersions, ByteReader, readRequestHeader } from '@millrace/kafka/protocol'
import type { Answer, ClientConnection } from './client-connection.ts'
import { answerUnsupportedApiVersions } from './handlers/api-versions.ts'
import type { Route } from './route.ts'
import type { Services } from './services.ts'

/** Finds the route of a request and has it answered. */
export class Dispatcher {
  readonly #routes: ReadonlyMap<number, Route>
  readonly #services: Services

  constructor(routes: ReadonlyMap<number, Route>, services: Services) {
    this.#routes = routes
    this.#services = services
  }

  /**
   * Answers the request in `frame`.
   * @throws Error for an API, a version or bytes this broker does not know; the connection ends then, as in Kafka
   */
  answer(frame: Buffer, connection: ClientConnection): Answer | Promise<Answer> {
    const key = frame.readInt16BE(0)
    const version = frame.readInt16BE(2)
    const found = this.#routes.get(key)
    if (key === ApiVersions.key && (version < 0 || version > ApiVersions.maxVersion)) {
      // The one request a newer client may send in a version unknown here: it is told what is known (KIP-511).
      return answerUnsupportedApiVersions(frame.readInt32BE(4), this.#routes)
    }
    if (found === undefined) throw new Error(`it sent a request with API key ${key}, which this broker does not know`)
    if (version < found.minVersion || version > found.maxVersion) {
      throw new Error(
        `it sent ${found.name} version ${version}; this broker knows ${found.minVersion} to ${found.maxVersion}`,
      )
    }
    const body = new ByteReader(frame)
    const header = readRequestHeader(body, () => found.flexibleFrom)
    return found.answer(body, { header, version, connection, services: this.#services })
  }
}
