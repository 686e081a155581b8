// Which way OAUTHBEARER tokens are got: unsecured for development, from an endpoint, or from a file.
import { ConfigException, type Logger } from '@millrace/api'
import type { SecurityValues } from '../config/security.ts'
import { SSL_KEYS } from '../config/security.ts'
import type { TokenSource } from './oauthbearer.ts'
import { tlsOptions } from './tls.ts'
import { cachedTokens } from './token-cache.ts'
import { fetchToken, readTokenFile } from './token-endpoint.ts'
import { extensionName, unsecuredToken } from './unsecured-token.ts'

const PACKAGE = 'org.apache.kafka.common.security.oauthbearer.'
const HANDLER = 'sasl.login.callback.handler.class'
const RETRIEVER = 'sasl.oauthbearer.jwt.retriever.class'
const ENDPOINT = 'sasl.oauthbearer.token.endpoint.url'
const HANDLERS: ReadonlySet<string> = new Set([
  `${PACKAGE}OAuthBearerLoginCallbackHandler`,
  `${PACKAGE}secured.OAuthBearerLoginCallbackHandler`,
  `${PACKAGE}internals.unsecured.OAuthBearerUnsecuredLoginCallbackHandler`,
])
const RETRIEVERS: ReadonlySet<string> = new Set([
  `${PACKAGE}DefaultJwtRetriever`,
  `${PACKAGE}ClientCredentialsJwtRetriever`,
  `${PACKAGE}FileJwtRetriever`,
])
const EXTENSION = 'extension_'
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000
const DEFAULT_READ_TIMEOUT_MS = 30_000

/** A source of tokens as the keys and the login module's options say. @throws ConfigException */
export function oauthTokens(
  values: SecurityValues,
  options: ReadonlyMap<string, string>,
  log: Logger | undefined,
): TokenSource {
  refuseUnknown(HANDLER, values[HANDLER], HANDLERS)
  refuseUnknown(RETRIEVER, values[RETRIEVER], RETRIEVERS)
  return cachedTokens(
    source(values, options),
    {
      windowFactor: values['sasl.login.refresh.window.factor'],
      windowJitter: values['sasl.login.refresh.window.jitter'],
      minPeriodMs: values['sasl.login.refresh.min.period.seconds'] * 1000,
      bufferMs: values['sasl.login.refresh.buffer.seconds'] * 1000,
    },
    log,
  )
}

function source(values: SecurityValues, options: ReadonlyMap<string, string>): TokenSource {
  const endpoint = values[ENDPOINT]
  if (endpoint === null) {
    // Made once now, so that a missing principal is said at the start.
    unsecuredToken(options, Date.now())
    return async () => unsecuredToken(options, Date.now())
  }
  const url = parseEndpoint(endpoint)
  const extensions = extensionsOf(options)
  if (url.protocol === 'file:') return () => readTokenFile(url, extensions)
  const request = {
    url,
    clientId: credential(values['sasl.oauthbearer.client.credentials.client.id'], options, 'clientId'),
    clientSecret: credential(
      values['sasl.oauthbearer.client.credentials.client.secret']?.value ?? null,
      options,
      'clientSecret',
    ),
    scope: values['sasl.oauthbearer.scope'] ?? options.get('scope') ?? null,
    urlEncode: values['sasl.oauthbearer.header.urlencode'],
    connectTimeoutMs: values['sasl.login.connect.timeout.ms'] ?? DEFAULT_CONNECT_TIMEOUT_MS,
    readTimeoutMs: values['sasl.login.read.timeout.ms'] ?? DEFAULT_READ_TIMEOUT_MS,
    retryBackoff: {
      initialMs: values['sasl.login.retry.backoff.ms'],
      maxMs: values['sasl.login.retry.backoff.max.ms'],
    },
    // The endpoint's TLS settings stand among the login module's options: they need not be those of the brokers.
    tls: url.protocol === 'https:' ? tlsOptions(SSL_KEYS.parse(Object.fromEntries(options))) : {},
    extensions,
  }
  return () => fetchToken(request)
}

function parseEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && ['http:', 'https:', 'file:'].includes(url.protocol)) return url
  throw ConfigException.invalidValue(ENDPOINT, text, 'Expected a URL that begins with https:, http: or file:')
}

function credential(configured: string | null, options: ReadonlyMap<string, string>, option: string): string {
  const value = configured ?? options.get(option)
  if (value !== undefined && value !== '') return value
  const key = `sasl.oauthbearer.client.credentials.${option === 'clientId' ? 'client.id' : 'client.secret'}`
  throw new ConfigException(`${ENDPOINT} needs client credentials: set ${key}, or ${option} in sasl.jaas.config`, {
    configKey: key,
  })
}

function extensionsOf(options: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const pairs = [...options].filter(([name]) => name.startsWith(EXTENSION))
  return new Map(pairs.map(([name, value]) => [extensionName(name.slice(EXTENSION.length)), value]))
}

function refuseUnknown(key: string, value: string | null, known: ReadonlySet<string>): void {
  if (value === null || known.has(value)) return
  throw ConfigException.invalidValue(
    key,
    value,
    `a JVM class cannot be loaded here; known are ${[...known].join(', ')}`,
  )
}
