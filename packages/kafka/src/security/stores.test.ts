// Truststores and keystores as openssl and keytool write them.
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { type TemporaryFolder, temporaryFolder } from '@millrace/testkit'
import { SSL_KEYS } from '../config/security.ts'
import { loadIdentity, loadTrust } from './stores.ts'
import {
  type Certificates,
  KEY_PASSWORD,
  makeCertificates,
  openssl,
  read,
  STORE_PASSWORD,
  whyNoOpenssl,
} from './testing/certificates.ts'
import { openSslName, tlsOptions } from './tls.ts'

const run = promisify(execFile)
const parse = (props: Readonly<Record<string, string>>) => SSL_KEYS.parse(props)
const fingerprint = (pem: string) => new X509Certificate(pem).fingerprint256
const missing = whyNoOpenssl()

function whyNoKeytool(): string | undefined {
  try {
    execFileSync('keytool', ['-help'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'keytool, which comes with a JDK, is not here; it makes the stores of this test'
  }
}

describe('stores', { skip: missing }, () => {
  let folder: TemporaryFolder
  let made: Certificates
  before(async () => {
    folder = await temporaryFolder()
    made = await makeCertificates(folder.path)
  })
  after(() => folder?.[Symbol.asyncDispose]())
  const fails = (props: Readonly<Record<string, string>>, configKey: string, message: RegExp) => {
    assert.throws(
      () => tlsOptions(parse(props)),
      (error: Error & { context?: { configKey?: string } }) => {
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /store-secret|key-secret|PRIVATE KEY-----/)
        assert.equal(error.context?.configKey, configKey)
        return true
      },
    )
  }
  const isClient = (props: Readonly<Record<string, string>>, certificates: number) => {
    const identity = loadIdentity(parse(props))
    assert.ok(identity !== undefined)
    assert.equal(identity.chain.match(/BEGIN CERTIFICATE/g)?.length, certificates)
    assert.ok(new X509Certificate(identity.chain).subject.includes('CN=client'))
    assert.ok(tlsOptions(parse(props)).secureContext !== undefined)
  }

  it('PEM file and PEM inline are the same trust', () => {
    const fromFile = loadTrust(parse({ 'ssl.truststore.location': made.authority, 'ssl.truststore.type': 'PEM' }))
    const squeezed = read(made.authority).replace(/\n/g, ' ')
    const inline = loadTrust(parse({ 'ssl.truststore.certificates': squeezed, 'ssl.truststore.type': 'PEM' }))
    assert.deepEqual(fromFile, inline)
    assert.equal(fingerprint(fromFile?.[0] ?? ''), fingerprint(read(made.authority)))
  })

  it('without a truststore, what Node.js knows is trusted', () => {
    assert.equal(loadTrust(parse({})), undefined)
  })

  it('PKCS#12 keystore: the key with its chain, own certificate first', () => {
    isClient({ 'ssl.keystore.location': made.client.store, 'ssl.keystore.password': STORE_PASSWORD }, 2)
  })

  it('PEM keystore, plain and encrypted, as file and inline', () => {
    const file = folder.file('client.pem')
    writeFileSync(file, read(made.encryptedKey) + read(made.client.certificate))
    isClient({ 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': file, 'ssl.key.password': KEY_PASSWORD }, 1)
    isClient(
      {
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.key': read(made.client.key),
        'ssl.keystore.certificate.chain': read(made.client.certificate) + read(made.authority),
      },
      2,
    )
  })

  for (const [name, options] of [
    ['triple DES and SHA-1', ['-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES', '-macalg', 'sha1']],
    ['AES-128 and SHA-512', ['-certpbe', 'AES-128-CBC', '-keypbe', 'AES-128-CBC', '-macalg', 'sha512']],
    ['certificates in the clear', ['-certpbe', 'NONE', '-keypbe', 'AES-256-CBC']],
    ['no checksum', ['-nomac']],
  ] as const) {
    it(`PKCS#12 with ${name}`, async () => {
      const file = folder.file('other.p12')
      const { key, certificate } = made.client
      const password = ['-passout', `pass:${STORE_PASSWORD}`]
      await openssl('pkcs12', '-export', '-inkey', key, '-in', certificate, '-out', file, ...password, ...options)
      isClient({ 'ssl.keystore.location': file, 'ssl.keystore.password': STORE_PASSWORD }, 1)
    })
  }

  it('PKCS#12 without a key is a truststore', async () => {
    const file = folder.file('trust.p12')
    await openssl(
      ...['pkcs12', '-export', '-nokeys', '-in', made.authority, '-out', file],
      ...['-passout', `pass:${STORE_PASSWORD}`],
    )
    const trust = loadTrust(parse({ 'ssl.truststore.location': file, 'ssl.truststore.password': STORE_PASSWORD }))
    assert.deepEqual(trust?.map(fingerprint), [fingerprint(read(made.authority))])
  })

  it('says which key and file, and why', async () => {
    const store = made.client.store
    fails({ 'ssl.keystore.location': '/nowhere/x.p12' }, 'ssl.keystore.location', /cannot be read: ENOENT/)
    fails({ 'ssl.keystore.location': store }, 'ssl.keystore.location', /ssl\.keystore\.password is missing or wrong/)
    fails(
      { 'ssl.keystore.location': store, 'ssl.keystore.password': 'other' },
      'ssl.keystore.location',
      /ssl\.keystore\.password is missing or wrong/,
    )
    fails({ 'ssl.truststore.location': made.client.key }, 'ssl.truststore.location', /it holds no certificate in PEM/)
    const encrypted = {
      'ssl.keystore.key': read(made.encryptedKey),
      'ssl.keystore.certificate.chain': read(made.client.certificate),
    }
    fails(encrypted, 'ssl.keystore.key', /it is encrypted; set ssl\.key\.password/)
    fails({ ...encrypted, 'ssl.key.password': 'wrong' }, 'ssl.keystore.key', /ssl\.key\.password is not its password/)
    fails({ 'ssl.keystore.key': read(made.client.key) }, 'ssl.keystore.certificate.chain', /without/)
    fails(
      { 'ssl.truststore.location': made.authority, 'ssl.truststore.certificates': read(made.authority) },
      'ssl.truststore.certificates',
      /Both .* are set/,
    )
    const junk = folder.file('junk')
    writeFileSync(junk, Buffer.from([0x30, 0x82, 0xff, 0xff, 1, 2, 3]))
    fails({ 'ssl.truststore.location': junk }, 'ssl.truststore.location', /neither PEM nor PKCS#12/)
    const old = folder.file('old.p12')
    const { key, certificate } = made.client
    await openssl(
      ...['pkcs12', '-export', '-legacy', '-inkey', key, '-in', certificate, '-out', old],
      ...['-passout', `pass:${STORE_PASSWORD}`],
    )
    fails(
      { 'ssl.keystore.location': old, 'ssl.keystore.password': STORE_PASSWORD },
      'ssl.keystore.location',
      /RC2 with 40 bits, which is too old/,
    )
  })

  describe('of keytool', { skip: whyNoKeytool() }, () => {
    const keytool = (...args: readonly string[]) => run('keytool', [...args, '-storepass', STORE_PASSWORD])

    it('PKCS#12 truststore', async () => {
      const file = folder.file('java.p12')
      await keytool('-importcert', '-noprompt', '-alias', 'a', '-file', made.authority, '-keystore', file)
      const trust = loadTrust(parse({ 'ssl.truststore.location': file, 'ssl.truststore.password': STORE_PASSWORD }))
      assert.deepEqual(trust?.map(fingerprint), [fingerprint(read(made.authority))])
    })

    it('JKS is refused with the command that converts it', async () => {
      const file = folder.file('java.jks')
      const kind = ['-keystore', file, '-storetype', 'JKS']
      await keytool('-importcert', '-noprompt', '-alias', 'a', '-file', made.authority, ...kind)
      fails(
        { 'ssl.truststore.location': file, 'ssl.truststore.password': STORE_PASSWORD },
        'ssl.truststore.location',
        /java\.jks .*is a JKS store.*keytool -importkeystore -srckeystore .*java\.jks -destkeystore .*java\.p12 .*ssl\.truststore\.type=PKCS12/,
      )
    })
  })
})

describe('TLS settings', () => {
  it('keep to the enabled protocols', () => {
    assert.throws(() => tlsOptions(parse({ 'ssl.enabled.protocols': 'TLSv1.4' })), /ssl\.enabled\.protocols/)
    assert.throws(
      () => tlsOptions(parse({ 'ssl.enabled.protocols': 'TLSv1.3', 'ssl.protocol': 'TLSv1.2' })),
      /none of them is within ssl\.protocol TLSv1\.2/,
    )
  })

  it('translate the names of cipher suites', () => {
    assert.equal(openSslName('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'), 'ECDHE-RSA-AES128-GCM-SHA256')
    assert.equal(openSslName('TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384'), 'ECDHE-ECDSA-AES256-SHA384')
    assert.equal(openSslName('TLS_RSA_WITH_AES_256_CBC_SHA'), 'AES256-SHA')
    assert.equal(openSslName('TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256'), 'ECDHE-RSA-CHACHA20-POLY1305')
    assert.equal(openSslName('TLS_AES_256_GCM_SHA384'), 'TLS_AES_256_GCM_SHA384')
    assert.throws(() => tlsOptions(parse({ 'ssl.cipher.suites': 'TLS_NONSENSE' })), /ssl\.cipher\.suites.*no such/)
  })

  it('check names of brokers unless told not to', () => {
    assert.equal(tlsOptions(parse({})).checkServerIdentity, undefined)
    const free = tlsOptions(parse({ 'ssl.endpoint.identification.algorithm': '' }))
    assert.equal(typeof free.checkServerIdentity, 'function')
    assert.equal(free.rejectUnauthorized, true)
  })

  it('refuse what only a JVM can do', () => {
    assert.throws(() => tlsOptions(parse({ 'ssl.engine.factory.class': 'a.B' })), /JVM class cannot be loaded/)
  })
})
