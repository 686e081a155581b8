import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigException } from '@millrace/api'
import { memoryLogger } from '@millrace/testkit'
import { ADMIN_KEYS } from './admin.ts'
import { parseBootstrapServers } from './bootstrap.ts'
import { parseClientConfig } from './client-config.ts'
import { COMMON_KEYS } from './common.ts'
import { clientDefinition } from './definitions.ts'
import { unknownKeysWarning } from './unknown-keys.ts'

const KEYS = COMMON_KEYS.merge(ADMIN_KEYS)
const BASE = { 'bootstrap.servers': 'a:9092' }

describe('bootstrap.servers', () => {
  it('takes names, addresses of both kinds, and a protocol in front', () => {
    assert.deepEqual(parseBootstrapServers(['broker-1.example:9092', '[::1]:9093', 'SASL_SSL://10.0.0.1:9094', '']), [
      { host: 'broker-1.example', port: 9092 },
      { host: '::1', port: 9093 },
      { host: '10.0.0.1', port: 9094 },
    ])
  })
  for (const bad of ['broker', 'broker:', ':9092', 'broker:0', 'broker:65536', 'broker:port', '::1:9092', 'a b:1']) {
    it(`refuses ${bad}`, () => {
      assert.throws(
        () => parseBootstrapServers(['good:1', bad]),
        (error: unknown) => {
          assert.ok(error instanceof ConfigException)
          assert.equal(error.context.configKey, 'bootstrap.servers')
          assert.match(
            error.message,
            new RegExp(`^Invalid value ${bad} for configuration bootstrap\\.servers: Expected host:port`),
          )
          return true
        },
      )
    })
  }
})

describe('unknown keys', () => {
  it('are named in one warning, with the nearest key each', () => {
    const props = { ...BASE, 'client.idd': 'x', 'sasl.jaas.conf': 'secret-value', frobnicate: '1' }
    assert.equal(
      unknownKeysWarning('producer', clientDefinition('producer'), props),
      'These keys are not known to the Kafka producer and have no effect: "client.idd" (did you mean "client.id"?), ' +
        '"sasl.jaas.conf" (did you mean "sasl.jaas.config"?), "frobnicate"',
    )
    assert.match(
      unknownKeysWarning('admin', clientDefinition('admin'), { retrys: '1' }) ?? '',
      /^This key is not known to the Kafka admin and has no effect: "retrys" \(did you mean "retries"\?\)$/,
    )
  })
  it('are none when all are known, or are known to mean nothing here', () => {
    const props = {
      ...BASE,
      'metric.reporters': 'a.B',
      'sasl.kerberos.service.name': 'kafka',
      'key.serializer': 'a.B',
      'ssl.provider': 'x',
      'receive.buffer.bytes': '1',
    }
    assert.equal(unknownKeysWarning('producer', clientDefinition('producer'), props), undefined)
  })
})

describe('the configuration of a client', () => {
  const warnings = (props: Readonly<Record<string, string>>) => {
    const log = memoryLogger()
    parseClientConfig('admin', KEYS, props, log)
    return log.lines.filter((line) => line.level === 'warn').map((line) => line.message)
  }

  it('warns once', () => {
    assert.equal(warnings({ ...BASE, a: '1', b: '2' }).length, 1)
    assert.deepEqual(warnings(BASE), [])
  })
  it('names every key at fault', () => {
    assert.throws(
      () => parseClientConfig('admin', KEYS, { 'request.timeout.ms': 'soon', retries: '-1' }, memoryLogger()),
      (error: Error) => {
        assert.match(error.message, /bootstrap\.servers/)
        assert.match(error.message, /Invalid value soon for configuration request\.timeout\.ms/)
        assert.match(error.message, /retries/)
        return true
      },
    )
  })
  it('knows what was given and what was not', () => {
    const config = parseClientConfig('admin', KEYS, { ...BASE, retries: '3' }, memoryLogger())
    assert.deepEqual([...config.given], ['bootstrap.servers', 'retries'])
    assert.equal(config.own.retries, 3)
    assert.equal(config.own['connections.max.idle.ms'], 300_000)
  })
})
