// Signatures of internal requests between workers (KIP-507): an HMAC of the raw body under the cluster's session key.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { BadRequestException, RestException } from '../control/errors.ts'
import type { SessionKey } from '../topics/config-topic/cluster-config-state.ts'
import { macAlgorithm } from './mac-algorithms.ts'

export const SIGNATURE_HEADER = 'X-Connect-Authorization'
export const SIGNATURE_ALGORITHM_HEADER = 'X-Connect-Request-Signature-Algorithm'

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/

/** A signature as a request brought it. */
export interface RequestSignature {
  readonly algorithm: string
  readonly bytes: Buffer
}

/** The two headers for a request. The body is what goes over the wire, byte for byte; none is an empty one. */
export function signatureHeaders(
  key: SessionKey,
  body: Uint8Array,
  algorithm: string,
): Readonly<Record<string, string>> {
  return {
    [SIGNATURE_HEADER]: sign(key.key, body, algorithm).toString('base64'),
    [SIGNATURE_ALGORITHM_HEADER]: algorithm,
  }
}

/**
 * The signature of a request; null when a header is missing.
 * @param header value of a header by its name in any case
 * @throws BadRequestException for an algorithm that is not known here, or a signature that is not base64
 */
export function readSignature(header: (name: string) => string | undefined): RequestSignature | null {
  const algorithm = header(SIGNATURE_ALGORITHM_HEADER)
  const encoded = header(SIGNATURE_HEADER)
  if (algorithm === undefined || encoded === undefined) return null
  if (macAlgorithm(algorithm) === undefined) throw new BadRequestException(`Algorithm ${algorithm} not available`)
  if (!BASE64.test(encoded)) throw new BadRequestException(`The header ${SIGNATURE_HEADER} is not valid base64`)
  return { algorithm, bytes: Buffer.from(encoded, 'base64') }
}

/** What decides whether a request is let in. */
export interface VerificationRules {
  /** Version of the group's protocol now; below 2 requests are not signed and not checked. */
  readonly protocolVersion: number
  /** `inter.worker.verification.algorithms` */
  readonly algorithms: readonly string[]
  /** Null when none was read from the config topic yet. */
  readonly key: SessionKey | null
}

/**
 * Refuses an internal request that is not signed as it must be. Takes the same time for every wrong signature.
 * @throws BadRequestException (400), RestException 403 for a wrong signature, 503 when this worker knows no key yet
 */
export function verifyRequest(signature: RequestSignature | null, body: Uint8Array, rules: VerificationRules): void {
  if (rules.protocolVersion < 2) return
  if (signature === null) throw new BadRequestException('Internal request missing required signature')
  const { algorithm, bytes } = signature
  if (!rules.algorithms.includes(algorithm)) {
    throw new BadRequestException(
      `This worker does not support the '${algorithm}' key signing algorithm used by other workers. ` +
        `This worker is currently configured to use: [${rules.algorithms.join(', ')}]. ` +
        "Check that all workers' configuration files permit the same set of signature algorithms, " +
        'and correct any misconfigured worker and restart it.',
    )
  }
  if (rules.key === null) {
    throw new RestException(
      503,
      'This worker is still starting up and has not been able to read a session key from the config topic yet',
    )
  }
  const expected = sign(rules.key.key, body, algorithm)
  if (expected.length !== bytes.length || !timingSafeEqual(expected, bytes)) {
    throw new RestException(403, 'Internal request contained invalid signature.')
  }
}

function sign(key: Buffer, body: Uint8Array, algorithm: string): Buffer {
  const mac = macAlgorithm(algorithm)
  if (mac === undefined) throw new BadRequestException(`Algorithm ${algorithm} not available`)
  return createHmac(mac.digest, key).update(body).digest()
}
