// Session keys and signatures; the expected signatures were made by javax.crypto.Mac of Java 17.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SessionKey } from '../topics/config-topic/cluster-config-state.ts'
import { checkInterWorkerConfig, INTER_WORKER_CONFIG } from './inter-worker-config.ts'
import { MAC_NAMES } from './mac-algorithms.ts'
import {
  readSignature,
  SIGNATURE_ALGORITHM_HEADER,
  SIGNATURE_HEADER,
  signatureHeaders,
  verifyRequest,
} from './request-signature.ts'
import { createSessionKey, keyExpiresAt, whyNewKey } from './session-key.ts'

const BODY = Buffer.from('[{"a":"b"}]')
const KEY: SessionKey = { key: Buffer.from('0123456789abcdef'), algorithm: 'HmacSHA256', creationTimestamp: 1_000 }
const BY_JAVA: Readonly<Record<string, string>> = {
  HmacMD5: '/NnFpRU9Qn3CQc8rL04VaA==',
  HmacSHA1: 'rdil6Vjk2llps8Gto2ngbNsijVk=',
  HmacSHA224: 'dgcb8jXnJvV6bn/Tbru8D0IgKTDmQww5WSOhdw==',
  HmacSHA256: 'Fvirlfbn0dIxYL+vYMy6qpucuTkwNfst09NxcNNzt/Q=',
  HmacSHA384: 'qDAZUJLvObUtx9T1pfguocYzroKjknZVc0Qw0oFJOK2SHMhwvCvFr44hvw8CrQbM',
  HmacSHA512: 'eRY5vmAaVUB+xcn4uBTCbr482b53VQEKzdqQfxJSvczHxnVJnpDSMJ+aR9a2PlejS7al2A8v9g8DShZO/DbRcQ==',
  'HmacSHA512/224': 'b/twNGSHYyqPkBrTr0uDOVvum68ZkBQPzlzaRw==',
  'HmacSHA512/256': 'h0Xoa5LKGSy1tvYZKun7bcHQTFF0zqDkeqd6TulQ4aw=',
  'HmacSHA3-256': 'Zs1FBePN4xWaOJEmm6zZ9gnwcwA5LbI5bJgLtATPVwE=',
}

function settings(more: Readonly<Record<string, string>> = {}) {
  return INTER_WORKER_CONFIG.parse(more)
}
function headersOf(headers: Readonly<Record<string, string>>) {
  return (name: string) => headers[name]
}

describe('signatures of internal requests', () => {
  for (const [algorithm, expected] of Object.entries(BY_JAVA)) {
    it(`${algorithm} as Java makes it`, () => {
      const headers = signatureHeaders(KEY, BODY, algorithm)
      assert.deepEqual(headers, { [SIGNATURE_HEADER]: expected, [SIGNATURE_ALGORITHM_HEADER]: algorithm })
      const signature = readSignature(headersOf(headers))
      verifyRequest(signature, BODY, { protocolVersion: 2, algorithms: [algorithm], key: KEY })
    })
  }

  it('refuses what is missing, wrong, or cannot be judged', () => {
    const rules = { protocolVersion: 2, algorithms: ['HmacSHA256'], key: KEY }
    const good = readSignature(headersOf(signatureHeaders(KEY, BODY, 'HmacSHA256')))
    const refused = (run: () => void, status: number, message: RegExp) =>
      assert.throws(run, (error: Error & { status: number }) => error.status === status && message.test(error.message))
    refused(() => verifyRequest(null, BODY, rules), 400, /missing required signature/)
    refused(() => verifyRequest(good, Buffer.from('[]'), rules), 403, /invalid signature/)
    refused(() => verifyRequest({ ...good!, bytes: good!.bytes.subarray(1) }, BODY, rules), 403, /invalid signature/)
    refused(() => verifyRequest(good, BODY, { ...rules, key: null }), 503, /still starting up/)
    refused(
      () => verifyRequest(good, BODY, { ...rules, algorithms: ['HmacSHA1'] }),
      400,
      /'HmacSHA256' key signing.*\[HmacSHA1\]/,
    )
    verifyRequest(null, BODY, { ...rules, protocolVersion: 1 })
    const bad = { [SIGNATURE_ALGORITHM_HEADER]: 'HmacSHA256', [SIGNATURE_HEADER]: 'ab$=' }
    refused(() => readSignature(headersOf(bad)), 400, /base64/)
    refused(
      () => readSignature(headersOf({ ...bad, [SIGNATURE_ALGORITHM_HEADER]: 'HmacFoo' })),
      400,
      /HmacFoo not available/,
    )
    assert.equal(readSignature(headersOf({ [SIGNATURE_HEADER]: 'abcd' })), null)
  })
})

describe('session keys', () => {
  it('are made in the configured size, and replaced when they are old or of another kind', () => {
    const key = createSessionKey(settings(), 5_000)
    assert.equal(key.key.length, 32)
    assert.equal(keyExpiresAt(key, settings()), 3_605_000)
    assert.equal(whyNewKey(key, settings(), 3_604_999), undefined)
    assert.match(whyNewKey(key, settings(), 3_605_000)!, /expired/)
    assert.match(whyNewKey(null, settings(), 0)!, /yet/)
    assert.match(whyNewKey(key, settings({ 'inter.worker.key.size': '512' }), 5_000)!, /size/)
    assert.match(
      whyNewKey(key, settings({ 'inter.worker.key.generation.algorithm': 'HmacSHA3-256' }), 5_000)!,
      /algorithm/,
    )
    assert.equal(whyNewKey(key, settings({ 'inter.worker.key.ttl.ms': '0' }), 2 ** 50), undefined)
    assert.equal(createSessionKey(settings({ 'inter.worker.key.size': '41' }), 0).key.length, 6)
  })

  it('come from keys that are checked', () => {
    checkInterWorkerConfig(settings())
    const signature = settings({ 'inter.worker.signature.algorithm': 'HmacSHA512' })
    assert.throws(
      () => checkInterWorkerConfig(signature),
      /must be present in inter.worker.verification.algorithms list/,
    )
    assert.throws(() => checkInterWorkerConfig(settings({ 'inter.worker.key.size': '39' })), /at least 40 bits/)
    assert.throws(() => settings({ 'inter.worker.signature.algorithm': 'HmacFoo' }), /HmacFoo/)
    assert.throws(() => settings({ 'inter.worker.verification.algorithms': '' }), /At least one/)
    for (const algorithm of MAC_NAMES) {
      const made = createSessionKey(settings({ 'inter.worker.key.generation.algorithm': algorithm }), 0)
      assert.ok(signatureHeaders(made, BODY, algorithm)[SIGNATURE_HEADER])
    }
  })
})
