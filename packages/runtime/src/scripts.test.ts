// Code out of a configuration, as its users meet it: it runs, its errors and times are told, and a worker can refuse it.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: scripts have template literals
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startTestWorker } from './testing/test-worker.ts'

const PLUGINS = ['@millrace/converters', '@millrace/connector-file', '@millrace/transforms']
const QUIET = { format: 'json', target: { write: () => {} }, levels: { 'org.apache.kafka.connect': 'OFF' } } as const
const OPTIONS = { pluginModules: PLUGINS, logging: QUIET }

interface Validation {
  readonly error_count: number
  readonly configs: readonly { readonly value: { readonly name: string; readonly errors: readonly string[] } }[]
}
interface Status {
  readonly tasks: readonly { readonly state: string; readonly trace?: string }[]
}

const SOURCE = { name: 'in', 'connector.class': 'FileStreamSource', topic: 'lines', file: 'x' }

const errorsOf = (body: unknown) =>
  Object.fromEntries(
    (body as Validation).configs
      .filter((one) => one.value.errors.length > 0)
      .map((one) => [one.value.name, one.value.errors]),
  )
const script = (text: string, more: Readonly<Record<string, string>> = {}) => ({
  transforms: 'edit',
  'transforms.edit.type': 'millrace.Script',
  'transforms.edit.script': text,
  ...more,
})

test('a script edits and drops records on their way, and its time is among the metrics', async (t) => {
  const { folder, call, until, url } = await startTestWorker(t, {}, OPTIONS)
  writeFileSync(join(folder, 'in.txt'), 'keep 1\ndrop 2\nkeep 3\n')
  const source = {
    name: 'in',
    'connector.class': 'FileStreamSource',
    file: join(folder, 'in.txt'),
    topic: 'lines',
    // A template literal is no reference to a config provider.
    ...script('({ value }) => value.startsWith("drop") ? null : ({ value: `${value.length > 3 ? value : 0}!` })'),
  }
  assert.equal((await call('PUT', '/connectors/in/config', source)).status, 201)
  const sink = {
    name: 'out',
    'connector.class': 'FileStreamSink',
    file: join(folder, 'out.txt'),
    topics: 'lines',
    ...script('{ apply(record) { return { value: record.value + record.kafkaOffset } } }'),
  }
  assert.equal((await call('PUT', '/connectors/out/config', sink)).status, 201)
  await until('/connectors/out/offsets', (body: { offsets: { offset: { kafka_offset: number } }[] }) => {
    return body.offsets[0]?.offset.kafka_offset === 2
  })
  assert.equal(readFileSync(sink.file, 'utf8'), 'keep 1!0\nkeep 3!1\n')
  const metrics = await (await fetch(`${url}/metrics`)).text()
  const labels = '\\{connector="in",task="0",transform="edit"'
  assert.match(metrics, new RegExp(`^kafka_connect_connector_transform_apply_avg_time_ms${labels}\\} \\d`, 'm'))
  assert.match(
    metrics,
    new RegExp(
      `^kafka_connect_connector_transform_metrics_transform_class${labels},transform_class="millrace.Script"`,
      'm',
    ),
  )
})

test('an error of a script names transformation, line, column and record', async (t) => {
  const { folder, call, until } = await startTestWorker(t, {}, OPTIONS)
  writeFileSync(join(folder, 'in.txt'), 'one\n')
  const common = { 'connector.class': 'FileStreamSource', file: join(folder, 'in.txt'), topic: 'lines' }
  await call('PUT', '/connectors/in/config', common)
  const sink = { 'connector.class': 'FileStreamSink', file: join(folder, 'out.txt'), topics: 'lines' }
  await call('PUT', '/connectors/out/config', { ...sink, ...script('(record) =>\n  record.value.a.b') })
  const failed = (status: Status) => status.tasks?.[0]?.state === 'FAILED'
  const trace = ((await until('/connectors/out/status', failed)) as Status).tasks[0]?.trace ?? ''
  assert.match(
    trace,
    /script:2:18: Cannot read properties of undefined \(reading 'b'\) \(transformation edit\) \(record lines-0 offset 0\)/,
  )
})

test('a script that does not compile is found before there is a connector', async (t) => {
  const { call } = await startTestWorker(t, {}, OPTIONS)
  const validate = async (config: object) =>
    (await call('PUT', '/connector-plugins/FileStreamSource/config/validate', { ...SOURCE, ...config })).body
  const bad = errorsOf(await validate(script('(record) => {\n  const a = ;\n}')))
  assert.deepEqual(Object.keys(bad), ['transforms.edit.script'])
  assert.match(String(bad['transforms.edit.script']), /^script:2:13: .*\n {2}const a = ;\n {12}\^$/)
  const bare = { transforms: 'edit', 'transforms.edit.type': 'Script' }
  assert.deepEqual(errorsOf(await validate(bare)), {
    'transforms.edit.script': ['Missing the script: set script to its text, or script.file to the path of its file.'],
  })
  const created = await call('PUT', '/connectors/in/config', { ...SOURCE, ...script('record => {') })
  assert.equal(created.status, 400)
  assert.match(JSON.stringify(created.body), /script:1:12: /)
  assert.deepEqual(errorsOf(await validate(script('(record) => record'))), {})
})

test("Debezium's expressions are checked as scripts are, and the short name Filter stays with the reference", async (t) => {
  const { call } = await startTestWorker(t, {}, OPTIONS)
  const errors = async (more: Readonly<Record<string, string>>) => {
    const edit = Object.entries(more).map(([key, value]) => [`transforms.edit.${key}`, value])
    const config = { ...SOURCE, transforms: 'edit', ...Object.fromEntries(edit) }
    return errorsOf((await call('PUT', '/connector-plugins/FileStreamSource/config/validate', config)).body)
  }
  const type = 'io.debezium.transforms.Filter'
  const condition = "value.op == 'u'"
  assert.deepEqual(await errors({ type, language: 'jsr223.graal.js', condition }), {})
  const groovy = await errors({ type, language: 'jsr223.groovy', condition: 'value?.op ?: false' })
  assert.deepEqual(Object.keys(groovy), ['transforms.edit.language'])
  const bad = await errors({ type, language: 'graal.js', condition: `${condition} &&` })
  assert.match(String(bad['transforms.edit.condition']), /^condition:1:19: /)
  assert.deepEqual(await errors({ type: 'Filter' }), {})
})

test('a worker that does not allow code in configurations refuses it, and says so', async (t) => {
  const { call } = await startTestWorker(t, { 'script.transformations.enable': 'false' }, OPTIONS)
  for (const [className, more] of [
    ['millrace.Script', { script: '(record) => record' }],
    ['io.debezium.transforms.Filter', { language: 'js', condition: 'true' }],
    ['io.debezium.transforms.ContentBasedRouter', { language: 'js', 'topic.expression': 'null' }],
  ] as const) {
    const edit = Object.entries({ type: className, ...more }).map(([key, value]) => [`transforms.edit.${key}`, value])
    const config = { ...SOURCE, transforms: 'edit', ...Object.fromEntries(edit) }
    const answer = await call('PUT', '/connector-plugins/FileStreamSource/config/validate', config)
    assert.deepEqual(errorsOf(answer.body), {
      'transforms.edit.type': [
        `${className} runs code out of its configuration, and this worker does not allow that: script.transformations.enable=false is set in the worker's configuration.`,
      ],
    })
    assert.equal((await call('PUT', '/connectors/in/config', config)).status, 400)
  }
})
