// The algorithms of internal requests by their Java names, and what Node calls them.

/** OpenSSL's digest, and the bytes of a key when no size is asked for (KeyGenerator's own default). */
interface MacAlgorithm {
  readonly digest: string
  readonly keyBytes: number
}

const MACS: Readonly<Record<string, MacAlgorithm>> = {
  HmacMD5: { digest: 'md5', keyBytes: 64 },
  HmacSHA1: { digest: 'sha1', keyBytes: 64 },
  HmacSHA224: { digest: 'sha224', keyBytes: 28 },
  HmacSHA256: { digest: 'sha256', keyBytes: 32 },
  HmacSHA384: { digest: 'sha384', keyBytes: 48 },
  HmacSHA512: { digest: 'sha512', keyBytes: 64 },
  'HmacSHA512/224': { digest: 'sha512-224', keyBytes: 28 },
  'HmacSHA512/256': { digest: 'sha512-256', keyBytes: 32 },
  'HmacSHA3-224': { digest: 'sha3-224', keyBytes: 28 },
  'HmacSHA3-256': { digest: 'sha3-256', keyBytes: 32 },
  'HmacSHA3-384': { digest: 'sha3-384', keyBytes: 48 },
  'HmacSHA3-512': { digest: 'sha3-512', keyBytes: 64 },
}

/** Names as Java writes them; it takes them in any case. */
export const MAC_NAMES: readonly string[] = Object.keys(MACS)

const BY_LOWER_CASE = new Map(Object.entries(MACS).map(([name, mac]) => [name.toLowerCase(), mac]))

/** Undefined for an algorithm that is not known here. */
export function macAlgorithm(name: string): MacAlgorithm | undefined {
  return BY_LOWER_CASE.get(name.toLowerCase())
}
