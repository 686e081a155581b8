// What a request says about who sends it: basic, bearer, or nothing. The secrets never leave this file but in headers.

import type { ConnectionOptions } from 'node:tls'
import { ConfigException } from '@millrace/api'
import { type BearerToken, cachedTokens, fetchToken, parseJaasConfig } from '@millrace/kafka/security'
import type { ClientConfig } from './config.ts'

/** Headers for a request to a URL of the list. */
export type Credentials = (url: URL) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>

const PROVIDERS = ['STATIC_TOKEN', 'OAUTHBEARER', 'SASL_OAUTHBEARER_INHERIT', 'CUSTOM', 'UAMI']

/** Credentials as the keys say. @throws ConfigException for keys that contradict each other or lack something */
export function credentials(
  config: ClientConfig,
  jaas: string | null | undefined,
  tls: ConnectionOptions,
): Credentials {
  const bearer = config['bearer.auth.credentials.source']
  if (bearer !== null && bearer !== '') return bearerCredentials(config, bearer.toUpperCase(), tls)
  const source = config['basic.auth.credentials.source']
  switch (source.toUpperCase()) {
    case 'URL':
      return (url) => basic(url.username === '' ? null : `${decode(url.username)}:${decode(url.password)}`)
    case 'USER_INFO': {
      const { value } = config['basic.auth.user.info']
      if (!value.includes(':')) {
        throw new ConfigException(
          'basic.auth.user.info must be user:password when basic.auth.credentials.source is USER_INFO',
          { configKey: 'basic.auth.user.info' },
        )
      }
      return () => basic(value)
    }
    case 'SASL_INHERIT': {
      const userInfo = fromJaas(jaas)
      return () => basic(userInfo)
    }
    default:
      throw ConfigException.invalidValue(
        'basic.auth.credentials.source',
        source,
        'Expected one of URL, USER_INFO, SASL_INHERIT',
      )
  }
}

function basic(userInfo: string | null): Readonly<Record<string, string>> {
  return userInfo === null ? {} : { authorization: `Basic ${Buffer.from(userInfo, 'utf8').toString('base64')}` }
}

/** A part of a URL as it was meant; as it stands where it is not encoded. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function fromJaas(jaas: string | null | undefined): string {
  const key = 'sasl.jaas.config'
  if (jaas === null || jaas === undefined || jaas === '') {
    throw new ConfigException(`basic.auth.credentials.source=SASL_INHERIT needs ${key}`, { configKey: key })
  }
  const { options } = parseJaasConfig(jaas)
  const [user, password] = [options.get('username'), options.get('password')]
  if (user === undefined || password === undefined) {
    throw new ConfigException(`basic.auth.credentials.source=SASL_INHERIT needs username and password in ${key}`, {
      configKey: key,
    })
  }
  return `${user}:${password}`
}

function bearerCredentials(config: ClientConfig, source: string, tls: ConnectionOptions): Credentials {
  const more = {
    ...(config['bearer.auth.logical.cluster'] !== null && {
      'target-sr-cluster': config['bearer.auth.logical.cluster'],
    }),
    ...(config['bearer.auth.identity.pool.id'] !== null && {
      'confluent-identity-pool-id': config['bearer.auth.identity.pool.id'],
    }),
  }
  if (source === 'STATIC_TOKEN') {
    const token = required(config['bearer.auth.token'].value, 'bearer.auth.token', source)
    return () => ({ ...more, authorization: `Bearer ${token}` })
  }
  if (source !== 'OAUTHBEARER') {
    const why = PROVIDERS.includes(source) ? 'it needs a class or a service of the JVM; use' : 'Expected one of'
    throw ConfigException.invalidValue('bearer.auth.credentials.source', source, `${why} STATIC_TOKEN, OAUTHBEARER`)
  }
  const token = tokenSource(config, tls)
  return async () => ({ ...more, authorization: `Bearer ${(await token()).value}` })
}

const TOKEN_WAIT = { initialMs: 100, maxMs: 10_000 }

function tokenSource(config: ClientConfig, tls: ConnectionOptions): () => Promise<BearerToken> {
  const key = 'bearer.auth.issuer.endpoint.url'
  const endpoint = required(config[key], key, 'OAUTHBEARER')
  if (!URL.canParse(endpoint)) throw ConfigException.invalidValue(key, endpoint, 'Expected a URL')
  const request = {
    url: new URL(endpoint),
    clientId: required(config['bearer.auth.client.id'], 'bearer.auth.client.id', 'OAUTHBEARER'),
    clientSecret: required(config['bearer.auth.client.secret']?.value, 'bearer.auth.client.secret', 'OAUTHBEARER'),
    scope: config['bearer.auth.scope'],
    urlEncode: false,
    connectTimeoutMs: config['http.connect.timeout.ms'],
    readTimeoutMs: config['http.read.timeout.ms'],
    retryBackoff: TOKEN_WAIT,
    tls,
    extensions: new Map<string, string>(),
  }
  return cachedTokens(() => fetchToken(request), {
    windowFactor: 1,
    windowJitter: 0,
    minPeriodMs: 0,
    bufferMs: config['bearer.auth.cache.expiry.buffer.seconds'] * 1000,
  })
}

function required(value: string | null | undefined, key: string, source: string): string {
  if (value !== null && value !== undefined && value !== '') return value
  throw new ConfigException(`bearer.auth.credentials.source=${source} needs ${key}`, { configKey: key })
}
