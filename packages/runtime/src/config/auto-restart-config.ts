// Keys of this project by which failed connectors and tasks restart themselves. Off unless a connector, or its worker for all, says otherwise.
import { atLeast, type ConnectorProps, defineConfig, type InferConfig } from '@millrace/api'

const PREFIX = 'errors.auto.restart.'
const GROUP = 'Error Handling'
const WHOLE_HOUR_MS = 3_600_000

/** The keys, of a connector or as defaults of a worker. */
export const AUTO_RESTART_CONFIG = defineConfig({
  'errors.auto.restart.max.retries': {
    type: 'int',
    default: 0,
    importance: 'medium',
    validator: atLeast(-1),
    group: GROUP,
    doc: 'How often a failed connector or task is restarted by itself, one failure after another; 0 for never, -1 for without end.',
  },
  'errors.auto.restart.backoff.ms': {
    type: 'long',
    default: 5_000,
    importance: 'low',
    validator: atLeast(1),
    group: GROUP,
    doc: 'Milliseconds before the first such restart. Each further one waits twice as long, give or take a fifth.',
  },
  'errors.auto.restart.backoff.max.ms': {
    type: 'long',
    default: 300_000,
    importance: 'low',
    validator: atLeast(1),
    group: GROUP,
    doc: 'Most milliseconds before such a restart.',
  },
  'errors.auto.restart.reset.ms': {
    type: 'long',
    default: WHOLE_HOUR_MS,
    importance: 'low',
    validator: atLeast(0),
    group: GROUP,
    doc: 'After running so many milliseconds without failure, restarts are counted anew.',
  },
  'errors.auto.restart.only': {
    type: 'list',
    default: '',
    importance: 'low',
    group: GROUP,
    doc: 'Classes of errors, full or simple names, for which alone there are restarts; empty for all. The causes of an error count too.',
  },
  'errors.auto.restart.except': {
    type: 'list',
    default: 'ConfigException',
    importance: 'low',
    group: GROUP,
    doc: 'Classes of errors, full or simple names, for which there are none. They go before errors.auto.restart.only.',
  },
})

/** How a connector and its tasks restart themselves. */
export interface RestartPolicy {
  /** Restarts in a row; -1 for without end. */
  readonly maxRetries: number
  readonly backoffMs: number
  readonly maxBackoffMs: number
  readonly resetMs: number
  /** True for errors after which there is a restart, told by the classes in their trace. */
  readonly applies: (classes: readonly string[]) => boolean
}

/**
 * The policy of a connector; what it leaves out is the worker's. Undefined when there are no restarts.
 * @throws ConfigException
 */
export function restartPolicy(props: ConnectorProps, workerProps: ConnectorProps): RestartPolicy | undefined {
  const own = Object.entries({ ...workerProps, ...props }).filter(([key]) => key.startsWith(PREFIX))
  if (own.length === 0) return undefined
  const config: InferConfig<typeof AUTO_RESTART_CONFIG> = AUTO_RESTART_CONFIG.parse(Object.fromEntries(own))
  const maxRetries = config['errors.auto.restart.max.retries']
  if (maxRetries === 0) return undefined
  const { 'errors.auto.restart.only': only, 'errors.auto.restart.except': except } = config
  return {
    maxRetries,
    backoffMs: config['errors.auto.restart.backoff.ms'],
    maxBackoffMs: config['errors.auto.restart.backoff.max.ms'],
    resetMs: config['errors.auto.restart.reset.ms'],
    applies: (classes) => !matches(except, classes) && (only.length === 0 || matches(only, classes)),
  }
}

/** True when a configuration has keys of automatic restarts: then they are shown among the framework's. */
export function hasRestartKeys(props: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(props).some((key) => key.startsWith(PREFIX))
}

function matches(names: readonly string[], classes: readonly string[]): boolean {
  return names.some((name) => classes.some((one) => one === name || one.endsWith(`.${name}`)))
}
