// REST extensions: code of a user that joins the worker's HTTP server (authentication above all).
import type { RawConfig } from '../config/config-def.ts'
import type { MaybePromise } from './converter.ts'

/** A request as an extension sees it: before any endpoint of Connect does. */
export interface RestRequest {
  readonly method: string
  /** Path without query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** An answer given by an extension in place of Connect's. */
export interface RestResponse {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What an extension may know of the cluster. */
export interface ConnectClusterState {
  connectors(): Promise<readonly string[]>
  connectorConfig(name: string): Promise<Readonly<Record<string, string>>>
  readonly kafkaClusterId: string
}

/** Context at registration. */
export interface RestExtensionContext {
  /** Runs before every request of the main listener; return a response to end it there. */
  onRequest(filter: (request: RestRequest) => MaybePromise<RestResponse | undefined>): void
  /** Adds an endpoint. */
  route(method: string, path: string, handler: (request: RestRequest) => MaybePromise<RestResponse>): void
  readonly clusterState: ConnectClusterState
}

/** Named in `rest.extension.classes`. */
export interface ConnectRestExtension {
  configure(configs: RawConfig): void
  register(context: RestExtensionContext): MaybePromise<void>
  close?(): MaybePromise<void>
}
