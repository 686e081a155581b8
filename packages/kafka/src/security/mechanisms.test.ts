import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SECURITY_KEYS } from '../config/security.ts'
import { createMechanism } from './mechanisms.ts'
import { oauthBearerMechanism } from './oauthbearer.ts'
import { ScramExchange } from './scram.ts'

const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule'
const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule'
const text = (bytes: Buffer | null) => bytes?.toString('utf8')

function mechanism(name: string, jaas: string | null, more: Readonly<Record<string, string>> = {}) {
  const props = {
    'security.protocol': 'SASL_SSL',
    'sasl.mechanism': name,
    ...(jaas !== null && { 'sasl.jaas.config': jaas }),
  }
  return createMechanism(SECURITY_KEYS.parse({ ...props, ...more }))
}

describe('PLAIN', () => {
  it('sends name and password once', async () => {
    const exchange = mechanism('PLAIN', `${PLAIN} required username="älice" password="s,c";`).start()
    assert.equal(text(await exchange.first()), '\0älice\0s,c')
    assert.equal(await exchange.next(Buffer.alloc(0)), null)
  })
})

describe('SCRAM', () => {
  const credentials = { username: 'user', password: 'pencil' }
  const nonce = 'rOprNGfwEbeRWgbNEkqO'
  const serverFirst = `r=${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`

  it('follows the example of RFC 7677', async () => {
    const exchange = new ScramExchange('SCRAM-SHA-256', credentials, nonce)
    assert.equal(text(exchange.first()), `n,,n=user,r=${nonce}`)
    assert.equal(
      text(await exchange.next(Buffer.from(serverFirst))),
      `c=biws,r=${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
    )
    assert.equal(await exchange.next(Buffer.from('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')), null)
  })

  it('does not trust a server that cannot sign', async () => {
    const exchange = new ScramExchange('SCRAM-SHA-256', credentials, nonce)
    exchange.first()
    await exchange.next(Buffer.from(serverFirst))
    await assert.rejects(exchange.next(Buffer.from('v=AAAATRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')), {
      name: 'SaslAuthenticationException',
      message: /does not know the password/,
    })
  })

  for (const [what, message, reason] of [
    ['a nonce of its own', 'r=abc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096', /nonce/],
    ['our nonce alone', `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`, /nonce/],
    ['too few iterations', `r=${nonce}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1`, /4096/],
    ['an error', 'e=unknown-user', /unknown-user/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const exchange = new ScramExchange('SCRAM-SHA-256', credentials, nonce)
      exchange.first()
      await assert.rejects(exchange.next(Buffer.from(message)), reason)
    })
  }

  it('escapes the name and marks delegation tokens', async () => {
    const entry = `${SCRAM} required username="a=b,c" password="x" tokenauth="true";`
    const first = text((await mechanism('SCRAM-SHA-512', entry).start().first()) as Buffer) ?? ''
    assert.match(first, /^n,,n=a=3Db=2Cc,r=[\w-]+,tokenauth=true$/)
  })
})

describe('OAUTHBEARER', () => {
  it('sends token and extensions, and acknowledges a refusal', async () => {
    const token = { value: 'tok', startMs: 0, expiresMs: 1, extensions: new Map([['cluster', 'c1']]) }
    const exchange = oauthBearerMechanism(async () => token).start()
    assert.equal(text(await exchange.first()), 'n,,\x01auth=Bearer tok\x01cluster=c1\x01\x01')
    assert.equal(await exchange.next(Buffer.alloc(0)), null)
    assert.equal(text(await exchange.next(Buffer.from('{"status":"invalid_token"}'))), '\x01')
  })
})

describe('the choice of mechanism', () => {
  const cases: readonly (readonly [string, string | null, Readonly<Record<string, string>>, string, RegExp])[] = [
    ['GSSAPI', null, {}, 'sasl.mechanism', /Kerberos is not supported/],
    ['DIGEST', null, {}, 'sasl.mechanism', /Expected one of PLAIN/],
    ['PLAIN', null, {}, 'sasl.jaas.config', /is not set.*PlainLoginModule required/],
    ['PLAIN', `${SCRAM} required username="a" password="hunter2";`, {}, 'sasl.jaas.config', /needs .*PlainLoginModule/],
    ['PLAIN', `${PLAIN} required username="a";`, {}, 'sasl.jaas.config', /no option "password"/],
    [
      'PLAIN',
      `${PLAIN} required username="a" password="hunter2";`,
      { 'sasl.client.callback.handler.class': 'com.example.Handler' },
      'sasl.client.callback.handler.class',
      /JVM class cannot be loaded/,
    ],
    [
      'OAUTHBEARER',
      'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;',
      {},
      'sasl.jaas.config',
      /no principal.*unsecuredLoginStringClaim_sub/,
    ],
    [
      'OAUTHBEARER',
      'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId="a";',
      { 'sasl.oauthbearer.token.endpoint.url': 'http://localhost:1/token' },
      'sasl.oauthbearer.client.credentials.client.secret',
      /client credentials/,
    ],
  ]
  for (const [name, jaas, more, configKey, message] of cases) {
    it(`${name}: names ${configKey} when ${message.source}`, () => {
      assert.throws(
        () => mechanism(name, jaas, more),
        (error: Error & { context?: { configKey?: string } }) => {
          assert.match(error.message, message)
          assert.doesNotMatch(error.message, /hunter2/)
          assert.equal(error.context?.configKey, configKey)
          return true
        },
      )
    })
  }
})
