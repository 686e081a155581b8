// The OpenAPI document that a worker serves: valid, complete, and true of what the reference and this worker answer.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { type StandaloneWorker, startStandalone } from '@millrace/runtime'
import { type TemporaryFolder, temporaryFolder } from '@millrace/testkit'
import { Validator } from '@seriousme/openapi-schema-validator'
import { calls } from './calls.ts'
import { type Document, OpenApiCheck } from './openapi.ts'
import type { Answer } from './record.ts'

const CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'

/** Recordings are kept without the words of the reference's documentation. */
function documented(line: string): string {
  return line.replaceAll('\\"display_name\\"', '\\"documentation\\":\\"\\",\\"display_name\\"')
}

describe('the OpenAPI document', () => {
  let folder: TemporaryFolder
  let worker: StandaloneWorker
  let document: Document
  before(async () => {
    folder = await temporaryFolder()
    worker = await startStandalone({
      workerProps: {
        'bootstrap.servers': '127.0.0.1:1',
        'key.converter': CONVERTER,
        'value.converter': CONVERTER,
        'offset.storage.file.filename': folder.file('offsets'),
        listeners: 'http://127.0.0.1:0',
      },
      pluginModules: ['@millrace/converters'],
      logging: { format: 'json', levels: { root: 'OFF' } },
    })
    const response = await fetch(`${worker.restUrl}/openapi.json`)
    assert.equal(response.headers.get('content-type'), 'application/json')
    document = (await response.json()) as Document
  })
  after(async () => {
    await worker.stop()
    await folder[Symbol.asyncDispose]()
  })

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate({ ...structuredClone(document) })
    assert.ok(valid, JSON.stringify(errors))
    assert.equal(validator.version, '3.1')
  })

  it('names every call once, with an id of its own', () => {
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item)) as {
      operationId?: string
    }[]
    const ids = operations.map((one) => one.operationId)
    assert.ok(
      ids.every((id) => id !== undefined),
      'a route without a description',
    )
    assert.equal(new Set(ids).size, ids.length)
  })

  it('fits what the reference was seen to answer', () => {
    const check = new OpenApiCheck(document)
    const bodies = new Map(calls('/tmp').map((call) => [call.name, call.body]))
    const recorded = readFileSync(new URL('./reference-4.3.1.jsonl', import.meta.url), 'utf8')
      .trim()
      .split('\n')
    const misfits = recorded.flatMap((line) => {
      const answer = JSON.parse(documented(line)) as Answer
      const body = bodies.get(answer.name)
      return check.misfits(answer, typeof body === 'string' ? undefined : body)
    })
    assert.deepEqual(misfits, [])
  })

  it('finds what does not fit', () => {
    const check = new OpenApiCheck(document)
    const misfits = (call: string, status: number, body: unknown) =>
      check.misfits({ name: 'x', call, status, body: body === undefined ? '' : JSON.stringify(body) })
    assert.match(
      misfits('GET /', 200, { version: '1', commit: 'c', kafka_cluster_id: null, more: 1 })[0] ?? '',
      /additional properties/,
    )
    assert.match(
      misfits('GET /', 200, { version: 1, commit: 'c', kafka_cluster_id: 'k' })[0] ?? '',
      /answer\/version must be string/,
    )
    assert.match(misfits('GET /', 418, {})[0] ?? '', /does not name the status 418/)
    assert.match(misfits('PUT /connectors/x/pause', 202, {})[0] ?? '', /has a body/)
    assert.match(misfits('GET /none', 200, {})[0] ?? '', /is no operation/)
  })
})
