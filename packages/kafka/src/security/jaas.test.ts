import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigException } from '@millrace/api'
import { parseJaasConfig } from './jaas.ts'

const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule'

describe('sasl.jaas.config', () => {
  it('reads module and options', () => {
    const entry = parseJaasConfig(`${PLAIN} required username="alice" password="secret";`)
    assert.equal(entry.loginModule, PLAIN)
    assert.deepEqual(
      [...entry.options],
      [
        ['username', 'alice'],
        ['password', 'secret'],
      ],
    )
  })

  it('takes signs, spaces and escapes inside quotation marks, comments and line ends outside', () => {
    const username = String.raw`"a;b=c \"d\\ 'e' //f"`
    const entry = parseJaasConfig(
      `${PLAIN} /* who */ REQUIRED\n  username=${username}\n  password='p"w' // the end\n  tokenauth=true;`,
    )
    assert.equal(entry.options.get('username'), `a;b=c "d\\ 'e' //f`)
    assert.equal(entry.options.get('password'), 'p"w')
    assert.equal(entry.options.get('tokenauth'), 'true')
  })

  it('takes an empty quoted value', () => {
    assert.equal(parseJaasConfig(`${PLAIN} required username="" password="x";`).options.get('username'), '')
  })

  const faults: readonly (readonly [text: string, reason: RegExp])[] = [
    ['', /names no login module/],
    [`${PLAIN} username="a";`, /after the login module comes one of required/],
    [`${PLAIN} required username="hunter2"`, /semicolon/],
    [`${PLAIN} required username "hunter2";`, /option 1 has no equals sign/],
    [`${PLAIN} required username="a" password=;`, /option 2 has no value/],
    [`${PLAIN} required password="hunter2;`, /quotation mark is not closed/],
    [`${PLAIN} required a="b"; Other required c="hunter2";`, /more than one login module/],
  ]
  for (const [text, reason] of faults) {
    it(`refuses ${reason.source}, without repeating a secret`, () => {
      assert.throws(
        () => parseJaasConfig(text),
        (error: unknown) => {
          assert.ok(error instanceof ConfigException)
          assert.match(error.message, reason)
          assert.doesNotMatch(error.message, /hunter2/)
          assert.equal(error.context.configKey, 'sasl.jaas.config')
          return true
        },
      )
    })
  }
})
