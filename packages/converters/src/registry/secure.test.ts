// The client over TLS, with and without a certificate of its own, and through proxies.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '@millrace/testkit'
import { SchemaRegistryClient } from './client.ts'
import { RegistryException } from './errors.ts'
import { MemoryRegistry } from './testing/memory-registry.ts'

const INT = { schemaType: 'AVRO', schema: '"int"', references: [] } as const
const NO_RETRY = { 'max.retries': '0' }

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** A key with its own certificate for localhost, in PEM and in a PKCS#12 store. */
function certificate(folder: string, name: string): { key: Buffer; cert: Buffer; store: string; pem: string } {
  const file = (extension: string) => join(folder, `${name}.${extension}`)
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost']
  const made = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', ...made, '-keyout', file('key'), '-out', file('pem'), ...subject], {
    stdio: 'ignore',
  })
  const store = ['pkcs12', '-export', '-inkey', file('key'), '-in', file('pem'), '-passout', 'pass:secret']
  execFileSync('openssl', [...store, '-out', file('p12')])
  return { key: readFileSync(file('key')), cert: readFileSync(file('pem')), store: file('p12'), pem: file('pem') }
}

async function id(configs: Readonly<Record<string, string>>): Promise<number> {
  const client = new SchemaRegistryClient({ ...NO_RETRY, ...configs })
  try {
    return (await client.register('s', INT)).id
  } finally {
    client.close()
  }
}

/** A proxy that tells what it was asked for. */
async function startProxy() {
  const asked: string[] = []
  const server = createServer((incoming, outgoing) => {
    asked.push(`${incoming.method} ${incoming.url}`)
    const { method, headers } = incoming
    const forwarded = request(String(incoming.url), { method: String(method), headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.pipe(forwarded)
  })
  server.on('connect', (incoming, socket) => {
    asked.push(`CONNECT ${incoming.url}`)
    const [host, port] = String(incoming.url).split(':')
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      onward.pipe(socket)
      socket.pipe(onward)
    })
    socket.on('error', () => onward.destroy())
    onward.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    asked,
    configs: { 'proxy.host': '127.0.0.1', 'proxy.port': String((server.address() as AddressInfo).port) },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('goes through a proxy', async () => {
  await using registry = await MemoryRegistry.start()
  await using proxy = await startProxy()
  assert.equal(await id({ 'schema.registry.url': registry.url, ...proxy.configs }), 1)
  assert.deepEqual(proxy.asked, [`POST ${registry.url}/subjects/s/versions?normalize=false`])
})

test('speaks TLS: trust from PEM and PKCS#12, a certificate of its own, a tunnel', {
  skip: !hasOpenssl() && 'openssl is not here',
}, async () => {
  await using folder = await temporaryFolder()
  const server = certificate(folder.path, 'server')
  const own = certificate(folder.path, 'own')
  const tls = { key: server.key, cert: server.cert, ca: own.cert, requestCert: true, rejectUnauthorized: true }
  await using registry = await MemoryRegistry.start(tls)
  const url = { 'schema.registry.url': registry.url }
  const trust = { 'schema.registry.ssl.truststore.location': server.pem, 'schema.registry.ssl.truststore.type': 'PEM' }
  const identity = {
    'schema.registry.ssl.keystore.location': own.store,
    'schema.registry.ssl.keystore.type': 'PKCS12',
    'schema.registry.ssl.keystore.password': 'secret',
  }
  assert.equal(await id({ ...url, ...trust, ...identity }), 1)
  const refused = (configs: Readonly<Record<string, string>>) =>
    assert.rejects(
      id(configs),
      (error) => error instanceof RegistryException && error.mayPass && !/secret/.test(error.message),
    )
  await refused({ ...url, ...identity })
  await refused({ ...url, ...trust })
  await using proxy = await startProxy()
  assert.equal(await id({ ...url, ...trust, ...identity, ...proxy.configs }), 1)
  assert.deepEqual(proxy.asked, [`CONNECT localhost:${registry.port}`])
})
