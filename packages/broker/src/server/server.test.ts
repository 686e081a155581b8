// The port: requests in order, bytes that make no sense, versions that are not known.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  ApiVersions,
  ByteReader,
  DeleteTopics,
  ErrorCode,
  encodeRequest,
  Fetch,
  Metadata,
  Produce,
} from '@millrace/kafka/protocol'
import { encodeBatch } from '@millrace/kafka/records'
import { startBroker } from '../broker.ts'
import { createTopic, fetchOne, produce, startHarness } from '../testing/harness.ts'

test('answers every version of ApiVersions, and newer ones with the list in version 0', async (t) => {
  const { client } = await startHarness(t)
  const c = await client()
  for (let version = 0; version <= ApiVersions.maxVersion; version++) {
    const answer = await c.send(ApiVersions, { clientSoftwareName: 'x', clientSoftwareVersion: '1' }, version)
    assert.equal(answer.errorCode, ErrorCode.NONE)
    assert.ok(answer.apiKeys.length > 35)
  }
  const request = encodeRequest(
    ApiVersions,
    4,
    { correlationId: 77, clientId: 'x' },
    {
      clientSoftwareName: 'x',
      clientSoftwareVersion: '1',
    },
  )
  request.writeInt16BE(99, 6)
  const raw = await client()
  const frame = await new Promise<Buffer>((resolve) => {
    raw.expect(77, resolve)
    raw.write(request)
  })
  const answer = ApiVersions.response(0).read(new ByteReader(frame, 4))
  assert.equal(answer.errorCode, ErrorCode.UNSUPPORTED_VERSION)
  assert.ok(answer.apiKeys.some((a) => a.apiKey === ApiVersions.key && a.maxVersion === ApiVersions.maxVersion))
})

test('answers pipelined requests in their order, in whatever pieces they arrive', async (t) => {
  const { client } = await startHarness(t)
  const c = await client()
  await createTopic(c, 'a')
  const frames = Array.from({ length: 20 }, (_, i) =>
    encodeRequest(
      Produce,
      9,
      { correlationId: 1000 + i, clientId: 'x' },
      {
        acks: -1,
        timeoutMs: 1000,
        topicData: [
          {
            name: 'a',
            partitionData: [
              { index: 0, records: encodeBatch([{ value: `${i}-${'x'.repeat(i * 3000)}`, timestamp: Date.now() }]) },
            ],
          },
        ],
      },
    ),
  )
  const order: number[] = []
  const done = Promise.all(
    frames.map(
      (_, i) =>
        new Promise<void>((resolve) => {
          c.expect(1000 + i, () => {
            order.push(i)
            resolve()
          })
        }),
    ),
  )
  const stream = Buffer.concat(frames)
  for (let at = 0; at < stream.length; ) {
    const size = 1 + ((at * 7919) % 9000)
    c.write(stream.subarray(at, at + size))
    at += size
    if (at % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await done
  assert.deepEqual(order, [...frames.keys()])
  const { values } = await fetchOne(c, 'a')
  assert.deepEqual(
    values.map((v) => Number(v.split('-')[0])),
    [...frames.keys()],
  )
})

test('bytes that make no sense end their connection with a log line, and nothing else', async (t) => {
  const { client, lines } = await startHarness(t)
  const good = await client()
  const topics = { topics: null, allowAutoTopicCreation: false }
  const metadata = encodeRequest(Metadata, 12, { correlationId: 1, clientId: 'x' }, topics)
  const cut = Buffer.from(metadata.subarray(0, metadata.length - 3))
  cut.writeInt32BE(cut.length - 4, 0)
  const unknownKey = Buffer.from(metadata)
  unknownKey.writeInt16BE(999, 4)
  const unknownVersion = Buffer.from(metadata)
  unknownVersion.writeInt16BE(99, 6)
  const hugeArray = encodeRequest(Metadata, 1, { correlationId: 1, clientId: 'x' }, { topics: [] })
  hugeArray.writeInt32BE(0x7fffffff, hugeArray.length - 4)
  const cases: [string, Buffer, RegExp][] = [
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), /a request of \d+ bytes/],
    ['TLS', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc]), /looks like TLS/],
    ['a negative length', Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]), /a request of -1 bytes/],
    ['a request cut short', cut, /bytes wanted/],
    ['an unknown API', unknownKey, /API key 999/],
    ['an unknown version', unknownVersion, /Metadata version 99/],
    ['an array longer than the request', hugeArray, /array of 2147483647/],
  ]
  for (const [name, bytes, line] of cases) {
    const bad = await client()
    bad.write(bytes)
    await bad.closed
    assert.match(lines.at(-1) ?? '', line, name)
  }
  assert.equal((await good.send(Metadata, topics)).brokers.length, 1)
})

test('random bytes never bring it down', async (t) => {
  const { client } = await startHarness(t)
  let seed = 42
  const random = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return seed / 0x7fffffff
  }
  for (let round = 0; round < 60; round++) {
    const bad = await client()
    const body = Buffer.from(Array.from({ length: 8 + Math.floor(random() * 200) }, () => Math.floor(random() * 256)))
    body.writeInt16BE(Math.floor(random() * 76), 0)
    body.writeInt16BE(Math.floor(random() * 10), 2)
    body.writeInt16BE(-1, 8 <= body.length - 2 ? 8 : 6)
    const length = Buffer.alloc(4)
    length.writeInt32BE(body.length)
    bad.write(Buffer.concat([length, body]))
    bad.close()
  }
  const good = await client()
  assert.equal((await good.send(Metadata, { topics: null })).brokers.length, 1)
})

