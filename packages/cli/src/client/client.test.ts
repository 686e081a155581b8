// The commands that read and change connectors, against a worker of this process.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { inProcess } from './testing/in-process.ts'
import { type ClientWorld, startWorld } from './testing/worker.ts'

let world: ClientWorld
const millrace = (...args: string[]) => inProcess(args, { CONNECT_URL: world.url })

async function json(...args: string[]): Promise<unknown> {
  const { code, out, err } = await millrace(...args, '--json')
  assert.equal(code, 0, err)
  return JSON.parse(out)
}

before(async () => {
  world = await startWorld()
  await writeFile(world.folder.file('in.txt'), 'one\ntwo\n')
  const create = (name: string, config: Record<string, string>) =>
    fetch(`${world.url}/connectors`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, config }),
    })
  await create('in-a', {
    'connector.class': 'FileStreamSource',
    file: world.folder.file('in.txt'),
    topic: 'lines',
    'producer.override.sasl.jaas.config': 'org.example.Login required password="s3cret";',
  })
  await create('out-a', { 'connector.class': 'FileStreamSink', file: world.folder.file('out.txt'), topics: 'lines' })
})
after(() => world[Symbol.asyncDispose]())

describe('client commands', () => {
  it('get lists connectors, tasks, plugins, topics, loggers and the worker', async () => {
    assert.equal((await millrace('resume', '--all', '--wait', '20')).code, 0)
    const rows = (await json('get')) as { name: string; state: string; tasks: unknown[] }[]
    assert.deepEqual(
      rows.map(({ name, state, tasks }) => [name, state, tasks.length]),
      [
        ['in-a', 'RUNNING', 1],
        ['out-a', 'RUNNING', 1],
      ],
    )
    const table = await millrace('get', 'connectors', 'out-*')
    assert.match(table.out, /^NAME +TYPE +STATE +TASKS +WORKER +CLASS\nout-a +sink +RUNNING +1\/1 +127/)
    assert.equal(table.out.trim().split('\n').length, 2)
    assert.deepEqual(
      ((await json('get', 'tasks')) as { connector: string }[]).map((one) => one.connector),
      ['in-a', 'out-a'],
    )
    assert.deepEqual(await json('get', 'connectors', '--failed'), [])
    const plugins = (await json('get', 'plugins')) as { class: string }[]
    const all = (await json('get', 'plugins', '--all')) as unknown[]
    assert.ok(plugins.some((one) => one.class.endsWith('FileStreamSourceConnector')))
    assert.ok(all.length > plugins.length)
    assert.ok('root' in ((await json('get', 'loggers')) as object))
    assert.equal(((await json('get', 'worker')) as { url: string }).url, world.url)
    assert.ok(Array.isArray(await json('get', 'topics', 'in-a')))
    const wrong = await millrace('get', 'things')
    assert.equal(wrong.code, 1)
    assert.match(wrong.err, /There is no 'things' to get; there are: connectors, tasks/)
  })

  it('describe shows everything but secrets', async () => {
    const { out, code } = await millrace('describe', 'in-a')
    assert.equal(code, 0)
    assert.match(out, /Name: +in-a\nType: +source\nState: +RUNNING on /)
    assert.match(out, /sasl\.jaas\.config=\[hidden\]/)
    assert.doesNotMatch(out, /s3cret/)
    assert.doesNotMatch((await millrace('describe', 'in-a', '--json')).out, /s3cret/)
    const plugin = await millrace('describe', '--plugin', 'FileStreamSource')
    assert.match(plugin.out, /^Plugin: FileStreamSource\n {2}file {2}\(STRING, HIGH/)
    assert.equal((await millrace('describe', 'none')).code, 7)
    assert.equal((await millrace('describe', 'none-*')).code, 7)
  })

  it('pause, resume, stop, restart wait for what they ask', async () => {
    const state = async () => ((await json('get', 'c', 'in-a')) as { state: string }[])[0]?.state
    assert.match((await millrace('pause', 'in-a', '--wait')).out, /^in-a: paused\nin-a: PAUSED\n$/)
    assert.equal(await state(), 'PAUSED')
    assert.equal((await millrace('stop', 'in-*', '--wait')).code, 0)
    assert.equal(await state(), 'STOPPED')
    const late = await millrace('restart', 'in-a', '--wait', '0.3')
    assert.equal(late.code, 4, late.err)
    assert.match(late.err, /Connector in-a is not RUNNING after 0\.3 s: STOPPED, no tasks\./)
    assert.equal((await millrace('resume', 'in-a', '--wait')).code, 0)
    assert.equal((await millrace('restart', 'in-a', 'out-a', '--wait')).code, 0)
    assert.equal((await millrace('restart', 'in-a', '--task', '0', '--wait')).code, 0)
    assert.match(
      (await millrace('restart', 'in-a', '--task', '7')).err,
      /\(POST \/connectors\/in-a\/tasks\/7\/restart: 404\)/,
    )
    assert.equal((await millrace('restart', 'in-a', '--task', 'x')).code, 1)
    assert.match((await millrace('pause')).err, /Name a connector, or say --all/)
  })

  it('waiting for a connector that fails ends with its trace', async () => {
    const created = await fetch(`${world.url}/connectors`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        name: 'bad',
        config: { 'connector.class': 'FileStreamSink', topics: 'lines', file: '/nowhere/at/all' },
      }),
    })
    assert.equal(created.status, 201)
    const { code, err } = await millrace('restart', 'bad', '--wait', '20')
    assert.equal(code, 4)
    assert.match(err, /Task 0 of connector bad FAILED: .*nowhere/)
    assert.deepEqual(
      ((await json('get', 'tasks', '--failed')) as { connector: string }[]).map((one) => one.connector),
      ['bad'],
    )
    assert.match((await millrace('delete', 'bad', '--ignore-not-found')).out, /bad: deleted/)
    assert.match((await millrace('delete', 'bad', '--ignore-not-found')).out, /bad: not there/)
    assert.equal((await millrace('delete', 'bad')).code, 7)
  })

  it('nobody there, no address, not JSON, not allowed', async () => {
    const nobody = await inProcess(['get', '--url', 'http://127.0.0.1:1'])
    assert.equal(nobody.code, 5)
    assert.match(
      nobody.err,
      /^millrace: No answer from http:\/\/127\.0\.0\.1:1 to GET .*: nothing listens there\.\n {2}The address/,
    )
    // The next worker of a cluster is asked when one is away.
    assert.equal((await inProcess(['get', '--url', `127.0.0.1:1,${world.url}`])).code, 0)
    assert.equal((await inProcess(['get', '--url', 'ftp://x'])).code, 1)
    const seen: (string | undefined)[] = []
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization, String(request.headers['x-tenant']))
      response.writeHead(request.headers.authorization === undefined ? 401 : 200).end('<html>login</html>')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const refused = await inProcess(['get', '--url', url])
    assert.equal(refused.code, 6)
    assert.match(refused.err, /Credentials are given with --user/)
    const page = await inProcess(['get', '-u', url, '--user', 'ann:p:w', '-H', 'X-Tenant: blue'])
    assert.equal(page.code, 6)
    assert.match(page.err, /is no JSON: <html>/)
    assert.deepEqual(seen.slice(2), [`Basic ${Buffer.from('ann:p:w').toString('base64')}`, 'blue'])
    server.close()
    server.closeAllConnections()
  })

  it('https: certificates of ones own, and a certificate of the client', async () => {
    const pem = (name: string) => world.folder.file(name)
    execFileSync(
      'openssl',
      // One certificate is the authority, the server and the client.
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout ${pem('key.pem')} -out ${pem('cert.pem')}`.split(
        ' ',
      ),
      { stdio: 'ignore' },
    )
    const [key, cert] = [await readFile(pem('key.pem')), await readFile(pem('cert.pem'))]
    const server = createHttpsServer(
      { key, cert, ca: cert, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        response.writeHead((request.socket as TLSSocket).authorized ? 200 : 403).end('{}')
      },
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const port = (server.address() as AddressInfo).port
    const get = (...args: string[]) => inProcess(['get', '--url', `https://127.0.0.1:${port}`, ...args])
    const strange = await get()
    assert.equal(strange.code, 5)
    assert.match(strange.err, /--cacert; --insecure trusts any/)
    assert.equal((await get('--cacert', pem('cert.pem'))).code, 6)
    assert.equal((await get('--insecure')).code, 6)
    assert.equal((await get('--cacert', pem('cert.pem'), '--cert', pem('cert.pem'), '--key', pem('key.pem'))).code, 0)
    assert.equal((await get('--cacert', pem('none.pem'))).code, 2)
    const plain = await inProcess(['get', '--url', `http://127.0.0.1:${port}`])
    assert.equal(plain.code, 5)
    assert.match(plain.err, /Does the worker speak https there\?/)
    server.close()
    server.closeAllConnections()
  })
})
