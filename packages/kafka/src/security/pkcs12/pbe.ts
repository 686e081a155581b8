// Password-based encryption of PKCS#12 (RFC 7292 appendix B) and of PKCS#5 (RFC 8018): keys from passwords, and decryption.
import { builtins } from '../../builtins.ts'
import { child, children, DerError, type DerNode, DerTag, integerOf, octetsOf, oidOf } from './der.ts'

/** The password is not the one the data was locked with. */
export class WrongPasswordError extends Error {
  override readonly name = 'WrongPasswordError'
}

/** A cipher that this reader, or OpenSSL under it, does not have. */
export class UnsupportedCipherError extends Error {
  override readonly name = 'UnsupportedCipherError'
}

const PBES2 = '1.2.840.113549.1.5.13'
const PBKDF2 = '1.2.840.113549.1.5.12'
const SHA1_3DES = '1.2.840.113549.1.12.1.3'
const OLD_CIPHERS: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.12.1.1': 'RC4 with 128 bits',
  '1.2.840.113549.1.12.1.2': 'RC4 with 40 bits',
  '1.2.840.113549.1.12.1.4': 'two-key triple DES',
  '1.2.840.113549.1.12.1.5': 'RC2 with 128 bits',
  '1.2.840.113549.1.12.1.6': 'RC2 with 40 bits',
}
const PRFS: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
}
const CIPHERS: Readonly<Record<string, { readonly name: string; readonly keyBytes: number }>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keyBytes: 32 },
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', keyBytes: 24 },
}
/** What the bytes made by {@link deriveKey} are for (RFC 7292 B.3). */
export const KeyPurpose = Object.freeze({ KEY: 1, IV: 2, MAC: 3 } as const)
const BLOCK_BYTES: Readonly<Record<string, number>> = { sha384: 128, sha512: 128 }
const DEFAULT_BLOCK_BYTES = 64

/** Decrypts what an AlgorithmIdentifier says how to. */
export function decrypt(algorithm: DerNode, data: Buffer, password: string): Buffer {
  const oid = oidOf(children(algorithm)[0])
  const parameters = child(algorithm, 1, DerTag.SEQUENCE)
  if (oid === PBES2) return decryptPbes2(parameters, data, password)
  if (oid === SHA1_3DES) {
    const salt = child(parameters, 0, DerTag.OCTET_STRING).content
    const iterations = integerOf(children(parameters)[1])
    const key = deriveKey('sha1', password, salt, iterations, KeyPurpose.KEY, 24)
    return decipher('des-ede3-cbc', key, deriveKey('sha1', password, salt, iterations, KeyPurpose.IV, 8), data)
  }
  throw new UnsupportedCipherError(OLD_CIPHERS[oid] ?? `algorithm ${oid}`)
}

function decryptPbes2(parameters: DerNode, data: Buffer, password: string): Buffer {
  const [derivation, scheme] = children(parameters) as [DerNode, DerNode]
  const derivationOid = oidOf(children(derivation)[0])
  if (derivationOid !== PBKDF2) throw new UnsupportedCipherError(`key derivation ${derivationOid}`)
  const cipherOid = oidOf(children(scheme)[0])
  const cipher = CIPHERS[cipherOid]
  if (cipher === undefined) throw new UnsupportedCipherError(`algorithm ${cipherOid}`)
  const key = pbkdf2Of(child(derivation, 1, DerTag.SEQUENCE), password, cipher.keyBytes)
  return decipher(cipher.name, key, child(scheme, 1, DerTag.OCTET_STRING).content, data)
}

/** PBKDF2 by its parameters: salt, iterations, an optional key length, an optional function (HMAC-SHA1 when missing). */
export function pbkdf2Of(parameters: DerNode, password: string, keyBytes: number): Buffer {
  const [salt, iterations, ...rest] = children(parameters)
  if (salt === undefined) throw new DerError('a salt is expected')
  const prf = rest.find((node) => node.tag === DerTag.SEQUENCE)
  const prfOid = prf === undefined ? '1.2.840.113549.2.7' : oidOf(children(prf)[0])
  const hash = PRFS[prfOid]
  if (hash === undefined) throw new UnsupportedCipherError(`function ${prfOid}`)
  return builtins.crypto.pbkdf2Sync(password, octetsOf(salt), integerOf(iterations), keyBytes, hash)
}

/** The key derivation of PKCS#12 (RFC 7292 B.2), over the password in big-endian UTF-16 with a final zero. */
export function deriveKey(
  hash: string,
  password: string,
  salt: Buffer,
  iterations: number,
  purpose: number,
  bytes: number,
): Buffer {
  const { createHash } = builtins.crypto
  const block = BLOCK_BYTES[hash] ?? DEFAULT_BLOCK_BYTES
  const diversifier = Buffer.alloc(block, purpose)
  const input = Buffer.concat([stretch(salt, block), stretch(utf16(password), block)])
  const parts: Buffer[] = []
  for (let made = 0; made < bytes; ) {
    let digest = createHash(hash).update(diversifier).update(input).digest()
    for (let round = 1; round < iterations; round++) digest = createHash(hash).update(digest).digest()
    parts.push(digest)
    made += digest.length
    addToBlocks(input, stretch(digest, block, true), block)
  }
  return Buffer.concat(parts).subarray(0, bytes)
}

/** Each block of `input` becomes input + addend + 1, as big-endian numbers without overflow. */
function addToBlocks(input: Buffer, addend: Buffer, block: number): void {
  for (let start = 0; start < input.length; start += block) {
    let carry = 1
    for (let at = block - 1; at >= 0; at--) {
      carry += (input[start + at] as number) + (addend[at] as number)
      input[start + at] = carry
      carry >>>= 8
    }
  }
}

/** Repeats bytes up to a multiple of `block`, or up to exactly one block. */
function stretch(bytes: Buffer, block: number, once = false): Buffer {
  if (bytes.length === 0) return bytes
  return Buffer.alloc(once ? block : block * Math.ceil(bytes.length / block), bytes)
}

function utf16(password: string): Buffer {
  return Buffer.from(`${password}\0`, 'utf16le').swap16()
}

function decipher(name: string, key: Buffer, iv: Buffer, data: Buffer): Buffer {
  const cipher = builtins.crypto.createDecipheriv(name, key, iv)
  try {
    return Buffer.concat([cipher.update(data), cipher.final()])
  } catch (error) {
    throw new WrongPasswordError('the padding is wrong', { cause: error })
  }
}