test('a fetch that waits ends when records come, when its time is up, and when the topic goes', async (t) => {
  const { client, broker } = await startHarness(t)
  const [reader, writer] = [await client(), await client()]
  await createTopic(writer, 'a')
  const waiting = fetchOne(reader, 'a', { maxWaitMs: 30_000 })
  await produce(writer, 'a', [{ value: 'hello' }])
  assert.deepEqual((await waiting).values, ['hello'])
  const empty = await fetchOne(reader, 'a', { offset: 1, maxWaitMs: 20 })
  assert.deepEqual([empty.errorCode, empty.values.length, empty.highWatermark], [ErrorCode.NONE, 0, 1])
  const many = fetchOne(reader, 'a', { offset: 1, maxWaitMs: 30_000, minBytes: 500 })
  await produce(writer, 'a', [{ value: 'x'.repeat(100) }])
  await produce(writer, 'a', [{ value: 'y'.repeat(500) }])
  assert.equal((await many).values.length, 2)
  const orphan = fetchOne(reader, 'a', { offset: 3, maxWaitMs: 30_000 })
  await writer.send(DeleteTopics, { topics: [{ name: 'a' }], timeoutMs: 1000 })
  assert.equal((await orphan).errorCode, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  assert.ok(broker.connections >= 2)
})

test('a taken port is refused before any file is touched, and closing twice is fine', async (t) => {
  const { broker, dataDir } = await startHarness(t)
  await assert.rejects(startBroker({ dataDir, port: broker.port }), { code: 'EADDRINUSE' })
  await broker.close()
  await broker.close()
})

test('a data folder belongs to one broker; a dead one does not hold it', async (t) => {
  const { broker, dataDir } = await startHarness(t)
  await assert.rejects(startBroker({ dataDir }), /is in use by the broker of process/)
  await broker.close()
  writeFileSync(join(dataDir, 'lock'), JSON.stringify({ pid: process.pid, born: 'before this process' }))
  const { broker: second } = await startHarness(t, { dataDir })
  await second.close()
  const catalog = readFileSync(join(dataDir, 'catalog.json'))
  writeFileSync(join(dataDir, 'catalog.json'), '{"version":7}')
  await assert.rejects(startBroker({ dataDir }), /not a broker catalog \(version 7 .* another data folder/)
  writeFileSync(join(dataDir, 'catalog.json'), catalog)
  const { broker: third } = await startHarness(t, { dataDir })
  assert.equal(third.clusterId, broker.clusterId)
})

test('starts in less than 100 ms with sixty logs to open', async (t) => {
  const first = await startHarness(t)
  const c = await first.client()
  for (let i = 0; i < 20; i++) await createTopic(c, `topic-${i}`, 3)
  await first.broker.close()
  let fastest = Number.POSITIVE_INFINITY
  for (let i = 0; i < 3; i++) {
    const began = performance.now()
    const again = await startHarness(t, { dataDir: first.dataDir })
    fastest = Math.min(fastest, performance.now() - began)
    await again.broker.close()
  }
  assert.ok(fastest < 100, `the fastest of three starts took ${fastest} ms`)
})

test('fetch sessions answer only what changed, and refuse what does not belong to them', async (t) => {
  const { client } = await startHarness(t)
  const c = await client()
  const topicId = await createTopic(c, 'a', 3)
  const partitions = [0, 1, 2].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 1 << 20 }))
  const ask = (sessionId: number, sessionEpoch: number, wanted: typeof partitions, forgotten: number[] = []) =>
    c.send(Fetch, {
      maxWaitMs: 0,
      minBytes: 1,
      sessionId,
      sessionEpoch,
      topics: wanted.length === 0 ? [] : [{ topicId, partitions: wanted }],
      forgottenTopicsData: forgotten.length === 0 ? [] : [{ topicId, partitions: forgotten }],
    })
  const full = await ask(0, 0, partitions)
  assert.equal(full.responses[0]?.partitions.length, 3)
  assert.ok(full.sessionId > 0)
  assert.deepEqual((await ask(full.sessionId, 1, [])).responses, [])
  await produce(c, 'a', [{ value: 'x' }], { index: 1 })
  const changed = await ask(full.sessionId, 2, [])
  assert.deepEqual(
    changed.responses[0]?.partitions.map((p) => p.partitionIndex),
    [1],
  )
  const moved = await ask(full.sessionId, 3, [{ partition: 1, fetchOffset: 1, partitionMaxBytes: 1000 }])
  assert.deepEqual(moved.responses, [])
  await produce(c, 'a', [{ value: 'y' }], { index: 0 })
  assert.deepEqual((await ask(full.sessionId, 4, [], [0])).responses, [])
  assert.equal((await ask(full.sessionId, 4, [])).errorCode, ErrorCode.INVALID_FETCH_SESSION_EPOCH)
  assert.equal((await ask(12345, 1, [])).errorCode, ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
  const ended = await ask(full.sessionId, -1, partitions)
  assert.deepEqual([ended.sessionId, ended.responses[0]?.partitions.length], [0, 3])
  assert.equal((await ask(full.sessionId, 5, [])).errorCode, ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
})
