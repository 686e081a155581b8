// Requests between workers: plans of tasks on their way to the leader, signed; those of others, checked (KIP-507).
import type { ConnectorProps } from '@millrace/api'
import { NotLeaderException } from '../control/errors.ts'
import type { InternalRequest } from '../control/herder.ts'
import type { WorkerGroupMember } from '../membership/index.ts'
import { readSignature, signatureHeaders, verifyRequest } from '../membership/request-signature.ts'
import type { RestClient } from '../rest/rest-client.ts'
import type { ConfigBackingStore } from '../topics/config-topic/config-topic-store.ts'

/** What they need. */
export interface InternalRequestParts {
  readonly member: WorkerGroupMember
  readonly configs: ConfigBackingStore
  readonly client: RestClient
  /** `inter.worker.signature.algorithm` */
  readonly signatureAlgorithm: string
  /** `inter.worker.verification.algorithms` */
  readonly algorithms: readonly string[]
  /** Writes a plan when this worker leads. */
  readonly publishHere: (connector: string, configs: readonly ConnectorProps[]) => Promise<void>
  /** Fences older generations of a connector's tasks when this worker leads. */
  readonly fenceHere: (connector: string) => Promise<void>
}

/** This worker's side of them. */
export class InternalRequests {
  readonly #parts: InternalRequestParts

  constructor(parts: InternalRequestParts) {
    this.#parts = parts
  }

  /** Has the leader write task configurations. @throws ConnectException when there is none or it refuses */
  async publish(connector: string, configs: readonly ConnectorProps[]): Promise<void> {
    if (this.#parts.member.isLeader) return this.#parts.publishHere(connector, configs)
    await this.#send('POST', `connectors/${encodeURIComponent(connector)}/tasks`, JSON.stringify(configs))
  }

  /** Has the leader fence older generations of a connector's tasks. @throws ConnectException when there is none or it refuses */
  async fence(connector: string): Promise<void> {
    if (this.#parts.member.isLeader) return this.#parts.fenceHere(connector)
    await this.#send('PUT', `connectors/${encodeURIComponent(connector)}/fence`)
  }

  /** @throws RestException for a request that is not signed as it must be */
  verify({ body, header }: InternalRequest): void {
    const { member, algorithms, configs } = this.#parts
    verifyRequest(readSignature(header), Buffer.from(body), {
      protocolVersion: member.protocolVersion,
      algorithms,
      key: configs.snapshot().sessionKey,
    })
  }

  async #send(method: string, path: string, body?: string): Promise<void> {
    const { member, client, configs, signatureAlgorithm } = this.#parts
    const url = member.leaderUrl
    if (url === null || url === '') {
      throw new NotLeaderException('The leader cannot be asked: the URL of its REST interface is not known yet', null)
    }
    const key = member.protocolVersion < 2 ? null : configs.snapshot().sessionKey
    const headers = key === null ? {} : signatureHeaders(key, Buffer.from(body ?? ''), signatureAlgorithm)
    await client.send({
      url: `${url.replace(/\/$/, '')}/${path}`,
      method,
      headers,
      ...(body !== undefined && { body }),
    })
  }
}
