// Misbehaving plugins misbehave as they are told, and keep their contracts otherwise.
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { ConnectException, RetriableException, Schemas, SinkRecord } from '@millrace/api'
import { sinkTaskContext, sourceConnectorContext, sourceTaskContext } from '../contexts.ts'
import { converterContract } from '../contract/converter.ts'
import { sourceContract } from '../contract/source.ts'
import { temporaryFolder } from '../folder.ts'
import { until } from '../until.ts'
import { type CallEvent, Faults } from './faults.ts'
import { FaultySinkTask } from './faulty-sink.ts'
import { FaultySourceConnector } from './faulty-source.ts'
import { FaultyConverter, FaultyTransformation } from './faulty-steps.ts'
import { plugins } from './index.ts'
import { MockSinkTask, MockSourceConnector, MockSourceTask } from './mock.ts'

sourceContract('FaultySource', {
  connector: FaultySourceConnector,
  props: () => ({ name: 'f', topic: 't', 'poll.ms': '1' }),
})
converterContract('FaultyConverter', {
  converter: FaultyConverter,
  configs: { 'fault.matching': 'bad' },
  samples: [{ schema: Schemas.OPTIONAL_STRING, value: 'good' }],
  unwritable: [{ schema: Schemas.STRING, value: 'a bad one' }],
  unreadable: [Buffer.from('a bad one')],
  nullBack: { schema: Schemas.OPTIONAL_STRING, value: null },
})

describe('faults', () => {
  it('come after so many calls, so many times', () => {
    const faults = new Faults({ 'fault.at': 'task.put', 'fault.kind': 'throw', 'fault.after': '2', 'fault.times': '1' })
    faults.at('task.poll')
    faults.at('task.put')
    faults.at('task.put')
    assert.throws(() => faults.at('task.put'), /asked for at task\.put/)
    faults.at('task.put')
  })

  it('are retriable when asked', () => {
    const faults = new Faults({ 'fault.at': 'task.put', 'fault.kind': 'retriable' })
    assert.throws(() => faults.at('task.put'), RetriableException)
  })

  it('block and freeze until a file is there, and journal every call', async () => {
    await using folder = await temporaryFolder()
    const events = folder.file('events')
    const props = {
      name: 'c',
      'task.id': '3',
      'fault.at': 'task.poll',
      'fault.until.file': folder.file('go'),
      'events.file': events,
    }
    let released = false
    const blocked = (
      new Faults({ ...props, 'fault.kind': 'block' }).at('task.poll', { next: 5 }) as Promise<void>
    ).then(() => {
      released = true
    })
    await until('the call is told', async () => (await readFile(events, 'utf8')).includes('task.poll'))
    assert.equal(released, false)
    await writeFile(folder.file('go'), '')
    await blocked
    new Faults({ ...props, 'fault.kind': 'freeze' }).at('task.poll')
    const [event] = (await readFile(events, 'utf8')).split('\n').map((line) => JSON.parse(line || 'null') as CallEvent)
    assert.deepEqual(
      { ...event, time_ms: 0 },
      { call: 'task.poll', connector: 'c', task: 3, time_ms: 0, detail: { next: 5 } },
    )
  })

  it('are refused at calls that there are not', () => {
    assert.throws(() => new Faults({ 'fault.at': 'task.pol' }), /fault\.at/)
  })
})

describe('the faulty sink', () => {
  it('tells what it was given', async () => {
    await using folder = await temporaryFolder()
    const task = new FaultySinkTask()
    task.initialize(sinkTaskContext().context)
    await task.start({ name: 's', 'events.file': folder.file('events') })
    await task.put([5, 6, 7].map((offset) => new SinkRecord('t', 1, null, null, null, 'x', offset)))
    const last = JSON.parse((await readFile(folder.file('events'), 'utf8')).trim().split('\n').at(-1)!) as CallEvent
    assert.deepEqual(last.detail, { count: 3, 't-1': { first: 5, last: 7 } })
  })
})

describe('the faulty transformation', () => {
  it('refuses for a while when asked, then lets pass', () => {
    const transformation = new FaultyTransformation()
    transformation.configure({ 'fault.matching': '^x$', 'fault.retriable.times': '2' })
    const record = new SinkRecord('t', 0, null, null, null, 'x', 0)
    assert.throws(() => transformation.apply(record), RetriableException)
    assert.throws(() => transformation.apply(record), RetriableException)
    assert.equal(transformation.apply(record), record)
  })
})

describe('the mocks', () => {
  it('fail after their delay', async () => {
    const { context, asked } = sourceConnectorContext()
    const connector = new MockSourceConnector()
    connector.initialize(context)
    connector.start({ mock_mode: 'connector-failure', delay_ms: '5' })
    await until('the connector raises its error', () => asked.errors.length === 1)
    connector.stop()
    const source = new MockSourceTask()
    source.initialize(sourceTaskContext().context)
    source.start({ mock_mode: 'task-failure', delay_ms: '0' })
    await assert.rejects(async () => source.poll(), ConnectException)
    const sink = new MockSinkTask()
    const sinkSide = sinkTaskContext()
    sink.initialize(sinkSide.context)
    sink.start({ mock_mode: 'task-failure', delay_ms: '0' })
    assert.ok(sinkSide.asked.timeouts[0]! <= 250)
    await until('the sink fails', () => {
      try {
        sink.put()
        return false
      } catch (error) {
        return error instanceof ConnectException
      }
    })
  })

  it('do nothing otherwise', async () => {
    const source = new MockSourceTask()
    source.start({})
    assert.deepEqual(await source.poll(), [])
  })
})

describe('the plugins', () => {
  it('load under their class names', async () => {
    for (const plugin of plugins) assert.equal((await plugin.load()).name, plugin.className.split('.').at(-1))
  })
})
