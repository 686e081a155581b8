// Requests to a list of registries: the next one when one does not answer, again after a wait when none does.
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigException, type RawConfig } from '@millrace/api'
import { SSL_KEYS, tlsOptions } from '@millrace/kafka/security'
import { type Credentials, credentials } from './auth.ts'
import { CLIENT_CONFIG, CLIENT_PREFIX, type ClientConfig, REQUEST_HEADER_PREFIX } from './config.ts'
import { RegistryException } from './errors.ts'
import { HttpClient, type HttpRequest } from './http.ts'

const URL_KEY = 'schema.registry.url'
const JSON_TYPE = 'application/vnd.schemaregistry.v1+json'
const HEADERS = {
  accept: `${JSON_TYPE}, application/vnd.schemaregistry+json; q=0.9, application/json; q=0.5`,
  'content-type': JSON_TYPE,
  // Registries since version 8 give a schema's GUID to those who take properties that they may not know.
  'confluent-accept-unknown-properties': 'true',
}
/** Doublings of the wait beyond which it is at its cap. */
const LAST_DOUBLING = 30

/** Sends requests to the registry's REST API. */
export class RegistryRest {
  readonly #urls: readonly URL[]
  readonly #http: HttpClient
  readonly #credentials: Credentials
  readonly #headers: Readonly<Record<string, string>>
  readonly #config: ClientConfig
  /** The URL that answered last. */
  #current: number

  /** @throws ConfigException for keys that cannot be used */
  constructor(raw: RawConfig) {
    const config = CLIENT_CONFIG.parse(clientConfigs(raw))
    this.#config = config
    this.#urls = config[URL_KEY].map(parseUrl)
    if (this.#urls.length === 0) throw new ConfigException(`${URL_KEY} has no URL`, { configKey: URL_KEY })
    this.#current = config['schema.registry.url.randomize'] ? Math.floor(Math.random() * this.#urls.length) : 0
    const secure =
      this.#urls.some((url) => url.protocol === 'https:') ||
      (config['bearer.auth.issuer.endpoint.url'] ?? '').startsWith('https:')
    const tls = secure ? tlsOptions(SSL_KEYS.parse(withoutPrefix(raw))) : {}
    this.#http = new HttpClient({
      connectTimeoutMs: config['http.connect.timeout.ms'],
      readTimeoutMs: config['http.read.timeout.ms'],
      tls,
      proxy: proxyOf(config),
    })
    this.#credentials = credentials(config, raw['sasl.jaas.config'], tls)
    this.#headers = { ...HEADERS, ...requestHeaders(raw) }
  }

  /**
   * The answer to a request; `path` begins with a slash and is encoded.
   * @throws {RegistryException} when it is refused, or when no registry answered in all tries
   */
  async send(method: HttpRequest['method'], path: string, body: unknown = null): Promise<unknown> {
    const text = body === null ? null : JSON.stringify(body)
    const { 'max.retries': retries } = this.#config
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#sendToAny(method, path, text)
      } catch (error) {
        if (!(error instanceof RegistryException && error.mayPass) || attempt >= retries) throw error
        await sleep(this.#waitMs(attempt))
      }
    }
  }
  close(): void {
    this.#http.close()
  }

  async #sendToAny(method: HttpRequest['method'], path: string, body: string | null): Promise<unknown> {
    let failure: unknown
    for (let at = 0; at < this.#urls.length; at++) {
      const base = this.#urls[this.#current] as URL
      try {
        const headers = { ...this.#headers, ...(await this.#credentials(base)) }
        return await this.#http.send({ method, url: join(base, path), headers, body })
      } catch (error) {
        if (!(error instanceof RegistryException && error.mayPass)) throw error
        failure = error
        this.#current = (this.#current + 1) % this.#urls.length
      }
    }
    throw failure
  }
  /** A random part of a wait that doubles: clients that failed together do not come back together. */
  #waitMs(attempt: number): number {
    const cap = Math.min(
      this.#config['retries.wait.ms'] * 2 ** Math.min(attempt, LAST_DOUBLING),
      this.#config['retries.max.wait.ms'],
    )
    return Math.random() * cap
  }
}

/** Keys may stand with or without the client's prefix, as in the reference; the ones without it count first. */
function clientConfigs(raw: RawConfig): RawConfig {
  const configs: Record<string, string | null> = {}
  for (const [key, value] of Object.entries(raw)) {
    const bare = key.startsWith(CLIENT_PREFIX) ? key.slice(CLIENT_PREFIX.length) : key
    if (!CLIENT_CONFIG.keys.has(key) && CLIENT_CONFIG.keys.has(bare)) configs[bare] = value
  }
  return { ...configs, ...raw }
}

function withoutPrefix(raw: RawConfig): RawConfig {
  return Object.fromEntries(
    Object.entries(raw)
      .filter(([key]) => key.startsWith(CLIENT_PREFIX))
      .map(([key, value]) => [key.slice(CLIENT_PREFIX.length), value]),
  )
}

function requestHeaders(raw: RawConfig): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(raw)
      .filter(([key]) => key.startsWith(REQUEST_HEADER_PREFIX))
      .map(([key, value]) => [key.slice(REQUEST_HEADER_PREFIX.length).toLowerCase(), value ?? '']),
  )
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  // The text may hold a password: it is not repeated.
  throw new ConfigException(`${URL_KEY} must be URLs that begin with http:// or https://, with commas between them`, {
    configKey: URL_KEY,
  })
}

/** `path` below a base URL, without the user and password that may stand in it. */
function join(base: URL, path: string): URL {
  return new URL(base.pathname.replace(/\/+$/, '') + path, base.origin)
}

function proxyOf(config: ClientConfig): { readonly host: string; readonly port: number } | null {
  const host = config['proxy.host']
  const port = config['proxy.port']
  if (host === '') return null
  if (port > 0 && port < 65_536) return { host, port }
  throw ConfigException.invalidValue('proxy.port', port, 'proxy.host needs a port from 1 to 65535')
}
