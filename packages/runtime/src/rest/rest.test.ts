// The REST server's own behaviour: HTTP, listeners, headers, TLS, extensions. No broker is needed for it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Agent, get, type IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { until } from '@millrace/testkit'
import { startStandalone } from '../standalone.ts'
import { atEnd, temporaryFolder, workerOptions } from '../testing/test-worker.ts'
import { advertised, parseListener } from './listeners.ts'
import { parseHeaderRules } from './response-headers.ts'

async function start(t: TestContext, props: Record<string, string> = {}) {
  const worker = await startStandalone(workerOptions(temporaryFolder(t), 'localhost:1', props))
  atEnd(t, () => worker.stop())
  return worker
}
const json = { 'content-type': 'application/json' }

test('errors of HTTP itself have the JSON body of all errors', async (t) => {
  const { restUrl } = await start(t)
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(restUrl + path, init)
    return { status: response.status, body: await response.text(), allow: response.headers.get('allow') }
  }
  assert.deepEqual(await ask('/nope'), {
    status: 404,
    body: '{"error_code":404,"message":"HTTP 404 Not Found"}',
    allow: null,
  })
  assert.deepEqual(await ask('/connectors', { method: 'DELETE' }), {
    status: 405,
    body: '{"error_code":405,"message":"HTTP 405 Method Not Allowed"}',
    allow: 'GET, HEAD, OPTIONS, POST',
  })
  assert.equal((await ask('/connectors', { headers: { accept: 'text/html' } })).status, 406)
  assert.equal((await ask('/connectors', { headers: { accept: 'text/html, */*;q=0.1' } })).status, 200)
  assert.equal((await ask('/connectors', { method: 'POST', body: '{}' })).status, 415)
  assert.equal(
    (await ask('/connectors', { method: 'POST', body: 'x'.repeat(17 * 1024 * 1024), headers: json })).status,
    413,
  )
  assert.equal((await ask('/connectors/%zz')).status, 400)
  assert.equal((await ask('/connectors/')).status, 200)
})

test('clients that ask without a pause on open connections do not keep a worker from stopping', async (t) => {
  const worker = await startStandalone(workerOptions(temporaryFolder(t), 'localhost:1'))
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  t.after(() => agent.destroy())
  let asked = 0
  const askForEver = async () => {
    for (;;) {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        get(`${worker.restUrl}/connectors`, { agent }, resolve).on('error', reject)
      })
      for await (const _ of answer);
      asked++
    }
  }
  // Each ends with an error when the worker is gone.
  const clients = Array.from({ length: 4 }, () => askForEver().catch(() => {}))
  await until('all ask', () => asked > 20)
  const began = performance.now()
  await worker.stop()
  await Promise.all(clients)
  assert.ok(performance.now() - began < 6_000, `took ${performance.now() - began} ms`)
})

test('OPTIONS tells the methods of a path', async (t) => {
  const { restUrl } = await start(t)
  const response = await fetch(`${restUrl}/connectors`, { method: 'OPTIONS' })
  assert.deepEqual([response.status, await response.text()], [200, 'GET, HEAD, OPTIONS, POST'])
  assert.equal((await fetch(`${restUrl}/nope`, { method: 'OPTIONS' })).status, 404)
})

test('HEAD answers as GET does, without a body', async (t) => {
  const { restUrl } = await start(t)
  const response = await fetch(`${restUrl}/connectors`, { method: 'HEAD' })
  assert.deepEqual([response.status, response.headers.get('content-length'), await response.text()], [200, '2', ''])
})

test('names with all kinds of characters are found again', async (t) => {
  const { restUrl } = await start(t)
  const name = 'a b/c?d%ü'
  const config = { 'connector.class': 'ToldSource' }
  const created = await fetch(`${restUrl}/connectors`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ name, config, initial_state: 'STOPPED' }),
  })
  assert.equal(created.headers.get('location'), `${restUrl}/connectors/${encodeURIComponent(name)}`)
  const found = await fetch(created.headers.get('location') as string)
  assert.equal(((await found.json()) as { name: string }).name, name)
})

