// Answers of our standalone worker against those recorded from the reference 4.3.1 (`record.ts`): only known differences are allowed.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startBroker } from '@millrace/broker'
import { startStandalone } from '@millrace/runtime'
import { differences } from './compare.ts'
import { isKnown, OTHER_ANSWERS, OTHER_WORDS } from './known-differences.ts'
import { type Document, OpenApiCheck } from './openapi.ts'
import { type Answer, record } from './record.ts'

const RECORDED = new URL('./reference-4.3.1.jsonl', import.meta.url)
const CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'

test('the REST API answers as the reference does, but for what is known', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-rest-'))
  const broker = await startBroker({ dataDir: join(folder, 'broker'), port: 0, host: '127.0.0.1' })
  const worker = await startStandalone({
    workerProps: {
      'bootstrap.servers': broker.bootstrap,
      'key.converter': CONVERTER,
      'value.converter': CONVERTER,
      'offset.storage.file.filename': join(folder, 'offsets'),
      'offset.flush.interval.ms': '500',
      listeners: 'http://localhost:0',
    },
    pluginModules: ['@millrace/converters', '@millrace/connector-file'],
    logging: { format: 'json', levels: { 'org.apache': 'OFF' } },
  })
  t.after(async () => {
    await worker.stop()
    await broker.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const lines = readFileSync(RECORDED, 'utf8').trim().split('\n')
  const reference = lines.map((line) => JSON.parse(line) as Answer)
  const ours = await record(worker.restUrl, folder)
  const check = new OpenApiCheck((await (await fetch(`${worker.restUrl}/openapi.json`)).json()) as Document)
  assert.deepEqual(
    ours.flatMap((answer) => check.misfits(answer)),
    [],
  )
  const found = differences(reference, ours)
  const names = new Set(reference.map((one) => one.name))
  for (const name of [...OTHER_WORDS, ...OTHER_ANSWERS]) assert.ok(names.has(name), `${name} is no call`)
  const unknown = found.filter(({ name, line }) => !isKnown(name, line)).map(({ line }) => line)
  assert.deepEqual(unknown, [])
})
