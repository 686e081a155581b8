// Keeps a token until it is time for the next one, so that a new connection seldom waits for the token endpoint.
import { errorMessage, type Logger } from '@millrace/api'
import type { BearerToken, TokenSource } from './oauthbearer.ts'

/** When to ask for a new token; the `sasl.login.refresh.*` keys. */
export interface RefreshOptions {
  readonly windowFactor: number
  readonly windowJitter: number
  readonly minPeriodMs: number
  readonly bufferMs: number
}

/**
 * A source that asks `fetch` only when the last token is near its end. Callers share a request under way. When no new
 * token can be got, the old one serves as long as it is good.
 */
export function cachedTokens(
  fetch: TokenSource,
  options: RefreshOptions,
  log?: Logger,
  now: () => number = Date.now,
): TokenSource {
  let token: BearerToken | null = null
  let refreshAt = 0
  let asking: Promise<BearerToken> | null = null
  const ask = async (): Promise<BearerToken> => {
    try {
      token = await fetch()
      refreshAt = refreshTime(token, options)
      return token
    } catch (error) {
      if (token === null || now() >= token.expiresMs) throw error
      log?.warn(`A new OAUTHBEARER token could not be got, the old one is still good: ${errorMessage(error)}`)
      return token
    } finally {
      asking = null
    }
  }
  return () => {
    if (token !== null && now() < refreshAt) return Promise.resolve(token)
    asking ??= ask()
    return asking
  }
}

/** As the Java client's refresh thread: a part of the lifetime, bounded by the least period and the buffer where both fit. */
export function refreshTime(token: BearerToken, options: RefreshOptions, random: () => number = Math.random): number {
  const lifetime = token.expiresMs - token.startMs
  const window = token.startMs + lifetime * (options.windowFactor + options.windowJitter * random())
  if (lifetime < options.minPeriodMs + options.bufferMs) return window
  return Math.max(token.startMs + options.minPeriodMs, Math.min(window, token.expiresMs - options.bufferMs))
}
