// Connectors that do what a test tells them by their configuration: refuse to start, plan badly, ask for new plans.
import {
  type ConfigProvider,
  ConnectException,
  type ConnectorProps,
  type ConnectRestExtension,
  defineConfig,
  definePlugins,
  type RestExtensionContext,
  SourceConnector,
  type SourceRecord,
  SourceTask,
} from '@millrace/api'

const CONFIG = defineConfig({
  topic: { type: 'string', default: 'told', importance: 'low', doc: 'Topic.' },
  password: { type: 'password', default: null, importance: 'low', doc: 'A secret.' },
  fail: { type: 'string', default: 'nowhere', importance: 'low', doc: 'start, plan, task-start, poll, or nowhere.' },
  plans: { type: 'int', default: 1, importance: 'low', doc: 'How many tasks are planned, whatever tasks.max says.' },
  again: { type: 'boolean', default: false, importance: 'low', doc: 'Plan one task more after the first plan.' },
})

/** Does as told. */
class ToldSource extends SourceConnector {
  readonly config = CONFIG
  readonly version = '7.0'
  #props: ConnectorProps = {}
  #plans = 0

  start(props: ConnectorProps): void {
    this.#props = props
    if (props.fail === 'start') throw new ConnectException(`told to fail, knowing ${props.password}`)
  }
  stop(): void {}
  taskConfigs(): ConnectorProps[] {
    if (this.#props.fail === 'plan') throw new ConnectException('told to plan badly')
    const more = this.#props.again === 'true' ? this.#plans++ : 0
    if (this.#props.again === 'true' && more === 0) this.context.requestTaskReconfiguration()
    const count = Number(this.#props.plans ?? 1) + Math.min(more, 1)
    return Array.from({ length: count }, (_, number) => ({ ...this.#props, number: String(number) }))
  }
  taskClass() {
    return ToldTask
  }
}

/** Waits, or fails as told. */
class ToldTask extends SourceTask {
  static readonly className = 'test.ToldTask'
  readonly version = '7.0'
  #fail: string | undefined
  #password: string | undefined

  start(props: ConnectorProps): void {
    this.#fail = props.fail
    this.#password = props.password
    if (props.fail === 'task-start') throw new ConnectException(`told to fail, knowing ${props.password}`)
  }
  poll(): Promise<SourceRecord[] | null> {
    if (this.#fail === 'poll') throw new ConnectException(`told to fail, knowing ${this.#password}`)
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), 200)
      this.context.signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve(null)
      })
    })
  }
  stop(): void {}
}

/** Gives texts that run out after the milliseconds in the path. */
class FadingProvider implements ConfigProvider {
  readonly config = defineConfig({})
  configure(): void {}
  get(path: string, keys?: ReadonlySet<string>) {
    const data = Object.fromEntries([...(keys ?? [])].map((key) => [key, `faded-${key}`]))
    return { data, ttlMs: Number(path) }
  }
}

/** Lets in who knows the word. */
class Doorkeeper implements ConnectRestExtension {
  configure(): void {}
  register(context: RestExtensionContext): void {
    context.onRequest(({ headers }) =>
      headers.authorization === 'open sesame' ? undefined : { status: 401, body: 'User cannot access the resource.' },
    )
    context.route('GET', '/door', async () => {
      return { status: 200, body: `connectors: ${(await context.clusterState.connectors()).length}` }
    })
  }
}

export const plugins = definePlugins([
  { kind: 'rest_extension', className: 'test.DoorkeeperExtension', version: '7.0', load: async () => Doorkeeper },
  { kind: 'source', className: 'test.ToldSourceConnector', version: '7.0', load: async () => ToldSource },
  { kind: 'config_provider', className: 'test.FadingConfigProvider', version: '7.0', load: async () => FadingProvider },
])
