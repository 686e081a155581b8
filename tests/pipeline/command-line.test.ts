// What the command says and how it ends, above all when its input is bad: one clear message, the exit code of its kind.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { startBroker } from '@millrace/broker'
import { Admin } from '@millrace/kafka'
import { freePorts, startEmbeddedBroker, type TemporaryFolder, temporaryFolder, whyNoPostgres } from '@millrace/testkit'
import { millrace, type Outcome, propertiesFile, workerProps } from './harness.ts'

const NOWHERE = '127.0.0.1:1'

describe('the command', () => {
  let folder: TemporaryFolder
  before(async () => {
    folder = await temporaryFolder('millrace-command-')
  })
  after(() => folder[Symbol.asyncDispose]())

  /** One message on standard error, nothing that looks like a stack, and this exit code. */
  const fails = ({ code, err, out }: Outcome, wanted: number, message: RegExp) => {
    assert.match(err, message)
    assert.equal(err.match(/^millrace: /gm)?.length, 1, err)
    assert.doesNotMatch(err + out, /^\s+at .+:\d+/m)
    assert.equal(code, wanted, err)
  }
  const standalone = async (name: string, change: (props: Record<string, string>) => void, ...files: string[]) => {
    const [port] = (await freePorts(1)) as [number]
    const props = workerProps(folder, NOWHERE, port)
    change(props)
    return millrace(['standalone', await propertiesFile(folder, name, props), ...files])
  }

  it('tells its version and what it can do', () => {
    const version = millrace(['--version'])
    assert.match(version.out, /^\d+\.\d+\.\d+\n$/)
    assert.equal(version.code, 0)
    const help = millrace(['--help'])
    assert.equal(help.code, 0)
    for (const command of ['standalone', 'distributed', 'dev', 'plugins', 'validate', 'quickstart']) {
      assert.match(help.out, new RegExp(`^ {2}${command}\\b`, 'm'))
    }
    // Examples are to be copied: no line of theirs may be broken.
    assert.match(
      help.out,
      /^ {2}curl -X POST localhost:8083\/connectors -H 'content-type: application\/json' -d .*\\?$/m,
    )
    assert.match(millrace(['standalone', '--help']).out, /Exit codes: 0 /)
  })

  it('names the command that was meant, exit code 1', () => {
    const { code, err } = millrace(['standalon'])
    assert.equal(code, 1)
    assert.match(err, /unknown command 'standalon'[\s\S]*Did you mean standalone\?/)
    assert.equal(millrace(['standalone']).code, 1)
  })

  it('distributed: without its group, or with a topic that would lose configurations, it ends and says so', async () => {
    // In a process of its own: this one waits for the command without looking up.
    await using broker = await startEmbeddedBroker()
    await using admin = Admin.create({ 'bootstrap.servers': broker.bootstrap })
    await admin.createTopics([{ name: 'configs', numPartitions: 1, configs: { 'cleanup.policy': 'delete' } }])
    const [port] = (await freePorts(1)) as [number]
    const { 'offset.storage.file.filename': _, ...props } = workerProps(folder, broker.bootstrap, port)
    const topics = {
      'config.storage.topic': 'configs',
      'offset.storage.topic': 'offsets',
      'offset.storage.replication.factor': '1',
      'status.storage.topic': 'states',
      'status.storage.replication.factor': '1',
    }
    const start = async (more: Record<string, string>) =>
      millrace([
        'distributed',
        await propertiesFile(folder, 'distributed.properties', { ...props, ...topics, ...more }),
      ])
    fails(await start({}), 2, /distributed\.properties: Missing required configuration "group\.id"/)
    fails(await start({ 'group.id': 'g' }), 2, /'configs'.*config\.storage\.topic.*but found.*cleanup\.policy=delete/)
  })

  it('a file that is not there', () => {
    const path = folder.file('none.properties')
    fails(
      millrace(['standalone', path]),
      2,
      new RegExp(`^millrace: Cannot read the worker configuration ${path}: there is no such file\\.\n$`),
    )
  })

  it('a folder in place of a file', async () => {
    await mkdir(folder.file('folder'))
    fails(millrace(['standalone', folder.file('folder')]), 2, /^millrace: .*folder: it is a folder, not a file\.\n$/)
  })

  // Root may read everything.
  if (process.getuid?.() !== 0) {
    it('a file that may not be read', async () => {
      const path = await propertiesFile(folder, 'closed.properties', { a: 'b' })
      await chmod(path, 0)
      fails(millrace(['standalone', path]), 2, /permission denied/)
    })
  }

  it('properties with bad syntax: file and line', async () => {
    const path = folder.file('bad.properties')
    await writeFile(path, 'a=b\nc=\\u12zz\n')
    fails(millrace(['standalone', path]), 2, new RegExp(`${path}.*\\\\u12`))
  })

  it('JSON with bad syntax: file and place', async () => {
    const path = folder.file('bad.json')
    await writeFile(path, '{\n"a": 1,\n}')
    fails(millrace(['standalone', path]), 2, new RegExp(`${path} is not valid JSON: .*line 3`))
  })

  it('missing required keys: all of them, and the file', async () => {
    const path = await propertiesFile(folder, 'few.properties', { 'bootstrap.servers': NOWHERE })
    const outcome = millrace(['standalone', path])
    fails(outcome, 2, /"key\.converter" which has no default value/)
    assert.match(outcome.err, /"value\.converter"/)
    assert.match(outcome.err, new RegExp(path))
  })

  it('a value of the wrong type', async () => {
    const outcome = await standalone('type.properties', (props) => {
      props['offset.flush.interval.ms'] = 'soon'
    })
    fails(outcome, 2, /Invalid value soon for configuration offset\.flush\.interval\.ms: Not a number of type LONG/)
  })

  it('a converter that is not there: the near one', async () => {
    const outcome = await standalone('converter.properties', (props) => {
      props['value.converter'] = 'org.apache.kafka.connect.json.JsonConvertor'
    })
    fails(outcome, 2, /JsonConvertor for configuration value\.converter.*Did you mean .*JsonConverter/)
  })

  it('an unknown connector class: the near ones', async () => {
    const connector = await propertiesFile(folder, 'typo.properties', {
      name: 'x',
      'connector.class': 'FileStreamSurce',
    })
    const outcome = await standalone('worker.properties', () => {}, connector)
    fails(outcome, 2, /FileStreamSurce[\s\S]*Did you mean org\.apache\.kafka\.connect\.file\.FileStreamSourceConnector/)
  })

  it('a connector without a name, or without a required key', async () => {
    const nameless = await propertiesFile(folder, 'nameless.properties', { 'connector.class': 'FileStreamSource' })
    fails(await standalone('worker.properties', () => {}, nameless), 2, /nameless\.properties has no 'name'/)
    const topicless = await propertiesFile(folder, 'topicless.properties', {
      name: 'x',
      'connector.class': 'FileStreamSource',
    })
    fails(await standalone('worker.properties', () => {}, topicless), 2, /Missing required configuration "topic"/)
  })

  it('a port in use', async () => {
    const taken = createServer()
    const port = await new Promise<number>((resolve) =>
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port)),
    )
    try {
      const worker = await propertiesFile(folder, 'port.properties', workerProps(folder, NOWHERE, port))
      fails(
        millrace(['standalone', worker]),
        2,
        new RegExp(`Cannot listen on http://127\\.0\\.0\\.1:${port}: the port is in use`),
      )
      const dev = millrace(['dev', '-d', folder.file('dev'), '-b', String(port), '-r', '0'])
      fails(dev, 2, new RegExp(`${port}.*(in use|taken)`, 'i'))
    } finally {
      taken.close()
    }
  })

  it('a data folder that cannot be made, or is in use', async () => {
    const path = folder.file('a-file')
    await writeFile(path, '')
    const args = (data: string) => ['dev', '-d', data, '-b', '0', '-r', '0', '--exit-after', '0.1']
    fails(millrace(args(path)), 2, new RegExp(`^millrace: The data folder ${path} cannot be made: .*\n.*--data`))
    await using broker = await startBroker({ dataDir: folder.file('used/broker'), port: 0, host: '127.0.0.1' })
    assert.ok(broker.port > 0)
    fails(millrace(args(folder.file('used'))), 2, /is in use by the broker of process \d+/)
  })

  it('an offset file that is none is left as it is', async () => {
    const garbage = folder.file('garbage')
    await writeFile(garbage, 'not offsets')
    const outcome = await standalone('garbage.properties', (props) => {
      props['offset.storage.file.filename'] = garbage
    })
    fails(outcome, 2, new RegExp(`The offset file ${garbage} is not one of`))
    assert.equal(readFileSync(garbage, 'utf8'), 'not offsets')
  })

  it('shows where an error comes from only when asked', () => {
    const { err } = millrace(['standalone', folder.file('none.properties')], { env: { MILLRACE_TRACE: '1' } })
    assert.match(err, /^\s+at .+:\d+/m)
  })

  it('options that are no numbers are refused before anything starts', () => {
    const data = folder.file('unused')
    fails(millrace(['dev', '-d', data, '--exit-after', 'soon']), 2, /Invalid value soon for --exit-after/)
    fails(millrace(['dev', '-d', data, '-b', '70000']), 2, /Invalid value 70000 for --broker-port/)
    const once = millrace(['quickstart', '--once', '-n', 'many'])
    fails(once, 2, /Invalid value many for --records/)
    assert.equal(once.out, '')
  })

  it('validate: every problem of every file, exit code 4', async () => {
    const good = await propertiesFile(folder, 'good.properties', {
      name: 'a',
      'connector.class': 'FileStreamSource',
      topic: 't',
    })
    const bad = await propertiesFile(folder, 'wrong.properties', {
      name: 'b',
      'connector.class': 'FileStreamSource',
      'tasks.max': 'x',
    })
    const fine = millrace(['validate', good])
    assert.deepEqual([fine.code, fine.out], [0, `${good}: valid\n`])
    const both = millrace(['validate', good, bad])
    assert.equal(both.code, 4)
    assert.match(both.out, /: valid\n[\s\S]*: 2 errors\n[\s\S]*tasks\.max: Invalid value x/)
    assert.match(both.out, /topic: Missing required configuration "topic"/)
    const json = JSON.parse(millrace(['validate', '--json', bad]).out) as { error_count: number }
    assert.equal(json.error_count, 2)
    const typo = await propertiesFile(folder, 'typo.properties', { name: 'x', 'connector.class': 'FileStreamSurce' })
    const unknown = millrace(['validate', typo, good])
    assert.match(unknown.out + unknown.err, /Did you mean/)
    assert.equal(unknown.code, 4)
    assert.match(unknown.out, /good\.properties: valid/)
  })

  it('plugins: what comes along, and what a worker adds', async () => {
    const { code, out } = millrace(['plugins'])
    assert.equal(code, 0)
    assert.match(out, /^source +org\.apache\.kafka\.connect\.file\.FileStreamSourceConnector/m)
    const plugin = new URL('./shouting-plugin.ts', import.meta.url).pathname
    const worker = await propertiesFile(folder, 'path.properties', { 'plugin.path': plugin })
    const all = JSON.parse(millrace(['plugins', '--json', '-w', worker]).out) as { kind: string; className: string }[]
    assert.ok(all.some((one) => one.kind === 'predicate' && one.className === 'test.ValueMatches'))
  })

  it('dev runs, says where, and stops by itself', async () => {
    const { code, out, err } = millrace(['dev', '-d', folder.file('data'), '-b', '0', '-r', '0', '--exit-after', '0.2'])
    assert.deepEqual([code, err], [0, ''])
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { message: string; rest?: string })
    assert.ok(
      lines.some((line) => /^http:\/\/127\.0\.0\.1:\d+$/.test(line.rest ?? '')),
      out,
    )
  })

  it('quickstart --once has every change of a database arrive in another', { skip: whyNoPostgres(18) ?? false }, () => {
    const { code, out, err } = millrace(['quickstart', '--once', '-n', '2000'])
    assert.deepEqual([code, err], [0, ''])
    assert.match(out, /Inserted [\d,]+, updated [\d,]+, deleted \d+; in the other database [\d,]+ rows, 0 differences/)
  })

  it('quickstart --once --files moves and checks every record', () => {
    const { code, out, err } = millrace(['quickstart', '--once', '--files', '-n', '5000'])
    assert.deepEqual([code, err], [0, ''])
    assert.match(out, /Generated 5,000, arrived 5,000: 0 missing, 0 duplicates, 0 out of order/)
  })
})
