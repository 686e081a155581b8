// Certificates for tests, made by openssl in a temporary folder: an authority, a broker on localhost, a client.
import { execFile, execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Password of every store and encrypted key here. */
export const STORE_PASSWORD = 'store-secret'
/** Password of the encrypted PEM key. */
export const KEY_PASSWORD = 'key-secret'

/** Files of one subject: key and certificate in PEM, both in a PKCS#12 store. */
export interface Subject {
  readonly key: string
  readonly certificate: string
  readonly store: string
}

/** What a test needs. */
export interface Certificates {
  readonly authority: string
  readonly otherAuthority: string
  readonly broker: Subject
  readonly client: Subject
  /** The client's key, encrypted with {@link KEY_PASSWORD}. */
  readonly encryptedKey: string
}

/** Why there can be no certificates here, or undefined when there can. */
export function whyNoOpenssl(): string | undefined {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'openssl is not here; it makes the certificates of this test'
  }
}

/** Makes all of them in `folder`. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const path = (name: string) => join(folder, name)
  await Promise.all(['authority', 'other'].map((name) => selfSigned(path(name), `/CN=${name}`)))
  const [broker, client] = await Promise.all([
    signed(folder, 'broker', 'subjectAltName=DNS:localhost,IP:127.0.0.1'),
    signed(folder, 'client', 'extendedKeyUsage=clientAuth,serverAuth'),
  ])
  const encryptedKey = path('client-encrypted.key')
  const encrypt = ['pkcs8', '-topk8', '-in', client.key, '-out', encryptedKey, '-passout', `pass:${KEY_PASSWORD}`]
  await openssl(...encrypt)
  return { authority: path('authority.crt'), otherAuthority: path('other.crt'), broker, client, encryptedKey }
}

/** Runs openssl in silence. */
export async function openssl(...args: readonly string[]): Promise<void> {
  await run('openssl', args)
}

export function read(file: string): string {
  return readFileSync(file, 'utf8')
}

async function selfSigned(base: string, subject: string): Promise<void> {
  await openssl(
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', subject, '-keyout', `${base}.key`, '-out', `${base}.crt`],
  )
}

async function signed(folder: string, name: string, extension: string): Promise<Subject> {
  const base = join(folder, name)
  const authority = join(folder, 'authority')
  writeFileSync(`${base}.ext`, `${extension}\n`)
  await openssl(
    ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-subj', `/CN=${name}`, '-keyout', `${base}.key`, '-out', `${base}.csr`],
  )
  await openssl(
    ...['x509', '-req', '-in', `${base}.csr`, '-CA', `${authority}.crt`, '-CAkey', `${authority}.key`],
    ...['-set_serial', String(Date.now()), '-days', '2', '-extfile', `${base}.ext`, '-out', `${base}.crt`],
  )
  await openssl(
    ...['pkcs12', '-export', '-name', name, '-inkey', `${base}.key`, '-in', `${base}.crt`],
    ...['-certfile', `${authority}.crt`, '-passout', `pass:${STORE_PASSWORD}`, '-out', `${base}.p12`],
  )
  return { key: `${base}.key`, certificate: `${base}.crt`, store: `${base}.p12` }
}
