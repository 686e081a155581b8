// Unsigned tokens for development: what the Java client's OAUTHBEARER login module makes when nothing else is set (KIP-255).
import { ConfigException } from '@millrace/api'
import type { BearerToken } from './oauthbearer.ts'

const PREFIX = 'unsecuredLogin'
const DEFAULT_LIFETIME_SECONDS = 3600
const EXTENSION_NAME = /^[A-Za-z]+$/

/**
 * An unsecured JWS from the options of the login module: `unsecuredLoginStringClaim_sub`, `...NumberClaim_x`,
 * `...ListClaim_x`, `...Extension_x`, `...PrincipalClaimName`, `...LifetimeSeconds`, `...ScopeClaimName`.
 * @throws ConfigException when there is no principal, or an option cannot be read
 */
export function unsecuredToken(options: ReadonlyMap<string, string>, nowMs: number): BearerToken {
  const lifetimeSeconds = number(
    options.get(`${PREFIX}LifetimeSeconds`) ?? String(DEFAULT_LIFETIME_SECONDS),
    'LifetimeSeconds',
  )
  const claims: Record<string, unknown> = { iat: nowMs / 1000, exp: nowMs / 1000 + lifetimeSeconds }
  const extensions = new Map<string, string>()
  for (const [name, value] of options) {
    const [kind, key] = split(name)
    if (kind === 'StringClaim') claims[key] = value
    else if (kind === 'NumberClaim') claims[key] = number(value, `NumberClaim_${key}`)
    else if (kind === 'ListClaim') claims[key] = listOf(value)
    else if (kind === 'Extension') extensions.set(extensionName(key), value)
  }
  const principalClaim = options.get(`${PREFIX}PrincipalClaimName`) ?? 'sub'
  if (typeof claims[principalClaim] !== 'string') {
    throw new ConfigException(
      `The unsecured OAUTHBEARER login has no principal: set ${PREFIX}StringClaim_${principalClaim} in sasl.jaas.config, or ` +
        'sasl.oauthbearer.token.endpoint.url to get tokens from a server',
      { configKey: 'sasl.jaas.config' },
    )
  }
  const value = `${encode({ alg: 'none' })}.${encode(claims)}.`
  return { value, startMs: nowMs, expiresMs: nowMs + lifetimeSeconds * 1000, extensions }
}

/** Extension names are letters, and `auth` is taken (RFC 7628). */
export function extensionName(name: string): string {
  if (EXTENSION_NAME.test(name) && name !== 'auth') return name
  throw new ConfigException(
    `"${name}" in sasl.jaas.config cannot be a SASL extension: use letters only, and not "auth"`,
    {
      configKey: 'sasl.jaas.config',
    },
  )
}

function split(option: string): [kind: string, key: string] {
  const at = option.indexOf('_')
  return option.startsWith(PREFIX) && at > 0 ? [option.slice(PREFIX.length, at), option.slice(at + 1)] : ['', '']
}

/** The first character separates the entries, so that any other may be part of one. */
function listOf(value: string): readonly string[] {
  return value === '' ? [] : value.slice(1).split(value.charAt(0))
}

function number(text: string, option: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new ConfigException(`${PREFIX}${option} in sasl.jaas.config must be a number`, {
    configKey: 'sasl.jaas.config',
  })
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url')
}
