// Truststores and keystores from the `ssl.*` keys: PEM inline, PEM files, PKCS#12 files.
import type { KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ConfigException, errorMessage, type Password } from '@millrace/api'
import { builtins } from '../builtins.ts'
import type { SslValues } from '../config/security.ts'
import { derToPem, isCertificate, isPrivateKey, type PemBlock, pemBlocks } from './pem.ts'
import { UnsupportedCipherError, WrongPasswordError } from './pkcs12/pbe.ts'
import { type Pkcs12, readPkcs12 } from './pkcs12/pkcs12.ts'

/** A private key with its certificate chain, own certificate first; both in PEM. */
export interface Identity {
  readonly key: string
  readonly chain: string
}

const TRUST_LOCATION = 'ssl.truststore.location'
const KEY_LOCATION = 'ssl.keystore.location'
const JKS_MAGICS: ReadonlySet<number> = new Set([0xfeedfeed, 0xcececece])

/** Trusted certificates in PEM, or undefined for the authorities that Node.js knows. @throws ConfigException */
export function loadTrust(values: SslValues): readonly string[] | undefined {
  const inline = values['ssl.truststore.certificates']
  const location = values[TRUST_LOCATION]
  if (inline !== null) {
    refuseBoth(location, TRUST_LOCATION, 'ssl.truststore.certificates')
    return certificatesOf(pemBlocks(inline.value), 'ssl.truststore.certificates', '[hidden]')
  }
  if (location === null) return undefined
  const bytes = readStore(TRUST_LOCATION, location)
  if (isPem(bytes, values['ssl.truststore.type'])) {
    return certificatesOf(pemBlocks(bytes.toString('latin1')), TRUST_LOCATION, location)
  }
  const store = readBinary(bytes, TRUST_LOCATION, location, values['ssl.truststore.password'], null)
  if (store.certificates.length === 0)
    throw ConfigException.invalidValue(TRUST_LOCATION, location, 'it holds no certificate')
  return store.certificates.map((der) => derToPem('CERTIFICATE', der))
}

/** This client's key and certificates, or undefined when none are configured. @throws ConfigException */
export function loadIdentity(values: SslValues): Identity | undefined {
  const inline = values['ssl.keystore.key']
  const location = values[KEY_LOCATION]
  const keyPassword = values['ssl.key.password']
  if (inline !== null) {
    refuseBoth(location, KEY_LOCATION, 'ssl.keystore.key')
    return identityOfPem(inline.value, values['ssl.keystore.certificate.chain'], keyPassword)
  }
  if (location === null) return undefined
  const bytes = readStore(KEY_LOCATION, location)
  if (isPem(bytes, values['ssl.keystore.type'])) {
    const blocks = pemBlocks(bytes.toString('latin1'))
    const key = blocks.find(isPrivateKey)
    if (key === undefined) throw ConfigException.invalidValue(KEY_LOCATION, location, 'it holds no private key')
    const chain = certificatesOf(blocks, KEY_LOCATION, location).join('')
    return { key: unlock(key.text, keyPassword, KEY_LOCATION), chain }
  }
  return identityOf(readBinary(bytes, KEY_LOCATION, location, values['ssl.keystore.password'], keyPassword), location)
}

function identityOfPem(key: string, chain: Password | null, keyPassword: Password | null): Identity {
  const block = pemBlocks(key).find(isPrivateKey)
  if (block === undefined)
    throw ConfigException.invalidValue('ssl.keystore.key', '[hidden]', 'it holds no private key in PEM')
  if (chain === null) {
    throw new ConfigException('ssl.keystore.key is set without ssl.keystore.certificate.chain: set both, or neither', {
      configKey: 'ssl.keystore.certificate.chain',
    })
  }
  const certificates = certificatesOf(pemBlocks(chain.value), 'ssl.keystore.certificate.chain', '[hidden]')
  return { key: unlock(block.text, keyPassword, 'ssl.keystore.key'), chain: certificates.join('') }
}

/** The key whose certificate is there, and the certificates from that one up to the root. */
function identityOf(store: Pkcs12, location: string): Identity {
  const certificates = store.certificates.map((der) => new builtins.crypto.X509Certificate(der))
  for (const der of store.keys) {
    const key = builtins.crypto.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    const own = certificates.find((one) => one.checkPrivateKey(key))
    if (own !== undefined) return { key: exportKey(key), chain: chainFrom(own, certificates).map(String).join('') }
  }
  const lack = store.keys.length === 0 ? 'no private key' : 'no certificate for its private key'
  throw ConfigException.invalidValue(KEY_LOCATION, location, `it holds ${lack}`)
}

