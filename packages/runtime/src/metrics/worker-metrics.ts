// Metrics of the worker itself: how many connectors and tasks, in which states, and how their starts went.
import type { ConfigReader } from '../control/config-store.ts'
import type { Status, StatusStore } from '../control/status-store.ts'
import type { MetricSample, ReportedState, TaskId } from '../plane/messages.ts'
import type { PluginRegistry } from '../plugins/registry.ts'
import { COMMIT, COMPATIBLE_VERSION } from '../rest/version.ts'
import { METRIC_GROUPS } from './table.ts'

const TASK_STATES: readonly ReportedState[] = ['RUNNING', 'PAUSED', 'FAILED', 'UNASSIGNED', 'DESTROYED', 'RESTARTING']
const WORKER = 'connect-worker-metrics'

/** Outcomes of starts of one kind of thing. */
class Starts {
  readonly #open = new Set<string>()
  #attempts = 0
  #succeeded = 0
  #failed = 0

  /** A start of `key` begins. */
  begin(key: string): void {
    this.#attempts++
    this.#open.add(key)
  }
  /** The first state after {@link begin} says how it went; later ones do not count. */
  settle(key: string, state: ReportedState): void {
    if (!this.#open.delete(key)) return
    if (state === 'FAILED') this.#failed++
    else this.#succeeded++
  }

  samples(what: string): MetricSample[] {
    const done = this.#succeeded + this.#failed
    const share = (part: number) => (done === 0 ? 0 : part / done)
    return [
      sample(WORKER, `${what}-startup-attempts-total`, this.#attempts),
      sample(WORKER, `${what}-startup-success-total`, this.#succeeded),
      sample(WORKER, `${what}-startup-success-percentage`, share(this.#succeeded)),
      sample(WORKER, `${what}-startup-failure-total`, this.#failed),
      sample(WORKER, `${what}-startup-failure-percentage`, share(this.#failed)),
    ]
  }
}

/** Counts starts, and reads the rest from the stores. */
export class WorkerMetrics {
  readonly connectorStarts = new Starts()
  readonly taskStarts = new Starts()
  readonly #configs: ConfigReader
  readonly #statuses: StatusStore
  readonly #registry: PluginRegistry
  readonly #workerId: string
  readonly #more: () => MetricSample[]
  readonly #startedAt = Date.now()

  constructor(parts: {
    readonly configs: ConfigReader
    readonly statuses: StatusStore
    readonly registry: PluginRegistry
    readonly workerId: string
    /** Metrics of a worker of this kind alone. */
    readonly more?: () => MetricSample[]
  }) {
    this.#configs = parts.configs
    this.#statuses = parts.statuses
    this.#registry = parts.registry
    this.#workerId = parts.workerId
    this.#more = parts.more ?? (() => [])
  }

  /** Samples of now. */
  samples(): MetricSample[] {
    const names = this.#configs.connectors()
    const own = names.filter((name) => this.#isOwn(this.#statuses.connector(name)))
    const tasks = names.reduce((sum, name) => sum + this.#ownTasks(name).length, 0)
    const id = { id: this.#workerId }
    return [
      sample('app-info', 'version', COMPATIBLE_VERSION, id),
      sample('app-info', 'commit-id', COMMIT, id),
      sample('app-info', 'start-time-ms', this.#startedAt, id),
      sample(WORKER, 'connector-count', own.length),
      sample(WORKER, 'task-count', tasks),
      ...this.connectorStarts.samples('connector'),
      ...this.taskStarts.samples('task'),
      ...own.flatMap((name) => this.#connector(name)),
      ...names.flatMap((name) => this.#ownTasks(name).map(({ id, status }) => taskState(id, status))),
      ...this.#more(),
    ]
  }

  /** What there is to show of a task that has no figures: it failed before it counted anything, or its thread did. */
  blank(connector: string, task: string): MetricSample[] {
    const labels = { connector, task }
    const { className, plugin } = this.#classOf(connector)
    const known: Readonly<Record<string, string>> = {
      'connector-class': plugin?.className ?? className,
      'connector-type': plugin?.kind ?? 'unknown',
      'connector-version': plugin?.version ?? 'unknown',
    }
    const kind = plugin?.kind === 'sink' ? 'sink-task-metrics' : 'source-task-metrics'
    return ['connector-task-metrics', kind, 'task-error-metrics'].flatMap((group) =>
      Object.entries(METRIC_GROUPS[group] ?? {}).flatMap(([name, [type]]) => {
        if (name === 'status' || name === 'partition-lag') return []
        const counts = type === 'counter' || /count|percentage|ratio/.test(name)
        return [sample(group, name, type === 'text' ? (known[name] ?? 'unknown') : counts ? 0 : Number.NaN, labels)]
      }),
    )
  }

  #isOwn(status: Status | undefined): boolean {
    return status?.workerId === this.#workerId && status.state !== 'UNASSIGNED'
  }
  #ownTasks(connector: string) {
    return this.#statuses.tasks(connector).filter(({ status }) => this.#isOwn(status))
  }
  #classOf(connector: string) {
    const className = this.#configs.connectorConfig(connector)?.['connector.class'] ?? ''
    return { className, plugin: this.#registry.named(className)[0] }
  }

  #connector(name: string): MetricSample[] {
    const labels = { connector: name }
    const status = this.#statuses.connector(name)
    const { className, plugin } = this.#classOf(name)
    const tasks = this.#statuses.tasks(name)
    const inState = (state: ReportedState) => tasks.filter((one) => one.status.state === state).length
    return [
      ...(status === undefined ? [] : [sample('connector-metrics', 'status', status.state.toLowerCase(), labels)]),
      sample('connector-metrics', 'connector-type', plugin?.kind ?? 'unknown', labels),
      sample('connector-metrics', 'connector-class', plugin?.className ?? className, labels),
      sample('connector-metrics', 'connector-version', status?.version || (plugin?.version ?? ''), labels),
      sample(WORKER, 'connector-total-task-count', tasks.length, labels),
      ...TASK_STATES.map((state) =>
        sample(WORKER, `connector-${state.toLowerCase()}-task-count`, inState(state), labels),
      ),
    ]
  }
}

/**
 * Samples of all: the worker's own, and those of its tasks. States are the worker's word, so those of the threads are left
 * out; and a task that is there keeps its last figures although the thread that counted them is gone.
 */
export class SampleMerger {
  #last = new Map<string, MetricSample[]>()

  merge(
    own: readonly MetricSample[],
    threads: readonly MetricSample[],
    blank: (connector: string, task: string) => MetricSample[] = () => [],
  ): MetricSample[] {
    const present = new Map<string, MetricSample[]>()
    const others: MetricSample[] = []
    for (const one of threads) {
      if (one.name === 'status' && one.own === undefined) continue
      const key = taskOf(one)
      if (key === undefined) others.push(one)
      else append(present, key, one)
    }
    const alive = new Set(own.filter((one) => one.name === 'status').map(taskOf))
    for (const [key, samples] of this.#last) if (!present.has(key) && alive.has(key)) present.set(key, samples)
    this.#last = new Map(present)
    for (const { name, labels } of own) {
      const key = taskOf({ labels })
      if (name !== 'status' || key === undefined || present.has(key)) continue
      present.set(key, blank(labels.connector as string, labels.task as string))
    }
    return [...own, ...others, ...[...present.values()].flat()]
  }
}

function taskState({ connector, task }: TaskId, { state }: Status): MetricSample {
  return sample('connector-task-metrics', 'status', state.toLowerCase(), { connector, task: String(task) })
}

function taskOf({ labels: { connector, task } }: Pick<MetricSample, 'labels'>): string | undefined {
  return connector === undefined || task === undefined ? undefined : `${connector}-${task}`
}

function sample(
  group: string,
  name: string,
  value: number | string,
  labels: Readonly<Record<string, string>> = {},
): MetricSample {
  return { group, name, labels, value }
}

function append(map: Map<string, MetricSample[]>, key: string, one: MetricSample): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [one])
  else list.push(one)
}
