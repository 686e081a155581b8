// Tells from the first bytes of an answer what the other side really speaks, when it is not Kafka in plain.

const TLS_ALERT = 0x15
const TLS_HANDSHAKE = 0x16
const TLS_MAJOR = 0x03

/** What the peer seems to be, or undefined when nothing is known. */
export function recognizePeer(first: Uint8Array): string | undefined {
  if ((first[0] === TLS_ALERT || first[0] === TLS_HANDSHAKE) && first[1] === TLS_MAJOR) {
    return 'it answered in TLS. This listener wants TLS: set security.protocol to SSL or SASL_SSL, or connect to the plaintext port'
  }
  if (Buffer.from(first).toString('latin1', 0, 4) === 'HTTP') {
    return 'it answered in HTTP. This is the port of a web server, not of a Kafka broker'
  }
  return undefined
}