test('numbers and booleans of a configuration become text as they were written', async (t) => {
  const { restUrl } = await start(t)
  const body = '{"connector.class":"ToldSource","plans":1,"again":true,"topic":1.50,"initial":12345678901234567890}'
  const put = await fetch(`${restUrl}/connectors/a/config`, { method: 'PUT', headers: json, body })
  assert.equal(put.status, 201)
  const config = {
    'connector.class': 'ToldSource',
    plans: '1',
    again: 'true',
    topic: '1.50',
    initial: '12345678901234567890',
    name: 'a',
  }
  assert.deepEqual(await (await fetch(`${restUrl}/connectors/a/config`)).json(), config)
})

test('without a broker the worker serves, and says that it knows no cluster', async (t) => {
  const { restUrl } = await start(t)
  const root = (await (await fetch(restUrl)).json()) as Record<string, unknown>
  assert.deepEqual([root.version, root.kafka_cluster_id], ['4.3.1', null])
  assert.equal((await fetch(`${restUrl}/health`)).status, 200)
})

test('pages of allowed origins may call', async (t) => {
  const { restUrl } = await start(t, {
    'access.control.allow.origin': 'http://*.example.org,http://other',
    'access.control.allow.methods': 'GET,PUT',
  })
  const ask = (origin: string, init: RequestInit = {}) =>
    fetch(`${restUrl}/connectors`, { ...init, headers: { origin, ...init.headers } })
  assert.equal((await ask('http://ui.example.org')).headers.get('access-control-allow-origin'), 'http://ui.example.org')
  assert.equal((await ask('http://evil.org')).headers.get('access-control-allow-origin'), null)
  const preflight = await ask('http://other', {
    method: 'OPTIONS',
    headers: { 'access-control-request-method': 'PUT' },
  })
  assert.deepEqual([preflight.status, preflight.headers.get('access-control-allow-methods')], [200, 'GET,PUT'])
})

test('header rules apply to every answer', async (t) => {
  const { restUrl } = await start(t, {
    'response.http.headers.config': '"set Cache-Control: no-cache, no-store", add X-One: 1, setDate Expires: 1000',
  })
  const { headers } = await fetch(`${restUrl}/nope`)
  assert.deepEqual([headers.get('cache-control'), headers.get('x-one')], ['no-cache, no-store', '1'])
  assert.ok(Date.parse(headers.get('expires') ?? '') > Date.now() - 1000)
  assert.throws(() => parseHeaderRules('put X: 1'), /Invalid header config/)
})

test('admin endpoints can have a listener of their own, or none', async (t) => {
  const none = await start(t, { 'admin.listeners': '' })
  assert.equal((await fetch(`${none.restUrl}/admin/loggers`)).status, 404)
  const other = await start(t, { 'admin.listeners': 'http://localhost:0' })
  assert.equal((await fetch(`${other.restUrl}/admin/loggers`)).status, 404)
  const both = await start(t)
  const loggers = (await (await fetch(`${both.restUrl}/admin/loggers`)).json()) as Record<string, { level: string }>
  assert.equal(loggers.root?.level, 'INFO')
})

test('https with a PEM key and with a PKCS#12 store', async (t) => {
  const folder = temporaryFolder(t)
  const file = (name: string) => join(folder, name)
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      file('key.pem'),
      '-out',
      file('cert.pem'),
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
    ],
    { stdio: 'ignore' },
  )
  execFileSync(
    'openssl',
    [
      'pkcs12',
      '-export',
      '-inkey',
      file('key.pem'),
      '-in',
      file('cert.pem'),
      '-out',
      file('store.p12'),
      '-passout',
      'pass:changeit',
    ],
    { stdio: 'ignore' },
  )
  const ca = readFileSync(file('cert.pem'))
  const get = (url: string) =>
    new Promise<number>((resolve, reject) =>
      request(`${url}/connectors`, { ca, servername: 'localhost' }, (response) =>
        resolve(response.resume().statusCode ?? 0),
      )
        .on('error', reject)
        .end(),
    )
  const listeners = 'https://localhost:0'
  const pem = await start(t, {
    listeners,
    'listeners.https.ssl.keystore.type': 'PEM',
    'listeners.https.ssl.keystore.key': readFileSync(file('key.pem'), 'utf8').replaceAll('\n', ' '),
    'listeners.https.ssl.keystore.certificate.chain': ca.toString().replaceAll('\n', ' '),
  })
  assert.match(pem.restUrl, /^https:/)
  assert.equal(await get(pem.restUrl), 200)
  const store = {
    listeners,
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': file('store.p12'),
    'ssl.keystore.password': 'changeit',
  }
  assert.equal(await get((await start(t, store)).restUrl), 200)
  await assert.rejects(start(t, { listeners }), /An https listener needs ssl\.keystore\.location/)
})

