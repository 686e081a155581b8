// New plugins and new versions are found while a worker runs, and what runs is not touched.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startTestWorker, temporaryFolder } from '../testing/test-worker.ts'
import type { RescanResult } from './plugin-rescan.ts'

/** A package with a source that notes each start of a connector and of a task. */
function put(path: string, version: string, starts: string, className = 'late.LateSourceConnector'): void {
  const folder = join(path, `${className}-${version}`)
  mkdirSync(folder)
  const plugins = [{ kind: 'source', className, version }]
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ type: 'module', main: 'entry.js', millrace: { plugins } }),
  )
  const api = import.meta.resolve('@millrace/api')
  writeFileSync(
    join(folder, 'entry.js'),
    `import { appendFileSync } from 'node:fs'
     import { defineConfig, SourceConnector, SourceTask } from '${api}'
     const note = (what) => appendFileSync('${starts}', what + ' ${version}\\n')
     class Task extends SourceTask {
       static className = '${className}Task'
       version = '${version}'
       start() { note('task') }
       async poll() { await new Promise((resolve) => setTimeout(resolve, 20)); return null }
       stop() {}
     }
     class One extends SourceConnector {
       config = defineConfig({})
       version = '${version}'
       start() { note('connector') }
       stop() {}
       taskClass() { return Task }
       taskConfigs() { return [{}] }
     }
     export const plugins = [{ kind: 'source', className: '${className}', version: '${version}', load: async () => One }]`,
  )
}

test('plugins that come later are found on request and on miss, without a restart of anything', async (t) => {
  const path = temporaryFolder(t)
  const starts = join(path, 'starts.txt')
  writeFileSync(starts, '')
  const noted = () => readFileSync(starts, 'utf8').trim().split('\n')
  put(path, '1.0', starts)
  const { call, until } = await startTestWorker(t, { 'plugin.path': path, 'worker.threads': '1' })
  const create = (name: string, more: object) =>
    call('PUT', `/connectors/${name}/config`, { 'connector.class': 'LateSource', ...more })
  const runs = (name: string, version: string) =>
    until(
      `/connectors/${name}/status`,
      (body: { connector: { version: string }; tasks: { state: string; version: string }[] }) =>
        body.tasks?.[0]?.state === 'RUNNING' && body.tasks[0].version === version && body.connector.version === version,
    ).then((body) => assert.match(JSON.stringify(body), new RegExp(`RUNNING.*${version}.*RUNNING.*${version}`)))
  assert.equal((await create('old', {})).status, 201)
  await runs('old', '1.0')
  assert.deepEqual(noted(), ['connector 1.0', 'task 1.0'])

  put(path, '2.0', starts)
  const rescan = async () => (await call('POST', '/admin/plugins/rescan')).body as RescanResult
  assert.deepEqual((await rescan()).added, [{ class: 'late.LateSourceConnector', type: 'source', version: '2.0' }])
  assert.deepEqual((await rescan()).added, [])
  assert.equal((await create('new', {})).status, 201)
  await runs('new', '2.0')
  assert.equal((await create('kept', { 'connector.plugin.version': '[1.0,2.0)' })).status, 201)
  await runs('kept', '1.0')

  put(path, '1.0', starts, 'late.MissedSourceConnector')
  assert.equal((await create('missed', { 'connector.class': 'late.MissedSourceConnector' })).status, 201)
  await runs('missed', '1.0')
  // Two lines for each connector: nothing was started twice.
  assert.equal(noted().length, 8)
  await runs('old', '1.0')

  utimesSync(join(path, 'late.LateSourceConnector-1.0', 'entry.js'), 1, 1)
  assert.match(
    (await rescan()).warnings.join('\n'),
    /entry.js was changed since this worker found it, and stays as it was/,
  )
})
