// The offset file: what was committed is there again, whatever happened to the process.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { silentLogger } from '@millrace/api'
import { decodeLog } from './offset-file.ts'
import { FileOffsetStore } from './offset-store-file.ts'

function place(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-offsets-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'connect.offsets')
}

async function opened(path: string): Promise<FileOffsetStore> {
  const store = new FileOffsetStore(path, silentLogger)
  await store.start()
  return store
}

test('offsets are read back after a restart, exactly', async (t) => {
  const path = place(t)
  const first = await opened(path)
  await first.write('c', [
    { partition: { table: 'a', db: 1 }, offset: { lsn: 9223372036854775807n, at: 1.5, done: true, x: null } },
  ])
  await first.write('d', [{ partition: { table: 'a', db: 1 }, offset: { lsn: 1 } }])
  await first.stop()
  const second = await opened(path)
  assert.deepEqual(await second.read('c', [{ db: 1, table: 'a' }, { table: 'b' }]), [
    { lsn: 9223372036854775807n, at: 1.5, done: true, x: null },
    null,
  ])
  assert.equal((await second.list('d')).length, 1)
  await second.stop()
})

test('a null offset removes, and a write of a closed store fails', async (t) => {
  const path = place(t)
  const store = await opened(path)
  await store.write('c', [{ partition: { p: 1 }, offset: { o: 1 } }])
  await store.write('c', [{ partition: { p: 1 }, offset: null }])
  assert.deepEqual(await store.list('c'), [])
  await store.stop()
  await assert.rejects(store.write('c', [{ partition: { p: 1 }, offset: { o: 2 } }]), /is closed/)
  assert.deepEqual(await (await opened(path)).list('c'), [])
})

test('cut at any byte, the file gives the last whole commit before it', async (t) => {
  const path = place(t)
  const store = await opened(path)
  const ends: number[] = [readFileSync(path).length]
  for (let o = 1; o <= 5; o++) {
    await store.write('c', [
      { partition: { p: 1 }, offset: { o } },
      { partition: { p: 2 }, offset: { o } },
    ])
    ends.push(readFileSync(path).length)
  }
  await store.stop()
  const whole = readFileSync(path)
  for (let length = 0; length <= whole.length; length++) {
    writeFileSync(path, whole.subarray(0, length))
    const again = await opened(path)
    const expected = ends.filter((end) => end <= length).length - 1
    const found = await again.read('c', [{ p: 1 }, { p: 2 }])
    assert.deepEqual(found, expected <= 0 ? [null, null] : [{ o: expected }, { o: expected }], `cut at ${length}`)
    await again.write('c', [{ partition: { p: 1 }, offset: { o: 99 } }])
    await again.stop()
    assert.deepEqual(await (await opened(path)).read('c', [{ p: 1 }]), [{ o: 99 }])
  }
})

test('damage before the end is not passed over', async (t) => {
  const path = place(t)
  const store = await opened(path)
  for (let o = 0; o < 3; o++) await store.write('c', [{ partition: { p: 1 }, offset: { o } }])
  await store.stop()
  const bytes = readFileSync(path)
  bytes[40] = (bytes[40] as number) ^ 1
  writeFileSync(path, bytes)
  await assert.rejects(opened(path), /is damaged at byte 19, with commits after it/)
  writeFileSync(path, 'something else entirely\n')
  await assert.rejects(opened(path), /is not one of Millrace or of Kafka Connect/)
})

test('many writers share commits; the file stays short', async (t) => {
  const path = place(t)
  const store = await opened(path)
  const writes = Array.from({ length: 2000 }, (_, o) =>
    store.write('c', [{ partition: { p: o % 3 }, offset: { o, text: 'x'.repeat(900) } }]),
  )
  await Promise.all(writes)
  const { commits } = decodeLog(readFileSync(path), path)
  assert.ok(commits.length < 2000)
  for (let round = 0; round < 3; round++) {
    for (let o = 0; o < 500; o++) void store.write('c', [{ partition: { p: 0 }, offset: { o, text: 'x'.repeat(900) } }])
    await store.write('c', [{ partition: { p: 0 }, offset: { o: 500 + round } }])
  }
  assert.ok(readFileSync(path).length < 2_500_000)
  assert.deepEqual(await store.read('c', [{ p: 0 }]), [{ o: 502 }])
  await store.stop()
})

test('a file of the JVM is taken over, and a copy kept', async (t) => {
  const path = place(t)
  // A HashMap<byte[], byte[]> as Java writes it; the offset of gone.txt was removed.
  const java =
    'rO0ABXNyABFqYXZhLnV0aWwuSGFzaE1hcAUH2sHDFmDRAwACRgAKbG9hZEZhY3RvckkACXRocmVzaG9sZHhwP0AAAAAAAAx3' +
    'CAAAABAAAAADdXIAAltCrPMX+AYIVOACAAB4cAAAAB9bInNyYyIseyJmaWxlbmFtZSI6ImdvbmUudHh0In1dcHVxAH4AAgAA' +
    'AB1bInNyYyIseyJmaWxlbmFtZSI6ImluLnR4dCJ9XXVxAH4AAgAAAB17InBvc2l0aW9uIjo5MDA3MTk5MjU0NzQwOTkzfXVx' +
    'AH4AAgAAABRbImRiIix7InRhYmxlIjoiYSJ9XXVxAH4AAgAAABJ7ImlkIjo3LCJ0cyI6bnVsbH14'
  writeFileSync(path, Buffer.from(java, 'base64'))
  await (await opened(path)).stop()
  assert.equal(readFileSync(`${path}.java`).toString('base64'), java)
  const store = await opened(path)
  assert.deepEqual(await store.read('src', [{ filename: 'in.txt' }, { filename: 'gone.txt' }]), [
    { position: 9007199254740993n },
    null,
  ])
  assert.deepEqual(await store.read('db', [{ table: 'a' }]), [{ id: 7, ts: null }])
  writeFileSync(path, Buffer.from(java, 'base64').subarray(0, 120))
  await assert.rejects(opened(path), /was written by Java, but is no map of offsets that can be read/)
})

test('a place that cannot be written is one clear error', async (t) => {
  await assert.rejects(opened(join(place(t), 'no', 'folder')), /Cannot write the offset file .*ENOENT/)
})

test('a folder in place of the file is one clear error', async () => {
  await assert.rejects(opened(tmpdir()), /Cannot read the offset file .*EISDIR/)
})

test('killed at any moment, it keeps what it said was kept, and never half of a commit', async (t) => {
  const path = place(t)
  const writer = new URL('../testing/offset-writer.ts', import.meta.url).pathname
  for (let round = 0; round < 5; round++) {
    const child = spawn(process.execPath, [writer, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    while (said.split('\n').length < 5) await once(child.stdout, 'data')
    setTimeout(() => child.kill('SIGKILL'), Math.random() * 150)
    await once(child, 'close')
    const kept = Number(said.trim().split('\n').at(-1))
    const store = await opened(path)
    const found = (await store.read('c', [{ p: 0 }, { p: 1 }, { p: 2 }])).map((one) => Number(one?.at))
    await store.stop()
    assert.deepEqual(new Set(found).size, 1, 'all of a commit or none')
    assert.ok((found[0] as number) >= kept && (found[0] as number) <= kept + 1, `${found[0]} found, ${kept} told`)
  }
})
