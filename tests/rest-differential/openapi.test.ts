// The OpenAPI document that a worker serves: valid, complete, and true of what the reference and this worker answer.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type StandaloneWorker, startStandalone } from '@millrace/runtime'
import { type TemporaryFolder, temporaryFolder } from '@millrace/testkit'
import { Validator } from '@seriousme/openapi-schema-validator'
import { type Document, OpenApiCheck } from './openapi.ts'
import { type Answer, allCalls } from './record.ts'
import { recorded } from './recordings.ts'

const CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'

/** Recordings are kept without the words of the reference's documentation. */
function documented(answer: Answer): Answer {
  return { ...answer, body: answer.body.replaceAll('"display_name"', '"documentation":"","display_name"') }
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

  for (const mode of ['standalone', 'distributed'] as const) {
    it(`fits what a ${mode} worker of the reference was seen to answer`, () => {
      const check = new OpenApiCheck(document)
      const calls = new Map(allCalls('/tmp').map((call) => [call.name, call]))
      const misfits = recorded(mode).flatMap((answer) => {
        const call = calls.get(answer.name)
        const isText = call?.body === undefined || typeof call.body === 'string'
        const body: unknown = isText ? undefined : JSON.parse(JSON.stringify(call.body))
        return call?.valuesOnly === true && answer.status === 200 ? [] : check.misfits(documented(answer), body)
      })
      assert.deepEqual(misfits, [])
    })
  }

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
