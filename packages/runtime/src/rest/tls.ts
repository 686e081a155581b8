// https listeners: the reference's ssl.* keys as Node.js wants them. PEM texts, PEM files and PKCS#12 stores; no JKS.
import { readFileSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer, type ServerOptions } from 'node:https'
import type { ConnectionOptions, SecureContextOptions, SecureVersion } from 'node:tls'
import { ConfigException, type ConnectorProps, errorMessage } from '@millrace/api'
import { withPrefix } from '../config/client-configs.ts'

const PROTOCOLS: Readonly<Record<string, SecureVersion>> = { 'TLSv1.2': 'TLSv1.2', 'TLSv1.3': 'TLSv1.3' }

/**
 * An https server with the settings under `prefix`, or, when there are none under it, with those without a prefix.
 * @throws ConfigException for a missing or unreadable key or certificate
 */
export function createTlsServer(
  props: ConnectorProps,
  prefix: string,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  return createServer(tlsOptions(props, prefix), handle) as unknown as Server
}

/** Options of the server. */
export function tlsOptions(props: ConnectorProps, prefix: string): ServerOptions {
  const own = withPrefix(props, prefix)
  const settings = Object.keys(own).length > 0 ? own : props
  const auth = settings['ssl.client.auth'] ?? 'none'
  return {
    ...identity(settings),
    ...trust(settings),
    ...versions(settings),
    requestCert: auth !== 'none',
    rejectUnauthorized: auth === 'required',
  }
}

/** Options of a connection to an https listener of another worker: the same settings, with the other side's certificate checked. */
export function clientTlsOptions(props: ConnectorProps, prefix: string): ConnectionOptions {
  const own = withPrefix(props, prefix)
  const settings = Object.keys(own).length > 0 ? own : props
  const hasIdentity = settings['ssl.keystore.location'] !== undefined || settings['ssl.keystore.key'] !== undefined
  return {
    ...(hasIdentity && identity(settings)),
    ...trust(settings),
    ...versions(settings),
    // As in the reference, an empty algorithm ends the check of the host name, not that of the certificate.
    ...(settings['ssl.endpoint.identification.algorithm'] === '' && { checkServerIdentity: () => undefined }),
  }
}

function identity(settings: ConnectorProps): SecureContextOptions {
  const type = (settings['ssl.keystore.type'] ?? 'JKS').toUpperCase()
  const password = settings['ssl.key.password'] ?? settings['ssl.keystore.password']
  const passphrase = password === undefined ? {} : { passphrase: password }
  const key = settings['ssl.keystore.key']
  if (key !== undefined) {
    const cert = settings['ssl.keystore.certificate.chain']
    if (cert === undefined) throw missing('ssl.keystore.certificate.chain')
    return { key: pem(key), cert: pem(cert), ...passphrase }
  }
  const location = settings['ssl.keystore.location']
  if (location === undefined) throw missing('ssl.keystore.location')
  const bytes = read('ssl.keystore.location', location)
  if (type === 'PEM') return { key: bytes, cert: bytes, ...passphrase }
  refuseJks('ssl.keystore.type', type, bytes)
  const store = settings['ssl.keystore.password']
  return { pfx: bytes, ...(store !== undefined && { passphrase: store }) }
}

function trust(settings: ConnectorProps): SecureContextOptions {
  const certificates = settings['ssl.truststore.certificates']
  if (certificates !== undefined) return { ca: pem(certificates) }
  const location = settings['ssl.truststore.location']
  if (location === undefined) return {}
  const bytes = read('ssl.truststore.location', location)
  if (!bytes.includes('-----BEGIN')) {
    throw ConfigException.invalidValue(
      'ssl.truststore.location',
      location,
      'The truststore of a listener must be a PEM file',
    )
  }
  return { ca: bytes }
}

function versions(settings: ConnectorProps): SecureContextOptions {
  const enabled = settings['ssl.enabled.protocols'] ?? 'TLSv1.2,TLSv1.3'
  const known = enabled.split(',').flatMap((name) => PROTOCOLS[name.trim()] ?? [])
  if (known.length === 0) throw ConfigException.invalidValue('ssl.enabled.protocols', enabled, 'Use TLSv1.2 or TLSv1.3')
  const ciphers = settings['ssl.cipher.suites']
  return {
    minVersion: known.includes('TLSv1.2') ? 'TLSv1.2' : 'TLSv1.3',
    maxVersion: known.includes('TLSv1.3') ? 'TLSv1.3' : 'TLSv1.2',
    ...(ciphers !== undefined && ciphers !== '' && { ciphers: ciphers.split(',').join(':') }),
  }
}

/** PEM text from a properties file: line breaks may have become blanks. */
function pem(text: string): string {
  return text.replace(/-----BEGIN ([A-Z ]+)-----([\s\S]*?)-----END \1-----/g, (_all, label: string, body: string) => {
    const base64 = body.replace(/\s+/g, '')
    return `-----BEGIN ${label}-----\n${(base64.match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`
  })
}

function refuseJks(key: string, type: string, bytes: Buffer): void {
  if (bytes.length >= 4 && bytes.readUInt32BE(0) === 0xfeedfeed) {
    throw ConfigException.invalidValue(
      key,
      type,
      'Java key stores (JKS) cannot be read. Convert it: keytool -importkeystore -srckeystore IN -destkeystore OUT.p12 -deststoretype PKCS12',
    )
  }
}

function read(key: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new ConfigException(`Cannot read ${key} ${path}: ${errorMessage(error)}`, { cause: error, configKey: key })
  }
}

function missing(key: string): ConfigException {
  return new ConfigException(`An https listener needs ${key} (or the same under listeners.https.).`, { configKey: key })
}
