// Basic authentication: who gets in, what is exempt, how files change, and what a bad file says.
import assert from 'node:assert/strict'
import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { RestRequest } from '@millrace/api'
import { startBroker } from '@millrace/broker'
import { until } from '@millrace/testkit'
import type { ConnectorStateInfo } from '../../control/entities.ts'
import { TestCluster } from '../../testing/test-cluster.ts'
import { atEnd, startTestWorker, temporaryFolder } from '../../testing/test-worker.ts'
import { BasicAuthSecurityRestExtension, LOGIN_CONFIG_KEY } from './basic-auth-extension.ts'
import { parseJaas } from './jaas.ts'

const MODULE = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule'
const EXTENSION = 'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension'
const as = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

function files(t: TestContext, users: string) {
  const folder = temporaryFolder(t)
  const path = join(folder, 'users.properties')
  const login = join(folder, 'login.conf')
  writeFileSync(path, users)
  writeFileSync(
    login,
    `// who may ask\nOther { x.Y optional; };\nKafkaConnect {\n ${MODULE} required\n file="${path}";\n};\n`,
  )
  return { path, login, folder }
}

/** What the extension does with requests. */
function filterOf(configs: Record<string, string>) {
  const extension = new BasicAuthSecurityRestExtension()
  extension.configure(configs)
  let filter: ((request: RestRequest) => unknown) | undefined
  extension.register({
    onRequest: (one) => {
      filter = one
    },
    route: () => {},
    clusterState: { connectors: async () => [], connectorConfig: async () => ({}), kafkaClusterId: '' },
  })
  return (authorization?: string, method = 'GET', path = '/connectors') =>
    filter?.({ method, path, headers: { ...(authorization !== undefined && { authorization }) } }) === undefined
}

test('users get in, others do not, and requests between workers pass', (t) => {
  const { login } = files(t, 'ann=secret\nbob=p\\u00e4ss:w\\=rd\n')
  const allows = filterOf({ [LOGIN_CONFIG_KEY]: login })
  assert.equal(allows(as('ann', 'secret')), true)
  assert.equal(allows(as('bob', 'päss:w=rd')), true)
  assert.equal(allows(`bAsIc ${as('ann', 'secret').slice(6)}`), true)
  for (const bad of [undefined, '', 'Basic', 'Basic !!', as('ann', 'Secret'), as('ann', ''), as('cid', 'secret')])
    assert.equal(allows(bad), false, bad)
  assert.equal(allows('Bearer abc'), false)
  assert.equal(allows(as('__proto__', 'x')), false)
  assert.equal(allows(undefined, 'POST', '/connectors/x/tasks'), true)
  assert.equal(allows(undefined, 'PUT', '/connectors/x/fence'), true)
  for (const [method, path] of [
    ['GET', '/connectors/x/tasks'],
    ['POST', '/connectors/x/tasks/0/restart'],
    ['PUT', '/connectors/x/y/fence'],
    ['POST', '/connectors/x/fence'],
  ] as const)
    assert.equal(allows(undefined, method, path), false, `${method} ${path}`)
})

test('a file of users that changes is read again; one that is emptied or gone changes nothing', (t) => {
  const { login, path } = files(t, 'ann=secret\n')
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const allows = filterOf({ [LOGIN_CONFIG_KEY]: login })
  const change = (text: string) => {
    writeFileSync(path, text)
    now += 1_000
    utimesSync(path, now, now)
  }
  change('ann=other\n')
  assert.equal(allows(as('ann', 'secret')), false)
  assert.equal(allows(as('ann', 'other')), true)
  change('')
  assert.equal(allows(), false)
  assert.equal(allows(as('ann', 'other')), true)
})

test('a file without users lets everybody in', (t) => {
  const { login } = files(t, '# nobody yet\n')
  assert.equal(filterOf({ [LOGIN_CONFIG_KEY]: login })(), true)
})

