import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Api,
  ApiVersions,
  ByteReader,
  ByteWriter,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  errorCodeInfo,
  FindCoordinator,
  MalformedBytesError,
  Metadata,
  Produce,
  readRequestHeader,
} from './index.ts'
import * as messages from './messages/index.ts'

const hex = (bytes: Buffer) => bytes.toString('hex')

test('a classic request has the bytes of the protocol guide', () => {
  const frame = encodeRequest(Metadata, 1, { correlationId: 7, clientId: 'c' }, { topics: [{ name: 'ab' }] })
  assert.equal(hex(frame), `00000013${'0003'}${'0001'}${'00000007'}${'000163'}${'00000001'}${'00026162'}`)
})

test('a flexible request has compact strings and tag sections', () => {
  const frame = encodeRequest(
    ApiVersions,
    3,
    { correlationId: 1, clientId: null },
    { clientSoftwareName: 'm', clientSoftwareVersion: '1' },
  )
  assert.equal(hex(frame.subarray(4)), `0012${'0003'}${'00000001'}${'ffff'}${'00'}${'026d'}${'0231'}${'00'}`)
})

test('the response header of ApiVersions stays classic, so that any client can read it', () => {
  const frame = encodeResponse(ApiVersions, 3, 9, {
    errorCode: 0,
    apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 3 }],
  })
  assert.equal(hex(frame.subarray(4, 10)), '000000090000')
  const other = encodeResponse(FindCoordinator, 3, 9, { errorCode: 0, nodeId: 1, host: 'h', port: 2 })
  assert.equal(hex(other.subarray(4, 9)), '0000000900')
})

test('unknown tagged fields are skipped, known ones are read', () => {
  const out = new ByteWriter()
  ApiVersions.response(3).write(out, { errorCode: 0, apiKeys: [], finalizedFeaturesEpoch: 5 })
  const known = ApiVersions.response(3).read(new ByteReader(out.bytes()))
  assert.equal(known.finalizedFeaturesEpoch, 5)
  // Error code, no keys, throttle time, then two tags: 99 with two bytes, and 1.
  const bytes = Buffer.from(`0000${'01'}${'00000000'}${'02'}${'6302aabb'}${'0108'}${'0000000000000006'}`, 'hex')
  assert.equal(ApiVersions.response(3).read(new ByteReader(bytes)).finalizedFeaturesEpoch, 6)
})

test('a truncated or absurd message is refused, and allocates nothing', () => {
  const absurd = Buffer.from('0000000100000000', 'hex')
  absurd.writeInt32BE(0x7fffffff, 4)
  assert.throws(() => Metadata.request(0).read(new ByteReader(absurd.subarray(4))), MalformedBytesError)
  assert.throws(() => Metadata.request(9).read(new ByteReader(Buffer.from('ffffffffffff', 'hex'))), MalformedBytesError)
})

test('record bytes of a produce request are read as a view of the frame', () => {
  const records = Buffer.from('abc')
  const out = new ByteWriter()
  Produce.request(9).write(out, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 1,
    topicData: [{ name: 't', partitionData: [{ index: 0, records }] }],
  })
  const bytes = out.bytes()
  const read = Produce.request(9).read(new ByteReader(bytes)).topicData[0]?.partitionData[0]?.records
  assert.equal(read?.buffer, bytes.buffer)
  assert.deepEqual(read, records)
})

test('a request header tells client, version and id, in classic and flexible form', () => {
  for (const version of [1, 12]) {
    const frame = encodeRequest(Metadata, version, { correlationId: 3, clientId: 'x' }, { topics: null })
    const header = readRequestHeader(new ByteReader(frame, 4), () => Metadata.flexibleFrom)
    assert.deepEqual(header, { apiKey: 3, apiVersion: version, correlationId: 3, clientId: 'x' })
  }
})

test('int64 keeps every safe integer, below zero too', () => {
  for (const value of [0, -1, 1, 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 32, -(2 ** 32)]) {
    const out = new ByteWriter()
    out.int64(value)
    assert.equal(out.bytes().readBigInt64BE(), BigInt(value))
    assert.equal(new ByteReader(out.bytes()).int64(), value)
  }
})

test('the smallest message of every API and version reads back as it was written', () => {
  for (const api of Object.values(messages) as Api<object, object, object, object>[]) {
    for (let version = api.minVersion; version <= api.maxVersion; version++) {
      for (const codec of [api.request(version), api.response(version)]) {
        const out = new ByteWriter()
        codec.write(out, {})
        const from = new ByteReader(out.bytes())
        const read = codec.read(from)
        assert.equal(from.remaining, 0, `${api.name} v${version} leaves bytes`)
        const again = new ByteWriter()
        codec.write(again, read)
        assert.equal(hex(again.bytes()), hex(out.bytes()), `${api.name} v${version}`)
      }
    }
  }
})

test('a response decodes behind its header', () => {
  const frame = encodeResponse(Metadata, 12, 4, { brokers: [], clusterId: 'k', controllerId: 1, topics: [] })
  assert.equal(decodeResponse(Metadata, 12, new ByteReader(frame, 8)).clusterId, 'k')
})

test('error codes know what may be retried', () => {
  assert.deepEqual(errorCodeInfo(6), {
    code: 6,
    name: 'NOT_LEADER_OR_FOLLOWER',
    exception: 'NotLeaderOrFollowerException',
    retriable: true,
    staleMetadata: true,
  })
  assert.equal(errorCodeInfo(30_000).retriable, false)
})