test('with mutual TLS only clients with a certificate of the trusted authority are heard', async (t) => {
  const folder = temporaryFolder(t)
  const file = (name: string) => join(folder, name)
  const certify = (name: string) => {
    const files = ['-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)]
    const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, '-days', '2', '-subj', '/CN=localhost']
    execFileSync('openssl', args, { stdio: 'ignore' })
    return { key: readFileSync(file(`${name}.key`), 'utf8'), cert: readFileSync(file(`${name}.pem`), 'utf8') }
  }
  const [server, friend, stranger] = [certify('server'), certify('friend'), certify('stranger')]
  const oneLine = (pem: string) => pem.replaceAll('\n', ' ')
  const settings = {
    listeners: 'https://localhost:0',
    'listeners.https.ssl.keystore.type': 'PEM',
    'listeners.https.ssl.keystore.key': oneLine(server.key),
    'listeners.https.ssl.keystore.certificate.chain': oneLine(server.cert),
    'listeners.https.ssl.truststore.type': 'PEM',
    'listeners.https.ssl.truststore.certificates': oneLine(friend.cert),
  }
  const get = (url: string, client: { key?: string; cert?: string }) =>
    new Promise<number>((resolve, reject) =>
      request(`${url}/connectors`, { ca: server.cert, servername: 'localhost', ...client }, (response) =>
        resolve(response.resume().statusCode ?? 0),
      )
        .on('error', reject)
        .end(),
    )
  const { restUrl } = await start(t, { ...settings, 'listeners.https.ssl.client.auth': 'required' })
  assert.equal(await get(restUrl, friend), 200)
  await assert.rejects(get(restUrl, stranger))
  await assert.rejects(get(restUrl, {}))
  // Asked for and not needed: who has none is heard all the same.
  const { restUrl: open } = await start(t, { ...settings, 'listeners.https.ssl.client.auth': 'requested' })
  assert.equal(await get(open, {}), 200)
})

test('extensions see every request first and may add endpoints', async (t) => {
  const { restUrl } = await start(t, { 'rest.extension.classes': 'test.DoorkeeperExtension' })
  const refused = await fetch(`${restUrl}/connectors`)
  assert.deepEqual([refused.status, await refused.text()], [401, 'User cannot access the resource.'])
  const allowed = await fetch(`${restUrl}/connectors`, { headers: { authorization: 'open sesame' } })
  assert.equal(allowed.status, 200)
  const added = await fetch(`${restUrl}/door`, { headers: { authorization: 'open sesame' } })
  assert.equal(await added.text(), 'connectors: 0')
})

test('listeners are parsed as the reference does', () => {
  assert.deepEqual(parseListener('HTTP://:8083'), { protocol: 'http', host: '', port: 8083 })
  assert.deepEqual(parseListener('https://[::1]:1'), { protocol: 'https', host: '::1', port: 1 })
  assert.throws(
    () => parseListener('localhost:8083'),
    /Listener doesn't have the right format \(protocol:\/\/hostname:port\)\./,
  )
  const bound = [parseListener('https://h:2'), parseListener('http://g:1')]
  const nothing = { listener: null, host: null, port: null }
  assert.deepEqual(advertised(nothing, bound, 'own'), { url: 'http://g:1/', workerId: 'g:1' })
  assert.deepEqual(advertised({ listener: 'HTTPS', host: 'x', port: 9 }, bound, 'own'), {
    url: 'https://x:9/',
    workerId: 'x:9',
  })
  assert.equal(advertised(nothing, [parseListener('http://:5')], 'own').workerId, 'own:5')
})
