// What the config topic told since the herder last looked: gathered when it is read, taken when the loop comes to it.
import type { RestartRequest } from '../control/entities.ts'
import type { TaskId } from '../plane/messages.ts'
import type { ConfigUpdateListener } from '../topics/config-topic/config-reader.ts'

/** Everything that is to be done. */
export interface Changes {
  /** Connectors whose instance must be started anew, or stopped because the configuration is gone. */
  readonly connectors: ReadonlySet<string>
  /** Connectors with new task configurations: their tasks stop at once, and start with the next assignment. */
  readonly replanned: ReadonlySet<string>
  readonly targetStates: ReadonlySet<string>
  /** One request for each connector, the one with the greatest effect. */
  readonly restarts: readonly RestartRequest[]
}

/** Hears of what changes; makes nothing happen but a wake-up. */
export class PendingChanges implements ConfigUpdateListener {
  readonly #known: (connector: string) => boolean
  readonly #wake: () => void
  readonly #loggerLevel: (namespace: string, level: string) => void
  readonly #configured: (connector: string) => void
  #connectors = new Set<string>()
  #replanned = new Set<string>()
  #targetStates = new Set<string>()
  #restarts = new Map<string, RestartRequest>()
  #rebalance = false

  constructor(parts: {
    /** Whether the herder works with this connector already: if not, only a rebalance gives it to somebody. */
    readonly known: (connector: string) => boolean
    readonly wake: () => void
    readonly loggerLevel: (namespace: string, level: string) => void
    /** A connector was configured anew, or its configuration is gone. */
    readonly configured?: (connector: string) => void
  }) {
    this.#known = parts.known
    this.#wake = parts.wake
    this.#loggerLevel = parts.loggerLevel
    this.#configured = parts.configured ?? (() => {})
  }

  /** True when there is work to divide anew: until that is done, nobody can say who is to do what. */
  get rebalanceDue(): boolean {
    return this.#rebalance
  }

  onConnectorConfigUpdate(connector: string): void {
    this.#configured(connector)
    if (this.#known(connector)) this.#connectors.add(connector)
    else this.#rebalance = true
    this.#wake()
  }
  onConnectorConfigRemove(connector: string): void {
    this.#configured(connector)
    if (this.#known(connector)) this.#rebalance = true
    else this.#connectors.add(connector)
    this.#wake()
  }
  onTaskConfigUpdate(_tasks: readonly TaskId[], connector: string): void {
    this.#rebalance = true
    this.#replanned.add(connector)
    this.#wake()
  }
  onConnectorTargetStateChange(connector: string): void {
    this.#targetStates.add(connector)
    this.#wake()
  }
  /** Who needs the key looks at the newest state. */
  onSessionKeyUpdate(): void {}
  onRestartRequest(request: RestartRequest): void {
    const before = this.#restarts.get(request.connector)
    if (before === undefined || impact(request) > impact(before)) this.#restarts.set(request.connector, request)
    this.#wake()
  }
  onLoggingLevelUpdate(namespace: string, level: string): void {
    this.#loggerLevel(namespace, level)
  }

  /** True once when a rebalance is due. */
  takeRebalance(): boolean {
    const due = this.#rebalance
    this.#rebalance = false
    return due
  }
  takeRestarts(): readonly RestartRequest[] {
    const restarts = [...this.#restarts.values()]
    this.#restarts = new Map()
    return restarts
  }
  /** What is to be done beside rebalances and restarts. */
  take(): Omit<Changes, 'restarts'> {
    const taken = { connectors: this.#connectors, replanned: this.#replanned, targetStates: this.#targetStates }
    this.#connectors = new Set()
    this.#replanned = new Set()
    this.#targetStates = new Set()
    return taken
  }
  /** Forgets what the rebalance that is about to begin sees to by itself: with the eager protocol everything is started anew. */
  forgetForEager(): void {
    this.#connectors.clear()
    this.#replanned.clear()
    this.#targetStates.clear()
  }
}

/** More instances is more effect; as the reference orders requests (KIP-745). */
function impact({ onlyFailed, includeTasks }: RestartRequest): number {
  return (onlyFailed ? 0 : 2) + (includeTasks ? 1 : 0)
}
