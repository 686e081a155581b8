import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { SECURITY_KEYS } from '../config/security.ts'
import { createMechanism } from './mechanisms.ts'
import { cachedTokens, refreshTime } from './token-cache.ts'
import { unsecuredToken } from './unsecured-token.ts'

const MODULE = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule'
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = (claims: unknown) => `${part({ alg: 'none' })}.${part(claims)}.sig`
const later = () => Math.floor(Date.now() / 1000) + 3600

async function firstMessage(jaas: string, more: Readonly<Record<string, string>>): Promise<string> {
  const values = SECURITY_KEYS.parse({ 'sasl.mechanism': 'OAUTHBEARER', 'sasl.jaas.config': jaas, ...more })
  return String(await createMechanism(values).start().first())
}

describe('unsecured tokens', () => {
  it('carry the claims and extensions of the login module', () => {
    const options = new Map([
      ['unsecuredLoginStringClaim_sub', 'alice'],
      ['unsecuredLoginNumberClaim_level', '7'],
      ['unsecuredLoginListClaim_scope', ',read,write'],
      ['unsecuredLoginExtension_cluster', 'c1'],
      ['unsecuredLoginLifetimeSeconds', '60'],
    ])
    const token = unsecuredToken(options, 1_000_000)
    const [header, claims, signature] = token.value.split('.')
    const read = (text: string | undefined) => JSON.parse(Buffer.from(text ?? '', 'base64url').toString())
    assert.deepEqual(read(header), { alg: 'none' })
    assert.deepEqual(read(claims), { iat: 1000, exp: 1060, sub: 'alice', level: 7, scope: ['read', 'write'] })
    assert.equal(signature, '')
    assert.equal(token.expiresMs, 1_060_000)
    assert.deepEqual([...token.extensions], [['cluster', 'c1']])
  })
})

describe('the refresh of tokens', () => {
  const options = { windowFactor: 0.8, windowJitter: 0, minPeriodMs: 60_000, bufferMs: 300_000 }
  const token = (startMs: number, lifetimeMs: number) => ({
    value: String(startMs),
    startMs,
    expiresMs: startMs + lifetimeMs,
    extensions: new Map<string, string>(),
  })

  it('keeps to window, buffer and least period', () => {
    assert.equal(refreshTime(token(0, 3_600_000), options), 2_880_000)
    assert.equal(refreshTime(token(0, 1_000_000), options), 700_000)
    assert.equal(refreshTime(token(0, 360_000), options), 60_000)
    assert.equal(refreshTime(token(0, 10_000), options), 8_000)
  })

  it('asks once for all callers, again when it is time, and keeps the old token while the source fails', async () => {
    let now = 0
    let calls = 0
    let fails = false
    const source = cachedTokens(
      async () => {
        calls++
        if (fails) throw new Error('down')
        return token(now, 10_000)
      },
      options,
      undefined,
      () => now,
    )
    const [a, b] = await Promise.all([source(), source()])
    assert.equal(a, b)
    assert.equal(calls, 1)
    now = 7_999
    assert.equal(await source(), a)
    now = 8_000
    assert.notEqual(await source(), a)
    assert.equal(calls, 2)
    fails = true
    now = 16_500
    assert.equal((await source()).value, '8000')
    now = 18_000
    await assert.rejects(source(), /down/)
  })
})

describe('a token endpoint', () => {
  let server: Server
  let url = ''
  let answer: (request: IncomingMessage, body: string, response: ServerResponse) => void
  before(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => answer(request, Buffer.concat(chunks).toString(), response))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
  })
  after(() => server.close())
  const credentials = `${MODULE} required clientId="id" clientSecret="hunter2" scope="kafka" extension_pool="p";`

  it('is asked with client credentials', async () => {
    const token = jwt({ sub: 'svc', exp: later() })
    let seen: Record<string, unknown> = {}
    answer = (request, body, response) => {
      seen = { method: request.method, authorization: request.headers.authorization, body }
      response.end(JSON.stringify({ access_token: token, expires_in: 3600 }))
    }
    const message = await firstMessage(credentials, { 'sasl.oauthbearer.token.endpoint.url': url })
    assert.equal(message, `n,,\x01auth=Bearer ${token}\x01pool=p\x01\x01`)
    assert.deepEqual(seen, {
      method: 'POST',
      authorization: `Basic ${Buffer.from('id:hunter2').toString('base64')}`,
      body: 'grant_type=client_credentials&scope=kafka',
    })
  })

  it('is asked again after an error that may pass', async () => {
    let calls = 0
    answer = (_request, _body, response) => {
      response.statusCode = calls++ === 0 ? 503 : 200
      response.end(JSON.stringify({ access_token: jwt({ exp: later() }) }))
    }
    await firstMessage(credentials, {
      'sasl.oauthbearer.token.endpoint.url': url,
      'sasl.login.retry.backoff.ms': '1',
    })
    assert.equal(calls, 2)
  })

  for (const [what, status, body, message] of [
    [
      'a refusal',
      401,
      { error: 'invalid_client', error_description: 'who?' },
      /refused .* status 401: invalid_client: who\?/,
    ],
    ['an answer without a token', 200, { token: 'x' }, /without an access_token/],
    ['a token that is no JWT', 200, { access_token: 'opaque' }, /not a JWT/],
    ['a token without an end', 200, { access_token: jwt({ sub: 'a' }) }, /"exp"/],
  ] as const) {
    it(`says so for ${what}, without the secret, and does not ask again`, async () => {
      let calls = 0
      answer = (_request, _body, response) => {
        calls++
        response.statusCode = status
        response.end(JSON.stringify(body))
      }
      await assert.rejects(
        firstMessage(credentials, { 'sasl.oauthbearer.token.endpoint.url': url }),
        (error: Error) => {
          assert.equal(error.name, 'SaslAuthenticationException')
          assert.match(error.message, message)
          assert.doesNotMatch(error.message, /hunter2|opaque/)
          return true
        },
      )
      assert.equal(calls, 1)
    })
  }

  it('may be a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-token-'))
    try {
      const file = join(folder, 'token')
      const token = jwt({ exp: later() })
      writeFileSync(file, `${token}\n`)
      const more = { 'sasl.oauthbearer.token.endpoint.url': pathToFileURL(file).href }
      assert.equal(await firstMessage(`${MODULE} required;`, more), `n,,\x01auth=Bearer ${token}\x01\x01`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
