// Requests that another worker must answer: where they go, how often, what the client sees.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { NotFoundException } from '@millrace/api'
import { NotAssignedException, NotLeaderException, RebalanceNeededException, RestException } from '../control/errors.ts'
import { forwarding } from './forwarding.ts'
import { RestClient } from './rest-client.ts'
import type { Handler, RouteAnswer, RouteRequest } from './router.ts'

interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A worker that answers everything in one way, and remembers what it was asked. */
async function otherWorker(t: TestContext, status: number, body: string, location?: string) {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    seen.push({ method: request.method, url: request.url, headers: request.headers, body: text })
    if (location !== undefined) response.setHeader('location', location)
    response.writeHead(status).end(body)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, seen }
}

function ask(handler: Handler, request: Partial<RouteRequest> & { readonly search?: string } = {}, waitMs = 0) {
  const [route] = forwarding([{ method: 'PUT', path: '/connectors/:name/config', handler }], new RestClient({}), waitMs)
  return route?.handler({
    method: 'PUT',
    path: '/connectors/a%20b/config',
    params: { name: 'a b' },
    body: '{"x":"1"}',
    origin: 'http://here:1',
    headers: { authorization: 'Basic abc', cookie: 'no' },
    ...request,
    query: new URLSearchParams(request.search ?? ''),
  }) as Promise<RouteAnswer>
}
function fail(error: Error): Handler {
  return () => {
    throw error
  }
}
const conflict = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof RestException)
  assert.equal(error.status, 409)
  assert.match(error.message, message)
  return true
}

test('a request goes to the worker that must answer, once more at most', async (t) => {
  const leader = await otherWorker(t, 201, '{"name":"a b"}', 'http://there:2/connectors/a%20b')
  const answer = await ask(fail(new NotLeaderException('leader only', leader.url)), { search: 'x=1' })
  assert.deepEqual(answer, {
    status: 201,
    text: '{"name":"a b"}',
    headers: { location: 'http://here:1/connectors/a%20b', 'content-type': 'application/json' },
  })
  await ask(fail(new NotAssignedException('owner only', leader.url)), { search: 'forward=true' })
  assert.deepEqual(
    leader.seen.map(({ method, url, body }) => [method, url, body]),
    [
      ['PUT', '/connectors/a%20b/config?x=1&forward=true', '{"x":"1"}'],
      ['PUT', '/connectors/a%20b/config?forward=false', '{"x":"1"}'],
    ],
  )
  assert.equal(leader.seen[0]?.headers.authorization, 'Basic abc')
  assert.equal(leader.seen[0]?.headers.cookie, undefined)
  await assert.rejects(
    ask(fail(new NotLeaderException('leader only', leader.url)), { search: 'forward=false' }),
    conflict(/conflicting operation/),
  )
  assert.equal(leader.seen.length, 2)
})

test('an answer without a body stays one', async (t) => {
  const leader = await otherWorker(t, 204, '')
  assert.deepEqual(await ask(fail(new NotLeaderException('leader only', leader.url))), { status: 204, headers: {} })
})

test('the error of the other worker is the answer', async (t) => {
  const leader = await otherWorker(t, 404, '{"error_code":404,"message":"Connector a b not found"}')
  await assert.rejects(ask(fail(new NotLeaderException('leader only', leader.url))), {
    status: 404,
    message: 'Connector a b not found',
  })
})

test('a worker that is not there', async (t) => {
  const leader = await otherWorker(t, 200, '{}')
  const gone = createServer()
  await once(gone.listen(0, '127.0.0.1'), 'listening')
  const { port } = gone.address() as AddressInfo
  gone.close()
  await assert.rejects(ask(fail(new NotLeaderException('leader only', `http://127.0.0.1:${port}`))), {
    status: 500,
    message: /IO Error trying to forward REST request: PUT .*ECONNREFUSED/,
  })
  assert.equal(leader.seen.length, 0)
})

test('a leader that was killed is asked for until the group has another', async (t) => {
  const gone = createServer()
  await once(gone.listen(0, '127.0.0.1'), 'listening')
  const { port } = gone.address() as AddressInfo
  gone.close()
  const next = await otherWorker(t, 200, '{"name":"a b"}')
  let asked = 0
  const handler = () => {
    throw new NotLeaderException('leader only', asked++ < 2 ? `http://127.0.0.1:${port}` : next.url)
  }
  assert.equal((await ask(handler, {}, 30_000)).status, 200)
  assert.deepEqual([asked, next.seen.length], [3, 1])
})

test('nobody knows the leader, or the group is about to change', async () => {
  await assert.rejects(ask(fail(new NotLeaderException('leader only', null))), conflict(/no known leader URL/))
  await assert.rejects(ask(fail(new RebalanceNeededException('expected'))), conflict(/stale configuration/))
})

test('other errors and answers pass', async () => {
  await assert.rejects(ask(fail(new NotFoundException('not here'))), NotFoundException)
  assert.deepEqual(await ask(() => ({ status: 200, json: 1 })), { status: 200, json: 1 })
})
