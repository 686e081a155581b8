// Keys of this project by which a worker judges whether its tasks get on. What it finds is shown; it never acts on it.
import { atLeast, type ConnectorProps, defineConfig, type InferConfig, oneOf } from '@millrace/api'

const PREFIX = 'progress.'
const GROUP = 'Progress'

/** The keys, of a connector or as defaults of a worker. */
export const PROGRESS_CONFIG = defineConfig({
  'progress.watch': {
    type: 'string',
    default: 'problems',
    importance: 'low',
    validator: oneOf('off', 'problems', 'all'),
    group: GROUP,
    doc: 'What the status of a task tells of its progress: problems (behind, stalled), all (running and idle too), or off.',
  },
  'progress.stalled.ms': {
    type: 'long',
    default: 120_000,
    importance: 'low',
    validator: atLeast(1),
    group: GROUP,
    doc: 'Milliseconds after which a call that does not return, a delivery without an answer, or an error that does not go away is a stall.',
  },
  'progress.idle.ms': {
    type: 'long',
    default: 60_000,
    importance: 'low',
    validator: atLeast(1),
    group: GROUP,
    doc: 'Milliseconds without a record after which a task is idle.',
  },
  'progress.behind.ms': {
    type: 'long',
    default: 60_000,
    importance: 'low',
    validator: atLeast(1),
    group: GROUP,
    doc: 'A sink task whose lag grows from one span of so many milliseconds to the next is behind.',
  },
  'progress.uncommitted.ms': {
    type: 'long',
    default: 3_600_000,
    importance: 'low',
    validator: atLeast(1),
    group: GROUP,
    doc: 'Milliseconds for which a sink task may hold back the offsets of what it was given before that is a stall.',
  },
})

/** Of a worker alone. */
export const PROGRESS_CHECK_CONFIG = defineConfig({
  'progress.check.interval.ms': {
    type: 'long',
    default: 5_000,
    importance: 'low',
    validator: atLeast(10),
    group: GROUP,
    doc: 'How often the worker looks how its tasks get on, in milliseconds. A change of a task is told every sixth look at most.',
  },
})

/** `progress.check.interval.ms` */
export function checkIntervalMs(workerProps: ConnectorProps): number {
  return Number(
    workerProps['progress.check.interval.ms'] ?? PROGRESS_CHECK_CONFIG.spec['progress.check.interval.ms'].default,
  )
}

/** How the progress of a connector's tasks is judged; times in milliseconds. */
export interface ProgressPolicy {
  readonly watch: 'off' | 'problems' | 'all'
  readonly stalledMs: number
  readonly idleMs: number
  readonly behindMs: number
  readonly uncommittedMs: number
}

/** The policy of a connector; what it leaves out is the worker's. @throws ConfigException */
export function progressPolicy(props: ConnectorProps, workerProps: ConnectorProps): ProgressPolicy {
  const own = Object.entries({ ...workerProps, ...props }).filter(([key]) => key.startsWith(PREFIX))
  const config: InferConfig<typeof PROGRESS_CONFIG> = PROGRESS_CONFIG.parse(Object.fromEntries(own))
  return {
    watch: config['progress.watch'] as ProgressPolicy['watch'],
    stalledMs: config['progress.stalled.ms'],
    idleMs: config['progress.idle.ms'],
    behindMs: config['progress.behind.ms'],
    uncommittedMs: config['progress.uncommitted.ms'],
  }
}

/** True when a configuration has keys of progress: then they are shown among the framework's. */
export function hasProgressKeys(props: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(props).some((key) => key.startsWith(PREFIX))
}
