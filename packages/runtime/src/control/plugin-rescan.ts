// `plugin.path` looked at again while the worker runs: what is new is added, and nothing that runs is touched.
import type { Logger } from '@millrace/api'
import { javaWarning } from '../plugins/java-archives.ts'
import { scanPluginPath } from '../plugins/plugin-path.ts'
import { connectorOf, type PluginRegistry } from '../plugins/registry.ts'
import type { ListedModule, PluginSource } from '../plugins/sources.ts'
import type { PluginInfo } from './entities.ts'

/** What a look found. */
export interface RescanResult {
  readonly added: readonly PluginInfo[]
  /** What was left out, or stays as it was though its file changed. */
  readonly warnings: readonly string[]
}

/** A name that is not known has the path looked at no more often than this. */
const MISS_MS = 5_000

/** Finds what came since the start. */
export class PluginRescan {
  readonly #paths: readonly string[]
  readonly #registry: PluginRegistry
  readonly #stamps = new Map<string, string>()
  readonly #publish: (modules: readonly ListedModule[]) => void
  readonly #log: Logger
  #running: Promise<RescanResult> | undefined
  #missedAt = Number.NEGATIVE_INFINITY

  /** @param sources what the worker has; @param publish tells the threads, before this thread's registry knows */
  constructor(
    paths: readonly string[],
    registry: PluginRegistry,
    sources: readonly PluginSource[],
    publish: (modules: readonly ListedModule[]) => void,
    log: Logger,
  ) {
    this.#paths = paths
    this.#registry = registry
    this.#publish = publish
    this.#log = log
    for (const one of sources) if (typeof one !== 'string') this.#stamps.set(one.module, one.stamp)
  }

  /** Looks again; who asks meanwhile gets the same answer. */
  look(): Promise<RescanResult> {
    this.#running ??= this.#look().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Looks again when the connector that a configuration names is not known, in the version that it asks for. */
  async ifMissing(config: Readonly<Record<string, string | null | undefined>>): Promise<void> {
    if (this.#paths.length === 0 || this.#knows(config)) return
    if (this.#running === undefined && performance.now() - this.#missedAt < MISS_MS) return
    this.#missedAt = performance.now()
    await this.look()
  }

  #knows(config: Readonly<Record<string, string | null | undefined>>): boolean {
    try {
      return connectorOf(this.#registry, config) !== undefined
    } catch {
      return false
    }
  }

  async #look(): Promise<RescanResult> {
    const { modules, java, warnings: problems } = await scanPluginPath(this.#paths)
    const fresh = modules.filter((one) => !this.#stamps.has(one.module))
    const changed = modules.filter((one) => (this.#stamps.get(one.module) ?? one.stamp) !== one.stamp)
    const warnings = [
      ...problems,
      ...java.map((one) => javaWarning(one, (name) => this.#registry.named(name).length > 0)),
      ...changed.map(
        ({ module }) =>
          `${module} was changed since this worker found it, and stays as it was. ` +
          'Restart the worker, or put each version into a folder of its own.',
      ),
    ]
    for (const warning of warnings) this.#log.warn(warning)
    if (fresh.length > 0) {
      this.#publish(fresh)
      await this.#registry.add(fresh)
      for (const one of fresh) this.#stamps.set(one.module, one.stamp)
    }
    const added = fresh.flatMap(({ plugins }) =>
      plugins.map(({ className, kind, version }) => ({ class: className, type: kind, version })),
    )
    this.#log.info(
      `Looked at plugin.path again: ${added.map((one) => `${one.class} ${one.version}`).join(', ') || 'nothing new'}`,
    )
    return { added, warnings }
  }
}