function chainFrom(own: X509Certificate, certificates: readonly X509Certificate[]): readonly X509Certificate[] {
  const chain = [own]
  for (let last = own; ; ) {
    const issuer = certificates.find((one) => !chain.includes(one) && last.checkIssued(one))
    if (issuer === undefined) return chain
    chain.push(issuer)
    last = issuer
  }
}

/** A PEM key without its password, so that a wrong one is known now and not at the first connection. */
function unlock(pem: string, password: Password | null, configKey: string): string {
  try {
    return exportKey(
      builtins.crypto.createPrivateKey({ key: pem, ...(password !== null && { passphrase: password.value }) }),
    )
  } catch (error) {
    const reason = password === null && pem.includes('ENCRYPTED') ? 'it is encrypted; set ssl.key.password' : why(error)
    throw new ConfigException(`The private key of ${configKey} cannot be read: ${reason}`, { configKey, cause: error })
  }
}

function exportKey(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString()
}

function why(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /BAD_DECRYPT|INTERRUPTED_OR_CANCELLED|UNKNOWN_ERROR|PASSPHRASE/i.test(`${code} ${errorMessage(error)}`)
    ? 'ssl.key.password is not its password'
    : errorMessage(error)
}

function certificatesOf(blocks: readonly PemBlock[], configKey: string, shown: string): readonly string[] {
  const certificates = blocks.filter(isCertificate).map((block) => block.text)
  if (certificates.length === 0) throw ConfigException.invalidValue(configKey, shown, 'it holds no certificate in PEM')
  return certificates
}

function readStore(configKey: string, location: string): Buffer {
  try {
    return readFileSync(location)
  } catch (error) {
    throw new ConfigException(`The file of ${configKey} cannot be read: ${errorMessage(error)}`, {
      configKey,
      cause: error,
    })
  }
}

/** By content, or by the configured type where the content does not tell. */
function isPem(bytes: Buffer, type: string): boolean {
  return bytes.includes('-----BEGIN ') || type.toUpperCase() === 'PEM'
}

function readBinary(
  bytes: Buffer,
  configKey: string,
  location: string,
  password: Password | null,
  keyPassword: Password | null,
): Pkcs12 {
  if (bytes.length >= 4 && JKS_MAGICS.has(bytes.readUInt32BE())) throw isJks(configKey, location)
  const passwordKey = configKey.replace('location', 'password')
  try {
    return readPkcs12(bytes, { store: password?.value ?? null, key: keyPassword?.value ?? null })
  } catch (error) {
    throw new ConfigException(`The store ${location} of ${configKey} cannot be read: ${reasonOf(error, passwordKey)}`, {
      configKey,
      cause: error,
    })
  }
}

function reasonOf(error: unknown, passwordKey: string): string {
  if (error instanceof WrongPasswordError) return `${passwordKey} is missing or wrong (${error.message})`
  if (error instanceof UnsupportedCipherError) {
    return (
      `it is encrypted with ${error.message}, which is too old to be read. Write it anew with current algorithms: ` +
      'keytool -importkeystore -srckeystore OLD.p12 -destkeystore NEW.p12 -deststoretype PKCS12'
    )
  }
  return `it is neither PEM nor PKCS#12 (${errorMessage(error)})`
}

function isJks(configKey: string, location: string): ConfigException {
  const converted = `${location.replace(/\.[^./\\]*$/, '')}.p12`
  return new ConfigException(
    `The store ${location} of ${configKey} is a JKS store, a format of the JVM alone. Convert it once with ` +
      `"keytool -importkeystore -srckeystore ${location} -destkeystore ${converted} -deststoretype PKCS12", then set ` +
      `${configKey}=${converted} and ${configKey.replace('location', 'type')}=PKCS12`,
    { configKey },
  )
}

function refuseBoth(location: string | null, locationKey: string, inlineKey: string): void {
  if (location === null) return
  throw new ConfigException(`Both ${locationKey} and ${inlineKey} are set: set only one of them`, {
    configKey: inlineKey,
  })
}
