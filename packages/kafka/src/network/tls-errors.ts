// What a failed TLS handshake means in the words of the configuration keys.
import { disconnected, type KafkaException, tlsFailed } from '../errors.ts'

/** Errors of sockets carry a code. */
export type SocketError = Error & { readonly code?: string; readonly host?: string; readonly reason?: string }

const CONNECTING_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EAI_AGAIN',
])
const RESET_CODES: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE'])
const UNTRUSTED_CODES: ReadonlySet<string> = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
])
/** Alerts about the client's certificate. A broker that misses one calls it bad or required, depending on the version. */
const CERTIFICATE_ALERT = /ALERT_.*(CERTIFICATE|UNKNOWN_CA)/

/** The error of a TLS connection that was not made: not reached, not TLS on the other side, or no trust. */
export function handshakeFailure(address: string, cause: SocketError): KafkaException {
  const code = cause.code ?? ''
  if (CONNECTING_CODES.has(code) || cause.message.startsWith('no connection')) {
    return disconnected(`Cannot connect to broker ${address}: ${cause.message}`, cause)
  }
  if (RESET_CODES.has(code) || /closed|wrong version number|packet length|before secure TLS/i.test(cause.message)) {
    return tlsFailed(
      `The TLS handshake with broker ${address} was cut off (${reasonOf(cause)}): this is how a listener without TLS answers. ` +
        'Set security.protocol to PLAINTEXT or SASL_PLAINTEXT, or connect to the TLS port',
      cause,
    )
  }
  return tlsFailed(`The TLS handshake with broker ${address} failed: ${explain(cause)}`, cause)
}

/**
 * The error of a connection that broke before the first answer because the broker refused the handshake: in TLS 1.3 a
 * client learns that only afterwards. Undefined for every other reason.
 */
export function lateHandshakeFailure(address: string, cause: SocketError): KafkaException | undefined {
  if (!/^ERR_SSL.*ALERT/.test(cause.code ?? '')) return undefined
  return tlsFailed(`Broker ${address} refused the TLS handshake: ${explain(cause)}`, cause)
}

function explain(cause: SocketError): string {
  const code = cause.code ?? ''
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return (
      `its certificate is not for ${cause.host ?? 'this host'} (${cause.reason ?? cause.message}). Connect by a name that is in the ` +
      'certificate; setting ssl.endpoint.identification.algorithm to nothing turns this check off'
    )
  }
  if (UNTRUSTED_CODES.has(code)) {
    return (
      `the authority that signed its certificate is not trusted (${code}). ` +
      'Put the certificate of that authority into ssl.truststore.location'
    )
  }
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired'
  if (code === 'CERT_NOT_YET_VALID') return 'its certificate is not valid yet; look at the clocks of both machines'
  if (CERTIFICATE_ALERT.test(code)) {
    return (
      `it wants a client certificate that it trusts (${reasonOf(cause)}). Set ssl.keystore.location, or ssl.keystore.key ` +
      'and ssl.keystore.certificate.chain'
    )
  }
  return `${reasonOf(cause)}${code === '' ? '' : ` (${code})`}`
}

/** OpenSSL's messages carry source files and line numbers; the reason stands between. */
function reasonOf(cause: SocketError): string {
  return /SSL routines:[^:]*:([^:]+):/.exec(cause.message)?.[1] ?? cause.message
}
