// PKCS#12 files (RFC 7292): private keys and certificates under a password. Read here and not by OpenSSL's loader,
// because that one takes no file without a private key, as every truststore is, and no second password for the key.
import { builtins } from '../../builtins.ts'
import { child, children, DerError, type DerNode, DerTag, integerOf, octetsOf, oidOf, readDer } from './der.ts'
import { decrypt, deriveKey, KeyPurpose, pbkdf2Of, UnsupportedCipherError, WrongPasswordError } from './pbe.ts'

const DATA = '1.2.840.113549.1.7.1'
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6'
const BAG = '1.2.840.113549.1.12.10.1.'
const X509 = '1.2.840.113549.1.9.22.1'
const PBMAC1 = '1.2.840.113549.1.5.14'
const HASHES: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}
const HMACS: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
}

/** What a file holds, in DER: keys as PKCS#8, certificates as X.509. */
export interface Pkcs12 {
  readonly keys: readonly Buffer[]
  readonly certificates: readonly Buffer[]
}

/** Passwords of a file. */
export interface Pkcs12Passwords {
  /** Of the file; null: its integrity is not checked, and only what is not encrypted can be read. */
  readonly store: string | null
  /** Of the private keys, where they have one of their own. */
  readonly key: string | null
}

/**
 * Reads a file.
 * @throws WrongPasswordError, UnsupportedCipherError, DerError
 */
export function readPkcs12(bytes: Buffer, passwords: Pkcs12Passwords): Pkcs12 {
  const file = readDer(bytes)
  const content = contentOf(child(file, 1, DerTag.SEQUENCE), passwords.store, 'the file')
  const mac = children(file)[2]
  if (mac !== undefined && passwords.store !== null) checkMac(mac, content, passwords.store)
  const keys: Buffer[] = []
  const certificates: Buffer[] = []
  for (const safe of children(readDer(content))) {
    for (const bag of children(readDer(contentOf(safe, passwords.store, 'a part of the file')))) {
      const value = readDer(child(bag, 1, DerTag.CONTEXT_0).content)
      const kind = oidOf(children(bag)[0])
      if (kind === `${BAG}1`) keys.push(pkcs8(bag))
      else if (kind === `${BAG}2`) keys.push(unlockKey(value, passwords))
      else if (kind === `${BAG}3` && oidOf(children(value)[0]) === X509) {
        certificates.push(octetsOf(readDer(child(value, 1, DerTag.CONTEXT_0).content)))
      }
    }
  }
  return { keys, certificates }
}

/** The bytes of a ContentInfo, decrypted when it is encrypted. */
function contentOf(info: DerNode, password: string | null, what: string): Buffer {
  const kind = oidOf(children(info)[0])
  const inner = readDer(child(info, 1, DerTag.CONTEXT_0).content)
  if (kind === DATA) return octetsOf(inner)
  if (kind !== ENCRYPTED_DATA) throw new DerError(`${what} is locked by a key and not by a password`)
  if (password === null) throw new WrongPasswordError('it is encrypted, and no password is given')
  const [, algorithm, data] = children(child(inner, 1, DerTag.SEQUENCE))
  if (algorithm === undefined || data === undefined) throw new DerError(`${what} has no encrypted content`)
  return decrypt(algorithm, octetsOf(data), password)
}

/** The PKCS#8 structure inside a key bag, tag and length included. */
function pkcs8(bag: DerNode): Buffer {
  return child(bag, 1, DerTag.CONTEXT_0).content
}

function unlockKey(value: DerNode, passwords: Pkcs12Passwords): Buffer {
  const [algorithm, data] = children(value)
  if (algorithm === undefined || data === undefined) throw new DerError('a private key cannot be read')
  const candidates = [passwords.key, passwords.store].filter((one) => one !== null)
  for (const [at, password] of candidates.entries()) {
    try {
      return decrypt(algorithm, octetsOf(data), password)
    } catch (error) {
      if (!(error instanceof WrongPasswordError) || at === candidates.length - 1) throw error
    }
  }
  throw new WrongPasswordError('the private key is encrypted, and no password is given')
}

function checkMac(mac: DerNode, content: Buffer, password: string): void {
  const [info, salt, iterations] = children(mac)
  if (info === undefined || salt === undefined) throw new DerError('its checksum cannot be read')
  const algorithm = child(info, 0, DerTag.SEQUENCE)
  const expected = child(info, 1, DerTag.OCTET_STRING).content
  const oid = oidOf(children(algorithm)[0])
  const rounds = iterations === undefined ? 1 : integerOf(iterations)
  const { hash, key } = oid === PBMAC1 ? pbmac1(algorithm, password) : classicMac(oid, password, salt.content, rounds)
  const actual = builtins.crypto.createHmac(hash, key).update(content).digest()
  if (actual.length !== expected.length || !builtins.crypto.timingSafeEqual(actual, expected)) {
    throw new WrongPasswordError('its checksum does not fit the password')
  }
}

function classicMac(oid: string, password: string, salt: Buffer, iterations: number): { hash: string; key: Buffer } {
  const hash = HASHES[oid]
  if (hash === undefined) throw new UnsupportedCipherError(`checksum ${oid}`)
  const bytes = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 }[hash] as number
  return { hash, key: deriveKey(hash, password, salt, iterations, KeyPurpose.MAC, bytes) }
}

/** RFC 9579: the checksum's key by PBKDF2. */
function pbmac1(algorithm: DerNode, password: string): { hash: string; key: Buffer } {
  const [derivation, scheme] = children(child(algorithm, 1, DerTag.SEQUENCE)) as [DerNode, DerNode]
  const oid = oidOf(children(scheme)[0])
  const hash = HMACS[oid]
  const parameters = child(derivation, 1, DerTag.SEQUENCE)
  const length = children(parameters)[2]
  if (hash === undefined) throw new UnsupportedCipherError(`checksum ${oid}`)
  return { hash, key: pbkdf2Of(parameters, password, integerOf(length)) }
}