test('what Java is given in KAFKA_OPTS is found', (t) => {
  const { login } = files(t, 'ann=secret\n')
  const before = process.env.KAFKA_OPTS
  atEnd(t, () => {
    if (before === undefined) delete process.env.KAFKA_OPTS
    else process.env.KAFKA_OPTS = before
  })
  delete process.env.KAFKA_OPTS
  assert.throws(() => filterOf({}), /needs a login configuration. Set java.security.auth.login.config in the worker's/)
  process.env.KAFKA_OPTS = `-Xmx1g -D${LOGIN_CONFIG_KEY}=${login} -Dx=y`
  assert.equal(filterOf({})(as('ann', 'secret')), true)
})

test('files that cannot be used say what is wrong', (t) => {
  const { login, folder } = files(t, 'a=b')
  const config = (text: string) => {
    writeFileSync(login, text)
    return () => filterOf({ [LOGIN_CONFIG_KEY]: login })
  }
  assert.throws(
    () => filterOf({ [LOGIN_CONFIG_KEY]: join(folder, 'no.conf') }),
    /Cannot read the login configuration .*ENOENT/,
  )
  assert.throws(config(''), /has no context KafkaConnect/)
  assert.throws(config('KafkaConnect { a.B required; };'), /only org.*PropertyFileLoginModule is there; it names a.B/)
  assert.throws(config(`KafkaConnect { ${MODULE} required; };`), /Property Credentials file must be specified/)
  assert.throws(
    config(`KafkaConnect { ${MODULE} required file="${folder}/no"; };`),
    /Cannot read the file of users .*no /,
  )
  assert.throws(config(`KafkaConnect { ${MODULE} needed file="x"; };`), /one of required, requisite, .* was expected/)
  assert.throws(
    config(`KafkaConnect { ${MODULE} required file="x" }`),
    /'=' was expected|an option or ';' was expected/,
  )
  assert.throws(config('KafkaConnect {'), /the class of a login module was expected where the file ends/)
  const parsed = parseJaas('/* c */ A { x.Y required a="b\\"c" d=e; z.Z optional; }; B { };', 'f')
  assert.deepEqual(parsed.get('A')?.[0], { className: 'x.Y', flag: 'required', options: { a: 'b"c', d: 'e' } })
  assert.deepEqual(parsed.get('B'), [])
})

test('a worker asks for a user, and says so as HTTP does', async (t) => {
  const { login } = files(t, 'ann=secret\n')
  const { url } = await startTestWorker(t, { 'rest.extension.classes': EXTENSION, [LOGIN_CONFIG_KEY]: login })
  const refused = await fetch(`${url}/connectors`)
  assert.deepEqual([refused.status, await refused.text()], [401, 'User cannot access the resource.'])
  assert.match(refused.headers.get('www-authenticate') ?? '', /^Basic realm=/)
  const allowed = await fetch(`${url}/connectors`, { headers: { authorization: as('ann', 'secret') } })
  assert.equal(allowed.status, 200)
})

test('in a group, what one worker forwards is asked as the same user; workers need none among themselves', async (t) => {
  const { login, folder } = files(t, 'ann=secret\n')
  const broker = await startBroker({ dataDir: join(folder, 'broker'), port: 0, host: '127.0.0.1' })
  atEnd(t, () => broker.close())
  const cluster = new TestCluster(t, broker.bootstrap, {
    'rest.extension.classes': EXTENSION,
    [LOGIN_CONFIG_KEY]: login,
  })
  const workers = [await cluster.start(), await cluster.start()]
  const ask = (url: string, path: string, init: RequestInit = {}, authorization = as('ann', 'secret')) =>
    fetch(url + path, { ...init, headers: { authorization, 'content-type': 'application/json' } })
  const config = JSON.stringify({ 'connector.class': 'ToldSource', 'tasks.max': '2', plans: '2' })
  for (const [at, { url }] of [...workers, ...workers].entries()) {
    const path = `/connectors/c${at}/config`
    assert.equal((await ask(url, path, { method: 'PUT', body: config }, as('ann', 'wrong'))).status, 401)
    assert.equal((await ask(url, path, { method: 'PUT', body: config })).status, 201)
  }
  const ids = new Set<string>()
  for (const at of [0, 1, 2, 3]) {
    const found = await until(`c${at} runs its tasks`, async () => {
      const { connector, tasks } = (await (
        await ask(workers[0]?.url ?? '', `/connectors/c${at}/status`)
      ).json()) as ConnectorStateInfo
      return tasks?.length === 2 && tasks.every(({ state }) => state === 'RUNNING') && connector.worker_id
    })
    ids.add(String(found))
  }
  assert.equal(ids.size, 2, 'both workers run connectors: the one that does not lead sent its task configurations')
})
