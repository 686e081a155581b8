// Starts distributed workers in this process on a real broker, all in one group, and ends them after the test.
import type { TestContext } from 'node:test'
import { type DistributedWorker, startDistributed } from '../distributed.ts'
import { atEnd } from './test-worker.ts'

let groups = 0

/** A worker with what tests ask it. */
export interface ClusterWorker {
  readonly worker: DistributedWorker
  readonly url: string
  call(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: unknown }>
}

/** Workers of one group on one broker. */
export class TestCluster {
  readonly #t: TestContext
  readonly #props: Readonly<Record<string, string>>
  readonly workers: ClusterWorker[] = []
  /** `group.id`; internal topics are named `<group>-offset` and so on. */
  readonly group: string
  /** Lines that the control planes logged. */
  readonly logged: string[] = []

  constructor(t: TestContext, bootstrap: string, props: Readonly<Record<string, string>> = {}) {
    this.#t = t
    const name = `cluster-${process.pid}-${Date.now()}-${groups++}`
    this.group = name
    this.#props = {
      'bootstrap.servers': bootstrap,
      'group.id': name,
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'offset.flush.interval.ms': '200',
      'scheduled.rebalance.max.delay.ms': '0',
      'session.timeout.ms': '6000',
      'worker.threads': '1',
      listeners: 'http://127.0.0.1:0',
      ...Object.fromEntries(
        ['config', 'offset', 'status'].flatMap((kind) => [
          [`${kind}.storage.topic`, `${name}-${kind}`],
          [`${kind}.storage.replication.factor`, '1'],
        ]),
      ),
      'offset.storage.partitions': '2',
      'status.storage.partitions': '2',
      ...props,
    }
  }

  /** Starts one more worker and waits until it is a member. */
  async start(props: Readonly<Record<string, string>> = {}): Promise<ClusterWorker> {
    const worker = await startDistributed({
      workerProps: { ...this.#props, ...props },
      pluginModules: [
        '@millrace/converters',
        '@millrace/connector-file',
        '@millrace/testkit/plugins',
        new URL('./control-plugins.ts', import.meta.url).href,
        new URL('./transaction-plugins.ts', import.meta.url).href,
      ],
      logging: {
        format: 'json',
        target: { write: (text) => void this.logged.push(text) },
        levels: { 'org.apache.kafka.connect.runtime.WorkerSourceTask': 'OFF' },
      },
    })
    atEnd(this.#t, () => worker.stop())
    await worker.joined
    const one = { worker, url: worker.restUrl, call: caller(worker.restUrl) }
    this.workers.push(one)
    return one
  }
}

function caller(url: string): ClusterWorker['call'] {
  return async (method, path, body) => {
    const response = await fetch(url + path, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text) }
  }
}
