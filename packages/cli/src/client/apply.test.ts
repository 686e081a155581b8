// diff, plan and apply against a worker of this process.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { after, before, it } from 'node:test'
import { inProcess } from './testing/in-process.ts'
import { type ClientWorld, startWorld } from './testing/worker.ts'

let world: ClientWorld
const millrace = (...args: string[]) => inProcess(args, { CONNECT_URL: world.url })
const file = async (name: string, value: unknown) => {
  await writeFile(world.folder.file(name), typeof value === 'string' ? value : JSON.stringify(value))
  return world.folder.file(name)
}
const configOf = async (name: string) =>
  (await (await fetch(`${world.url}/connectors/${name}/config`)).json()) as Record<string, string>

before(async () => {
  world = await startWorld()
})
after(() => world[Symbol.asyncDispose]())

it('plans, applies, and finds nothing more to do', async () => {
  const source = { 'connector.class': 'FileStreamSource', file: world.folder.file('in.txt'), topic: 'lines' }
  await file('in.txt', 'a\n')
  const path = await file(
    'all.yaml',
    `name: in
connector.class: FileStreamSource
file: ${source.file}
topic: lines
batch.size: 10
producer.override.ssl.key.password: first-secret
---
name: later
config: {connector.class: FileStreamSource, file: ${source.file}, topic: lines}
state: stopped
`,
  )
  const plan = await millrace('plan', '-f', path)
  assert.equal(plan.code, 0, plan.err)
  assert.match(plan.out, /^in: create {2}\(.*all\.yaml, document 1\)\n {2}\+ batch\.size=10\n/)
  assert.match(plan.out, /later: create[\s\S]* {2}\+ state STOPPED\nPlan [0-9a-f]{12}: 2 to create\n$/)
  const applied = await millrace('apply', '-f', path, '--wait', '20')
  assert.equal(applied.code, 0, applied.err)
  assert.equal(applied.out, 'in: created\nlater: created, STOPPED\nin: RUNNING\nlater: STOPPED\n')
  assert.equal((await configOf('in'))['batch.size'], '10')
  assert.match(
    (await millrace('plan', '-f', path)).out,
    /^in: unchanged .*\nlater: unchanged .*\nPlan .*: nothing to do\n$/,
  )
  const same = await millrace('diff', '-f', path)
  assert.deepEqual([same.code, same.out], [0, ''])

  const changed = await file('changed.json', [
    { ...source, name: 'in', 'batch.size': 20, 'producer.override.ssl.key.password': 'second-secret' },
    { name: 'later', config: source, state: 'RUNNING' },
  ])
  const diff = await millrace('diff', '-f', changed)
  assert.equal(diff.code, 4)
  assert.match(
    diff.out,
    /--- in {2}\(cluster\)\n\+\+\+ in {2}\(.*changed\.json\[0\]\)\n- batch\.size=10\n\+ batch\.size=20\n/,
  )
  assert.match(
    diff.out,
    /- producer\.override\.ssl\.key\.password=\[hidden\]\n\+ producer\.override\.ssl\.key\.password=\[hidden\] \(another\)\n/,
  )
  assert.match(diff.out, /- state STOPPED\n\+ state RUNNING\n$/)
  const asJson = await millrace('diff', '-f', changed, '--json')
  assert.doesNotMatch(diff.out + asJson.out, /-secret/)
  assert.deepEqual(
    (JSON.parse(asJson.out) as { action: string }[]).map((one) => one.action),
    ['update', 'update'],
  )

  // A plan that was looked at is applied only as long as it is the plan.
  const { plan: id } = JSON.parse((await millrace('plan', '-f', changed, '--json')).out) as { plan: string }
  await millrace('pause', 'in', '--wait')
  await fetch(`${world.url}/connectors/in/config`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: '{"batch.size": "11"}',
  })
  const refused = await millrace('apply', '-f', changed, '--plan', id)
  assert.equal(refused.code, 4)
  assert.match(refused.err, new RegExp(`not ${id}: the files or the cluster have changed`))
  assert.equal(
    (await millrace('apply', '-f', changed, '--wait')).out,
    'in: updated\nlater: RUNNING\nin: PAUSED\nlater: RUNNING\n',
  )
  assert.equal((await configOf('in'))['batch.size'], '20')
})

it('does nothing at all when anything has errors', async () => {
  const good = { 'connector.class': 'FileStreamSource', file: '/dev/null', topic: 'x', name: 'good' }
  const path = await file('bad.json', [
    good,
    { ...good, name: 'bad', 'tasks.max': 'many' },
    { name: 'odd', 'connector.class': 'FileStreamSorce' },
  ])
  const plan = await millrace('plan', '-f', path)
  assert.equal(plan.code, 4)
  assert.match(
    plan.out,
    /bad: create[\s\S]*! tasks\.max: .*many[\s\S]*! connector\.class: .*FileStreamSorce[\s\S]*3 to create; \d errors\n$/,
  )
  const applied = await millrace('apply', '-f', path)
  assert.equal(applied.code, 4)
  assert.match(applied.err, /Nothing was applied/)
  assert.equal((await fetch(`${world.url}/connectors/good`)).status, 404)
  // The worker itself refuses what was not asked about before.
  const forced = await millrace('apply', '-f', path, '--no-validate')
  assert.equal(forced.code, 6)
  assert.match(forced.out, /^good: created\n$/)
  assert.match(forced.err, /^millrace: bad: Connector configuration is invalid/)
})

it('deletes what no file describes only when told to, and only where told to', async () => {
  const keep = { 'connector.class': 'FileStreamSource', file: '/dev/null', topic: 'x' }
  const both = await file('both.json', [
    { ...keep, name: 'team-a' },
    { ...keep, name: 'team-b' },
    { ...keep, name: 'other' },
  ])
  assert.equal((await millrace('apply', '-f', both)).code, 0)
  const one = await file('one.json', { ...keep, name: 'team-a' })
  const plan = await millrace('apply', '-f', one, '--prune', '--prune-only', 'team-*', '--dry-run')
  assert.match(plan.out, /team-b: delete\nPlan .*: 1 to delete\n$/)
  assert.match(
    (await millrace('apply', '-f', one, '--prune', '--prune-only', 'team-*')).out,
    /team-a: unchanged\nteam-b: deleted\n$/,
  )
  assert.equal((await fetch(`${world.url}/connectors/other`)).status, 200)
  assert.equal(
    (await millrace('delete', '-f', both, '--ignore-not-found')).out,
    'team-a: deleted\nteam-b: not there\nother: deleted\n',
  )
  assert.equal((await millrace('apply')).code, 1)
  assert.equal((await millrace('apply', '-f', one, '--prune-only', 'x')).code, 1)
  assert.equal((await millrace('diff', '-f', world.folder.file('none.json'))).code, 2)
})
