// The connectors of the reference's system tests that do nothing, and fail after a delay when asked to.
import {
  atLeast,
  type ConfigDef,
  ConnectException,
  type ConnectorContext,
  type ConnectorProps,
  defineConfig,
  SinkConnector,
  SinkTask,
  SourceConnector,
  type SourceRecord,
  SourceTask,
  type TaskClass,
} from '@millrace/api'

const VERSION = '0.1.0'
/** How often a sink that is to fail is called, at least. */
const LOOK_MS = 250
const REST_MS = 100

const CONFIG = defineConfig({
  mock_mode: {
    type: 'string',
    default: '',
    importance: 'high',
    doc: 'connector-failure or task-failure; anything else does nothing.',
  },
  delay_ms: {
    type: 'long',
    default: 15_000,
    validator: atLeast(0),
    importance: 'low',
    doc: 'How long after the start it fails, in milliseconds.',
  },
})

/** Raises an error through the context after the delay. */
class DelayedFailure {
  #timer: NodeJS.Timeout | undefined

  start(props: ConnectorProps, context: ConnectorContext): void {
    const config = CONFIG.parse(props)
    if (config.mock_mode !== 'connector-failure') return
    this.#timer = setTimeout(
      () => context.raiseError(new ConnectException('The mock connector fails, as it is told to')),
      config.delay_ms,
    )
  }
  stop(): void {
    clearTimeout(this.#timer)
  }
}

/** When a task has to fail, by its own clock. */
class Deadline {
  readonly #at: number
  constructor(props: ConnectorProps) {
    const config = CONFIG.parse(props)
    this.#at = config.mock_mode === 'task-failure' ? performance.now() + config.delay_ms : Number.POSITIVE_INFINITY
  }
  get isSet(): boolean {
    return this.#at !== Number.POSITIVE_INFINITY
  }
  check(): void {
    if (performance.now() > this.#at) throw new ConnectException('The mock task fails, as it is told to')
  }
}

export class MockSourceConnector extends SourceConnector {
  readonly config: ConfigDef = CONFIG
  readonly version = VERSION
  readonly #failure = new DelayedFailure()
  #props: ConnectorProps = {}

  start(props: ConnectorProps): void {
    this.#props = props
    this.#failure.start(props, this.context)
  }
  taskClass(): TaskClass<SourceTask> {
    return MockSourceTask
  }
  taskConfigs(): ConnectorProps[] {
    return [this.#props]
  }
  stop(): void {
    this.#failure.stop()
  }
}

export class MockSourceTask extends SourceTask {
  static readonly className = 'org.apache.kafka.connect.tools.MockSourceTask'
  readonly version = VERSION
  #deadline!: Deadline

  start(props: ConnectorProps): void {
    this.#deadline = new Deadline(props)
  }
  async poll(): Promise<SourceRecord[]> {
    this.#deadline.check()
    await new Promise((resolve) => setTimeout(resolve, REST_MS))
    return []
  }
  stop(): void {}
}

export class MockSinkConnector extends SinkConnector {
  readonly config: ConfigDef = CONFIG
  readonly version = VERSION
  readonly #failure = new DelayedFailure()
  #props: ConnectorProps = {}

  start(props: ConnectorProps): void {
    this.#props = props
    this.#failure.start(props, this.context)
  }
  taskClass(): TaskClass<SinkTask> {
    return MockSinkTask
  }
  taskConfigs(): ConnectorProps[] {
    return [this.#props]
  }
  stop(): void {
    this.#failure.stop()
  }
}

export class MockSinkTask extends SinkTask {
  static readonly className = 'org.apache.kafka.connect.tools.MockSinkTask'
  readonly version = VERSION
  #deadline!: Deadline

  start(props: ConnectorProps): void {
    this.#deadline = new Deadline(props)
    this.#askAgain()
  }
  put(): void {
    this.#deadline.check()
    this.#askAgain()
  }
  stop(): void {}

  /** A sink without records is called at commits only: it asks to be called in time. */
  #askAgain(): void {
    if (this.#deadline.isSet) this.context.timeout(LOOK_MS)
  }
}
