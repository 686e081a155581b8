// SASL SCRAM (RFC 5802, RFC 7677): both sides prove that they know the password, which never travels.
//
//   client-first  n,,n=<user>,r=<nonce>[,tokenauth=true]
//   server-first  r=<nonce + server's>,s=<salt>,i=<iterations>
//   client-final  c=biws,r=<nonce + server's>,p=<proof>
//   server-final  v=<signature>  or  e=<error>
import { builtins } from '../builtins.ts'
import { authenticationFailed } from '../errors.ts'
import type { SaslExchange, SaslMechanism } from './sasl.ts'

const HASHES = {
  'SCRAM-SHA-256': { hash: 'sha256', bytes: 32 },
  'SCRAM-SHA-512': { hash: 'sha512', bytes: 64 },
} as const
export type ScramName = keyof typeof HASHES

/** RFC 7677: fewer make a stolen exchange easy to guess from. Kafka's own client refuses them, too. */
const LEAST_ITERATIONS = 4096
/** Above this a server could keep the client busy for minutes. */
const MOST_ITERATIONS = 10_000_000
const NONCE_BYTES = 24
/** Base64 of `n,,`: no channel binding, no authorization id. */
const CHANNEL = 'c=biws'

/** Not in one go: 4096 rounds take milliseconds, and a server may ask for many more. */
function derive(password: string, salt: Buffer, iterations: number, bytes: number, hash: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    builtins.crypto.pbkdf2(password, salt, iterations, bytes, hash, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}

/** What a SCRAM login needs. */
export interface ScramCredentials {
  readonly username: string
  readonly password: string
  /** The name and password are those of a delegation token (KIP-48). */
  readonly tokenAuth?: boolean
}

export function scramMechanism(name: ScramName, credentials: ScramCredentials): SaslMechanism {
  return Object.freeze({
    name,
    start: () => new ScramExchange(name, credentials, builtins.crypto.randomBytes(NONCE_BYTES).toString('base64url')),
  })
}

/** One login. `nonce` is given only so that the RFC's examples can be followed. */
export class ScramExchange implements SaslExchange {
  readonly #name: ScramName
  readonly #credentials: ScramCredentials
  readonly #nonce: string
  readonly #firstBare: string
  #expectedSignature: Buffer | null = null

  constructor(name: ScramName, credentials: ScramCredentials, nonce: string) {
    this.#name = name
    this.#credentials = credentials
    this.#nonce = nonce
    const extension = credentials.tokenAuth === true ? ',tokenauth=true' : ''
    this.#firstBare = `n=${saslName(credentials.username)},r=${nonce}${extension}`
  }

  first(): Buffer {
    return Buffer.from(`n,,${this.#firstBare}`, 'utf8')
  }

  async next(challenge: Buffer): Promise<Buffer | null> {
    if (this.#expectedSignature === null) return this.#final(challenge.toString('utf8'))
    this.#verify(challenge.toString('utf8'))
    return null
  }

  async #final(serverFirst: string): Promise<Buffer> {
    const { nonce, salt, iterations } = this.#readServerFirst(serverFirst)
    const { createHash, createHmac } = builtins.crypto
    const { hash, bytes } = HASHES[this.#name]
    const salted = await derive(this.#credentials.password, salt, iterations, bytes, hash)
    const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest()
    const withoutProof = `${CHANNEL},r=${nonce}`
    const signed = `${this.#firstBare},${serverFirst},${withoutProof}`
    const clientKey = hmac(salted, 'Client Key')
    const proof = hmac(createHash(hash).update(clientKey).digest(), signed)
    for (let at = 0; at < proof.length; at++) proof[at] = (proof[at] as number) ^ (clientKey[at] as number)
    this.#expectedSignature = hmac(hmac(salted, 'Server Key'), signed)
    return Buffer.from(`${withoutProof},p=${proof.toString('base64')}`, 'utf8')
  }

  #readServerFirst(message: string): { nonce: string; salt: Buffer; iterations: number } {
    const fields = readFields(message)
    this.#refuseError(fields)
    const nonce = fields.get('r') ?? ''
    const salt = fields.get('s') ?? ''
    const iterations = Number(fields.get('i'))
    if (!nonce.startsWith(this.#nonce) || nonce.length === this.#nonce.length)
      throw this.#failed('its nonce is not ours')
    if (salt === '' || !Number.isSafeInteger(iterations)) throw this.#failed('its first message cannot be read')
    if (iterations < LEAST_ITERATIONS || iterations > MOST_ITERATIONS) {
      throw this.#failed(`it asks for ${iterations} iterations, allowed are ${LEAST_ITERATIONS} to ${MOST_ITERATIONS}`)
    }
    return { nonce, salt: Buffer.from(salt, 'base64'), iterations }
  }

  /** A server that cannot sign does not know the password: it is not the one we mean. */
  #verify(serverFinal: string): void {
    const fields = readFields(serverFinal)
    this.#refuseError(fields)
    const signature = Buffer.from(fields.get('v') ?? '', 'base64')
    const expected = this.#expectedSignature as Buffer
    if (signature.length !== expected.length || !builtins.crypto.timingSafeEqual(signature, expected)) {
      throw this.#failed('its signature is wrong: it does not know the password')
    }
  }

  #refuseError(fields: ReadonlyMap<string, string>): void {
    const error = fields.get('e')
    if (error !== undefined) throw this.#failed(`it answered ${error}`)
  }
  #failed(why: string) {
    return authenticationFailed(`${this.#name} login failed, the broker is not to be trusted or misconfigured: ${why}`)
  }
}

/** RFC 5802: comma and equals sign are written as codes. */
function saslName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C')
}

/** `a=...,b=...`; a value may hold equals signs. */
function readFields(message: string): ReadonlyMap<string, string> {
  return new Map(message.split(',').map((part): [string, string] => [part.slice(0, 1), part.slice(2)]))
}
