// SASL OAUTHBEARER (RFC 7628, KIP-255, KIP-342): one message with a token and extensions.
//
//   n,,^Aauth=Bearer <token>^A[<name>=<value>^A...]^A
import type { SaslExchange, SaslMechanism } from './sasl.ts'

const SEPARATOR = '\x01'

/** A token, and for how long it is good. Times in milliseconds since 1970. */
export interface BearerToken {
  readonly value: string
  readonly startMs: number
  readonly expiresMs: number
  /** SASL extensions to send with it. */
  readonly extensions: ReadonlyMap<string, string>
}

/** Where tokens come from; it may keep one for as long as it is good. */
export type TokenSource = () => Promise<BearerToken>

export function oauthBearerMechanism(source: TokenSource): SaslMechanism {
  return Object.freeze({ name: 'OAUTHBEARER', start: () => new OauthBearerExchange(source) })
}

class OauthBearerExchange implements SaslExchange {
  readonly #source: TokenSource

  constructor(source: TokenSource) {
    this.#source = source
  }
  async first(): Promise<Buffer> {
    const token = await this.#source()
    const extensions = [...token.extensions].map(([name, value]) => `${name}=${value}${SEPARATOR}`).join('')
    return Buffer.from(`n,,${SEPARATOR}auth=Bearer ${token.value}${SEPARATOR}${extensions}${SEPARATOR}`, 'utf8')
  }
  /** A challenge is the broker's refusal as JSON: RFC 7628 wants it acknowledged, then the broker gives its verdict. */
  next(challenge: Buffer): Buffer | null {
    return challenge.length === 0 ? null : Buffer.from(SEPARATOR, 'utf8')
  }
}
