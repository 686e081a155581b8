// Records on their way through a worker: bad ones, headers, tombstones, transformations, offsets, topics; on every broker.
import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { after, before, it } from 'node:test'
import { onEveryBroker } from '@millrace/testkit'
import { WorkerUnderTest } from './harness.ts'

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'
const BYTES = 'org.apache.kafka.connect.converters.ByteArrayConverter'
const PLUGIN = new URL('./shouting-plugin.ts', import.meta.url).pathname
const jsonSink = {
  'connector.class': 'FileStreamSink',
  'value.converter': JSON_CONVERTER,
  'value.converter.schemas.enable': 'false',
}

interface Offsets {
  readonly offsets: readonly { readonly partition: Record<string, unknown>; readonly offset: Record<string, unknown> }[]
}

onEveryBroker('a pipeline', {}, (broker) => {
  let worker: WorkerUnderTest
  before(async () => {
    worker = await WorkerUnderTest.start(broker().bootstrap, { 'plugin.path': PLUGIN })
  })
  after(() => worker?.[Symbol.asyncDispose]())

  const names = (name: string) => ({
    name: worker.unique(name),
    topic: worker.unique(`${name}-topic`),
    file: worker.folder.file(`${name}.txt`),
  })
  const sinkOffset = async (name: string) => {
    const { offsets } = (await worker.call('GET', `/connectors/${name}/offsets`)).body as Offsets
    return offsets[0]?.offset.kafka_offset
  }

  it('invalid JSON with tolerance none: the task fails, says where, and its offset stays', async () => {
    const { name, topic, file } = names('strict')
    await worker.makeTopic(topic)
    await worker.send({ topic, value: '{"a":1}' }, { topic, value: '{"a":2}' })
    await worker.create(name, { ...jsonSink, topics: topic, file })
    await worker.fileIs(file, '{a=1}\n{a=2}\n')
    await worker.wait('both are committed', async () => (await sinkOffset(name)) === 2)
    await worker.send({ topic, value: '{"a":3' }, { topic, value: '{"a":4}' })
    const { tasks, connector } = await worker.tasksIn(name, 'FAILED')
    assert.equal(connector.state, 'RUNNING')
    assert.match(tasks[0]?.trace ?? '', new RegExp(`${topic}-0.*(offset|@) ?2|${topic}.*partition 0.*offset 2`))
    assert.equal(await sinkOffset(name), 2)
    assert.equal(readFileSync(file, 'utf8'), '{a=1}\n{a=2}\n')
    // Nothing is lost: told to skip it, the sink goes on at that very record.
    const config = { ...jsonSink, name, topics: topic, file, 'errors.tolerance': 'all' }
    assert.equal((await worker.call('PUT', `/connectors/${name}/config`, config)).status, 200)
    await worker.fileIs(file, '{a=1}\n{a=2}\n{a=4}\n')
  })

  it('invalid JSON with tolerance all: skipped, counted, logged, and in the dead letter queue', async () => {
    const { name, topic, file } = names('lenient')
    const queue = worker.unique('dead-letters')
    await worker.makeTopic(topic)
    await worker.create(name, {
      ...jsonSink,
      topics: topic,
      file,
      'errors.tolerance': 'all',
      'errors.log.enable': 'true',
      'errors.deadletterqueue.topic.name': queue,
      'errors.deadletterqueue.topic.replication.factor': '1',
      'errors.deadletterqueue.context.headers.enable': 'true',
    })
    await worker.send({ topic, value: '{"a":1}' })
    await worker.send({ topic, key: 'k', value: 'not json', headers: [{ key: 'own', value: 'kept' }] })
    await worker.send({ topic, value: '{"a":2}' })
    await worker.fileIs(file, '{a=1}\n{a=2}\n')
    const [dead] = await worker.landed(queue, 1)
    assert.deepEqual([dead?.key, dead?.value, dead?.headers.own], ['k', 'not json', 'kept'])
    const prefix = '__connect.errors.'
    const told = Object.entries(dead!.headers).filter(([key]) => key.startsWith(prefix))
    assert.deepEqual(
      told.map(([key]) => key.slice(prefix.length)),
      [
        'topic',
        'partition',
        'offset',
        'connector.name',
        'task.id',
        'stage',
        'class.name',
        'exception.class.name',
        'exception.message',
        'exception.stacktrace',
      ],
    )
    const value = (key: string) => dead!.headers[prefix + key]
    assert.deepEqual(
      ['topic', 'partition', 'offset', 'connector.name', 'task.id', 'stage', 'class.name', 'exception.class.name'].map(
        value,
      ),
      [topic, '0', '1', name, '0', 'VALUE_CONVERTER', JSON_CONVERTER, 'org.apache.kafka.connect.errors.DataException'],
    )
    await worker.wait('the error is logged', () =>
      worker.logged().some((line) => line.level === 'ERROR' && JSON.stringify(line).includes(name)),
    )
    await worker.wait('the offset passes the skipped record', async () => (await sinkOffset(name)) === 3)
    const metrics = String((await worker.call('GET', '/metrics')).body)
    const counted = (metric: string) =>
      Number(
        new RegExp(`^kafka_connect_task_error_metrics_${metric}\\{connector="${name}",task="0"\\} (\\d+)$`, 'm').exec(
          metrics,
        )?.[1],
      )
    assert.deepEqual(
      ['total_records_skipped', 'total_errors_logged', 'deadletterqueue_produce_requests'].map(counted),
      [1, 1, 1],
      metrics
        .split('\n')
        .filter((line) => line.includes(name) && line.includes('error'))
        .join('\n'),
    )
  })

  it('a converter that is missing is refused, naming the near one', async () => {
    const { name, topic } = names('converter')
    const config = {
      'connector.class': 'FileStreamSink',
      topics: topic,
      'value.converter': 'org.apache.kafka.connect.json.JsonConvertor',
    }
    const { status, body } = await worker.call('POST', '/connectors', { name, config })
    assert.equal(status, 400)
    assert.match((body as { message: string }).message, /JsonConvertor[\s\S]*Did you mean .*JsonConverter/)
    assert.equal((await worker.call('GET', `/connectors/${name}`)).status, 404)
  })

  it('a file that cannot be written fails the task with its name; mended, nothing is lost', async () => {
    const { name, topic, file } = names('unwritable')
    mkdirSync(file)
    await worker.makeTopic(topic)
    await worker.send({ topic, value: 'kept' })
    await worker.create(name, { 'connector.class': 'FileStreamSink', topics: topic, file })
    const { tasks } = await worker.tasksIn(name, 'FAILED')
    assert.match(tasks[0]?.trace ?? '', new RegExp(`${file}`))
    const config = { name, 'connector.class': 'FileStreamSink', topics: topic, file: `${file}/inside` }
    await worker.call('PUT', `/connectors/${name}/config`, config)
    await worker.fileIs(`${file}/inside`, 'kept\n')
  })

  it('a task that restarts by itself goes on when what it missed is there', async () => {
    const { name, topic, file } = names('patient')
    mkdirSync(file)
    await worker.makeTopic(topic)
    await worker.send({ topic, value: 'kept' })
    const restarts = { 'errors.auto.restart.max.retries': '-1', 'errors.auto.restart.backoff.ms': '50' }
    await worker.create(name, { 'connector.class': 'FileStreamSink', topics: topic, file, ...restarts })
    await worker.wait(
      'it was restarted',
      async () => ((await worker.status(name)).tasks[0]?.auto_restart?.attempts ?? 0) > 1,
    )
    rmSync(file, { recursive: true })
    await worker.fileIs(file, 'kept\n')
    const metrics = String((await worker.call('GET', '/metrics')).body)
    assert.match(metrics, /auto_restarts_total\S* [1-9]/)
    const off = await worker.call('PUT', `/connectors/${name}/config`, { 'errors.auto.restart.max.retries': '-2' })
    assert.equal(off.status, 400)
  })

  it('transformations with predicates of a plugin in one .ts file, in their order', async () => {
    const { name, topic, file } = names('chain')
    writeFileSync(file, 'one\nsecret two\nthree\n')
    await worker.create(name, {
      'connector.class': 'FileStreamSource',
      file,
      topic,
      transforms: 'drop,first,second',
      'transforms.drop.type': 'test.Drop',
      'transforms.drop.predicate': 'isSecret',
      'transforms.first.type': 'test.Shout',
      'transforms.second.type': 'test.Shout',
      'transforms.second.suffix': '?',
      'transforms.second.predicate': 'isThree',
      'transforms.second.negate': 'true',
      predicates: 'isSecret,isThree',
      'predicates.isSecret.type': 'test.ValueMatches',
      'predicates.isSecret.pattern': '^secret',
      'predicates.isThree.type': 'test.ValueMatches',
      'predicates.isThree.pattern': '^THREE',
    })
    assert.deepEqual(
      (await worker.landed(topic, 2)).map((one) => one.value),
      ['ONE!?', 'THREE!'],
    )
    await worker.wait('the dropped line is passed too', async () => {
      const { offsets } = (await worker.call('GET', `/connectors/${name}/offsets`)).body as Offsets
      return offsets[0]?.offset.position === 21
    })
  })

  it('pause, resume, stop, restart and delete while records flow: none lost, none twice', async () => {
    const { name, topic, file } = names('steered')
    const out = worker.folder.file('steered-out.txt')
    const sink = worker.unique('steered-sink')
    let written = ''
    const append = (text: string) => {
      appendFileSync(file, `${text}\n`)
      written += `${text}\n`
    }
    append('first')
    await worker.create(name, { 'connector.class': 'FileStreamSource', file, topic })
    await worker.create(sink, { 'connector.class': 'FileStreamSink', topics: topic, file: out })
    await worker.fileIs(out, written)

    assert.equal((await worker.call('PUT', `/connectors/${sink}/pause`)).status, 202)
    await worker.tasksIn(sink, 'PAUSED')
    append('while paused')
    await worker.landed(topic, 2)
    assert.equal(readFileSync(out, 'utf8'), 'first\n')
    assert.equal((await worker.call('PUT', `/connectors/${sink}/resume`)).status, 202)
    await worker.fileIs(out, written)

    assert.equal((await worker.call('PUT', `/connectors/${name}/stop`)).status, 204)
    await worker.wait('the source stops', async () => (await worker.status(name)).connector.state === 'STOPPED')
    append('while stopped')
    assert.equal((await worker.call('PUT', `/connectors/${name}/resume`)).status, 202)
    await worker.fileIs(out, written)

    assert.equal((await worker.call('POST', `/connectors/${name}/restart?includeTasks=true`)).status, 202)
    assert.equal((await worker.call('POST', `/connectors/${sink}/tasks/0/restart`)).status, 204)
    append('after a restart')
    await worker.fileIs(out, written)

    assert.equal((await worker.call('DELETE', `/connectors/${name}`)).status, 204)
    assert.equal((await worker.call('GET', `/connectors/${name}/status`)).status, 404)
    await worker.send({ topic, value: 'from elsewhere' })
    await worker.fileIs(out, `${written}from elsewhere\n`)
  })

  it('offsets are shown, changed and reset, when the connector is stopped', async () => {
    const { name, topic, file } = names('offsets')
    writeFileSync(file, 'one\ntwo\n')
    await worker.create(name, { 'connector.class': 'FileStreamSource', file, topic })
    await worker.landed(topic, 2)
    const path = `/connectors/${name}/offsets`
    const here = { filename: file }
    await worker.wait('the offset is there', async () => {
      const { body } = await worker.call('GET', path)
      return (body as Offsets).offsets[0]?.offset.position === 8
    })
    const patch = { offsets: [{ partition: here, offset: { position: 4 } }] }
    assert.equal((await worker.call('PATCH', path, patch)).status, 400)
    await worker.call('PUT', `/connectors/${name}/stop`)
    assert.equal((await worker.call('PATCH', path, patch)).status, 200)
    assert.deepEqual((await worker.call('GET', path)).body, patch)
    await worker.call('PUT', `/connectors/${name}/resume`)
    assert.deepEqual(
      (await worker.landed(topic, 3)).map((one) => one.value),
      ['one', 'two', 'two'],
    )
    await worker.call('PUT', `/connectors/${name}/stop`)
    assert.equal((await worker.call('DELETE', path)).status, 200)
    assert.deepEqual((await worker.call('GET', path)).body, { offsets: [] })
  })

  it('offsets of a sink are the group’s, and can be moved back', async () => {
    const { name, topic, file } = names('sink-offsets')
    await worker.makeTopic(topic)
    await worker.send({ topic, value: 'a' }, { topic, value: 'b' })
    await worker.create(name, { 'connector.class': 'FileStreamSink', topics: topic, file })
    await worker.fileIs(file, 'a\nb\n')
    await worker.call('PUT', `/connectors/${name}/stop`)
    assert.equal(await sinkOffset(name), 2)
    const offsets = [{ partition: { kafka_topic: topic, kafka_partition: 0 }, offset: { kafka_offset: 1 } }]
    const patched = await worker.call('PATCH', `/connectors/${name}/offsets`, { offsets })
    assert.equal(patched.status, 200, JSON.stringify(patched.body))
    await worker.call('PUT', `/connectors/${name}/resume`)
    await worker.fileIs(file, 'a\nb\nb\n')
  })

  it('topics of sources are created by their groups', async () => {
    const { name, topic, file } = names('groups')
    writeFileSync(file, 'x\n')
    await worker.create(name, {
      'connector.class': 'FileStreamSource',
      file,
      topic,
      'topic.creation.groups': 'wide',
      'topic.creation.default.partitions': '1',
      'topic.creation.default.replication.factor': '1',
      'topic.creation.wide.include': '.*groups-topic',
      'topic.creation.wide.partitions': '4',
      'topic.creation.wide.retention.ms': '12345678',
    })
    await worker.landed(topic, 1, 4)
    await using admin = worker.admin()
    const [description] = await admin.describeTopics([topic])
    assert.equal(description?.partitions.length, 4)
    const [configs] = await admin.describeConfigs([{ type: 'topic', name: topic }], { keys: ['retention.ms'] })
    assert.match(JSON.stringify(configs), /"12345678"/)
  })

  it('consumer.override reaches the consumer', async () => {
    const { name, topic, file } = names('override')
    await worker.makeTopic(topic)
    await worker.send({ topic, value: 'before' })
    const group = worker.unique('own-group')
    await worker.create(name, {
      'connector.class': 'FileStreamSink',
      topics: topic,
      file,
      'consumer.override.auto.offset.reset': 'latest',
      'consumer.override.group.id': group,
    })
    await using admin = worker.admin()
    await worker.wait('the group has a position', async () => {
      const listed = await admin.listGroups()
      return JSON.stringify(listed).includes(group)
    })
    await worker.wait('what comes after is taken', async () => {
      await worker.send({ topic, value: 'after' })
      try {
        return readFileSync(file, 'utf8').includes('after')
      } catch {
        return false
      }
    })
    assert.doesNotMatch(readFileSync(file, 'utf8'), /before/)
  })

  it('headers pass through, tombstones stay tombstones', async () => {
    const { name, topic, file } = names('dead')
    // A sink whose every record fails sends each to the dead letter queue as it came: key, value, headers.
    const queue = worker.unique('passed-on')
    await worker.makeTopic(topic)
    await worker.send(
      { topic, key: 'k', value: null, headers: [{ key: 'h', value: 'text' }] },
      { topic, key: null, value: '', headers: [{ key: 'none', value: null }] },
    )
    await worker.create(name, {
      'connector.class': 'FileStreamSink',
      topics: topic,
      file,
      'key.converter': BYTES,
      'value.converter': BYTES,
      transforms: 'refuse',
      'transforms.refuse.type': 'test.Refuse',
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.name': queue,
      'errors.deadletterqueue.topic.replication.factor': '1',
    })
    assert.deepEqual(
      (await worker.landed(queue, 2)).map(({ key, value, headers }) => ({ key, value, headers })),
      [
        { key: 'k', value: null, headers: { h: 'text' } },
        { key: null, value: '', headers: { none: null } },
      ],
    )
    const plain = names('tombstone')
    await worker.create(plain.name, { 'connector.class': 'FileStreamSink', topics: topic, file: plain.file })
    await worker.fileIs(plain.file, 'null\n\n')
  })
})
