// URLs as they are written today.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigException } from '@millrace/api'
import { displayUrl, parseJdbcUrl, property } from './jdbc-url.ts'

const parse = (text: string) => {
  const { subprotocol, hosts, database, properties } = parseJdbcUrl(text)
  return [
    subprotocol,
    hosts.map(({ host, port }) => `${host}:${port}`).join(' '),
    database,
    Object.fromEntries(properties),
  ]
}

describe('JDBC URLs', () => {
  it('are read in all their forms', () => {
    assert.deepEqual(parse('jdbc:postgresql://db.example:5433/shop?user=a&password=p%26q&ssl=true'), [
      'postgresql',
      'db.example:5433',
      'shop',
      { user: 'a', password: 'p&q', ssl: 'true' },
    ])
    assert.deepEqual(parse('jdbc:postgresql://a,b:2/db?targetServerType=primary'), [
      'postgresql',
      'a:null b:2',
      'db',
      { targetServerType: 'primary' },
    ])
    assert.deepEqual(parse('jdbc:postgresql://[::1]:5432/'), ['postgresql', '::1:5432', null, {}])
    assert.deepEqual(parse('jdbc:postgresql:db'), ['postgresql', '', 'db', {}])
    assert.deepEqual(parse('jdbc:mysql://me:s%40cret@h/db'), [
      'mysql',
      'h:null',
      'db',
      { user: 'me', password: 's@cret' },
    ])
    assert.deepEqual(parse('jdbc:mysql://address=(host=h1)(port=33)(user=x),address=(host=h2)/db'), [
      'mysql',
      'h1:33 h2:null',
      'db',
      {},
    ])
    assert.deepEqual(parse('jdbc:mysql:loadbalance://a:1,b:2/db'), ['mysql', 'a:1 b:2', 'db', {}])
    assert.deepEqual(parse('jdbc:mariadb:sequential://a/db?useSSL'), ['mariadb', 'a:null', 'db', { useSSL: '' }])
    assert.deepEqual(parse('jdbc:sqlite:/tmp/a b.db?foreign_keys=on'), [
      'sqlite',
      '',
      '/tmp/a b.db',
      { foreign_keys: 'on' },
    ])
    assert.deepEqual(parse('jdbc:sqlite:'), ['sqlite', '', ':memory:', {}])
    assert.deepEqual(parse('jdbc:sqlite:file:/tmp/x?mode=ro'), ['sqlite', '', 'file:/tmp/x?mode=ro', {}])
    assert.deepEqual(parse('jdbc:sqlserver://h:1433')[0], 'sqlserver')
  })

  it('find properties whatever their case', () => {
    assert.equal(property(parseJdbcUrl('jdbc:postgresql://h/d?currentschema=x'), 'currentSchema'), 'x')
  })

  it('say what is wrong without the password', () => {
    for (const text of ['postgresql://h/d', '', 'jdbc:mysql://u:hunter2@h:99999/d', 'jdbc:postgresql://h:x1/hunter2']) {
      assert.throws(
        () => parseJdbcUrl(text),
        (error: Error) => error instanceof ConfigException && !error.message.includes('hunter2'),
      )
    }
    const shown = [
      'jdbc:mysql://u:hunter2@h/d',
      'jdbc:postgresql://h/d?user=a&password=hunter2&sslpassword=hunter2',
      'jdbc:mysql://address=(host=h)(password=hunter2)/d',
    ].map(displayUrl)
    assert.ok(
      shown.every((text) => !text.includes('hunter2')),
      shown.join('\n'),
    )
  })
})
