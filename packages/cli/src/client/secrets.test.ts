// Which values must not be shown, and that they are not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HIDDEN, SecretKeys } from './secrets.ts'

test('secrets are known by their names, under any prefix', () => {
  const keys = new SecretKeys()
  const secret = [
    'connection.password',
    'producer.override.sasl.jaas.config',
    'value.converter.schema.registry.basic.auth.user.info',
    'aws.secret.access.key',
    'aws.secretAccessKey',
    'database.passwd',
    'ssl.key.passphrase',
    'github.token',
    'http.auth.token',
    'gcs.credentials.json',
    'azure.account.key',
    'ssl.keystore.key',
    'oauth.client.secret',
  ]
  const harmless = [
    'name',
    'topics',
    'file',
    'connection.url',
    'key.converter',
    'tokenizer.class',
    'sasl.oauthbearer.token.endpoint.url',
    'aws.credentials.provider.class',
    'credentials.path',
    'ssl.keystore.location',
    'secret.manager.region',
    'primary.key',
    'monkey',
  ]
  assert.deepEqual(
    secret.filter((key) => !keys.holdsSecret(key, 'value')),
    [],
  )
  assert.deepEqual(
    harmless.filter((key) => keys.holdsSecret(key, 'value')),
    [],
  )
})

test('what the definition calls a password is one; references and switches are none', () => {
  const keys = new SecretKeys(['odd'])
  assert.equal(keys.shown('odd', 'value'), HIDDEN)
  const reference = ['$', '{file:/etc/keys:db}'].join('')
  assert.equal(keys.shown('odd', reference), reference)
  assert.equal(keys.shown('use.password', 'true'), 'true')
  assert.equal(keys.shown('odd', null), null)
})

test('passwords within addresses and in texts of a worker', () => {
  const keys = new SecretKeys()
  assert.equal(
    keys.shown('connection.url', 'jdbc:postgresql://ann:pa:ss@host/db?x=1'),
    `jdbc:postgresql://ann:${HIDDEN}@host/db?x=1`,
  )
  assert.equal(
    keys.shown('url', 'jdbc:mysql://host/db?user=a&password=p%20w&x=1'),
    `jdbc:mysql://host/db?user=a&password=${HIDDEN}&x=1`,
  )
  assert.equal(keys.shown('url', 'https://host:8080/path'), 'https://host:8080/path')
  const config = { 'db.password': 's3cret-word', file: '/in.txt' }
  assert.equal(
    keys.maskText('cannot log in with s3cret-word to /in.txt', config),
    `cannot log in with ${HIDDEN} to /in.txt`,
  )
})
