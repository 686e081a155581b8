// Plugins that tell all they know at every turn: in errors, in logs, again and again.
import {
  type ConfigDef,
  ConnectException,
  type ConnectorProps,
  type ConnectRecord,
  DataException,
  defineConfig,
  definePlugins,
  type RawConfig,
  RetriableException,
  Schemas,
  SinkConnector,
  SinkTask,
  SourceConnector,
  SourceRecord,
  SourceTask,
  type Transformation,
} from '@millrace/api'

const CONFIG = defineConfig({
  topic: { type: 'string', default: 'gossip', importance: 'low', doc: 'Topic.' },
  password: { type: 'password', default: null, importance: 'high', doc: 'What it tells.' },
  note: { type: 'string', default: '', importance: 'low', doc: 'What it tells too: no password by its type.' },
  tells: { type: 'string', default: 'nowhere', importance: 'low', doc: 'start, plan, task-start, poll, put or retry.' },
})

const told = (props: Readonly<Record<string, string | null>>) => `it knows ${props.password} and ${props.note}`

class GossipSource extends SourceConnector {
  readonly config = CONFIG
  readonly version = '1'
  #props: ConnectorProps = {}

  start(props: ConnectorProps): void {
    this.#props = props
    this.context.log.warn(told(props), { password: props.password })
    if (props.tells === 'start') throw new ConnectException(told(props))
  }
  stop(): void {}
  taskConfigs(): ConnectorProps[] {
    if (this.#props.tells === 'plan') throw new ConnectException(told(this.#props))
    return [this.#props]
  }
  taskClass() {
    return GossipSourceTask
  }
}

class GossipSourceTask extends SourceTask {
  static readonly className = 'test.GossipSourceTask'
  readonly version = '1'
  #props: ConnectorProps = {}
  #sent = 0

  start(props: ConnectorProps): void {
    this.#props = props
    this.context.log.warn(told(props), { error: new Error(told(props)) })
    if (props.tells === 'task-start') throw new ConnectException(told(props))
  }
  async poll(): Promise<SourceRecord[] | null> {
    const { tells, topic } = this.#props
    if (tells === 'poll') throw new ConnectException(told(this.#props))
    if (tells === 'retry') throw new RetriableException(told(this.#props))
    if (this.#sent > 0) await new Promise((resolve) => setTimeout(resolve, 100))
    return [
      new SourceRecord({
        sourcePartition: { it: 'gossip' },
        sourceOffset: { at: ++this.#sent },
        topic: topic ?? 'gossip',
        valueSchema: Schemas.STRING,
        value: 'a record',
      }),
    ]
  }
  stop(): void {}
}

class GossipSink extends SinkConnector {
  readonly config = CONFIG
  readonly version = '1'
  #props: ConnectorProps = {}

  start(props: ConnectorProps): void {
    this.#props = props
  }
  stop(): void {}
  taskConfigs(): ConnectorProps[] {
    return [this.#props]
  }
  taskClass() {
    return GossipSinkTask
  }
}

class GossipSinkTask extends SinkTask {
  static readonly className = 'test.GossipSinkTask'
  readonly version = '1'
  #props: ConnectorProps = {}

  start(props: ConnectorProps): void {
    this.#props = props
  }
  put(): void {
    if (this.#props.tells === 'retry') throw new RetriableException(told(this.#props))
    if (this.#props.tells === 'put') throw new ConnectException(told(this.#props))
  }
  stop(): void {}
}

/** Refuses every record, and says what it knows. */
class GossipTransformation implements Transformation {
  readonly config: ConfigDef = CONFIG
  #props: RawConfig = {}

  configure(props: RawConfig): void {
    this.#props = props
  }
  apply(_record: ConnectRecord): ConnectRecord {
    throw new DataException(told(this.#props), { cause: new Error(told(this.#props)) })
  }
}

export const plugins = definePlugins([
  { kind: 'source', className: 'test.GossipSourceConnector', version: '1', load: async () => GossipSource },
  { kind: 'sink', className: 'test.GossipSinkConnector', version: '1', load: async () => GossipSink },
  { kind: 'transformation', className: 'test.Gossip', version: '1', load: async () => GossipTransformation },
])
