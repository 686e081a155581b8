// Reads from a JWT what a client needs of it: when it ends. The signature is for the broker to check.
import { authenticationFailed } from '../errors.ts'
import type { BearerToken } from './oauthbearer.ts'

/** @throws KafkaException `SaslAuthenticationException` when the text is no JWT with an end; the token is never repeated */
export function readJwt(text: string, source: string, extensions: ReadonlyMap<string, string>): BearerToken {
  const value = text.trim()
  const parts = value.split('.')
  if (parts.length !== 3) throw bad(source, `it has ${parts.length} parts, not 3`)
  const claims = readClaims(parts[1] as string, source)
  const { exp, iat } = claims
  if (typeof exp !== 'number') throw bad(source, 'it has no claim "exp" that says when it ends')
  return { value, startMs: typeof iat === 'number' ? iat * 1000 : Date.now(), expiresMs: exp * 1000, extensions }
}

function readClaims(part: string, source: string): Readonly<Record<string, unknown>> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    if (typeof claims === 'object' && claims !== null) return claims as Readonly<Record<string, unknown>>
  } catch {
    // The parser's message would repeat a part of the token.
  }
  throw bad(source, 'its claims are not JSON')
}

function bad(source: string, why: string): Error {
  return authenticationFailed(`The OAUTHBEARER token from ${source} is not a JWT that can be used: ${why}`)
}
