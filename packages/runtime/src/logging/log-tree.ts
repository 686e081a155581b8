// The tree of logger names and their levels: dotted names like Java packages, each inheriting from the nearest one above.
import { type JavaLevel, parseLevel } from './levels.ts'

export const ROOT = 'root'

/** What the REST API shows of a logger. */
export interface LoggerLevel {
  readonly level: string
  /** Milliseconds since the epoch; null when the level was never changed at run time. */
  readonly last_modified: number | null
}

/** Levels by logger name. One tree a thread; the control plane's is the one that users see. */
export class LogTree {
  /** Explicit levels; the root's is always there. */
  readonly #levels = new Map<string, JavaLevel>([[ROOT, 'INFO']])
  readonly #modified = new Map<string, number>()
  /** Names that code has asked a logger for. */
  readonly #known = new Set<string>()
  #onKnown: ((name: string) => void) | undefined
  #generation = 0

  /** Changes with every change of a level: loggers cache their threshold until it does. */
  get generation(): number {
    return this.#generation
  }

  /** Sets start levels; unknown level texts are returned. */
  configure(levels: Readonly<Record<string, string>>): string[] {
    const bad: string[] = []
    for (const [name, text] of Object.entries(levels)) {
      const level = parseLevel(text)
      if (level === undefined) bad.push(`${name}=${text}`)
      else this.#levels.set(canonical(name), level)
    }
    this.#generation++
    return bad
  }

  /** Notes that a logger of this name exists. */
  know(name: string): void {
    if (this.#known.has(name)) return
    this.#known.add(name)
    this.#onKnown?.(name)
  }

  /** Tells of every logger that exists, and of each that comes to exist: so one tree can show those of other threads. */
  onKnown(listener: (name: string) => void): void {
    this.#onKnown = listener
    for (const name of this.#known) listener(name)
  }

  /** The level that holds for `name`: its own, or that of the nearest name above it. */
  effective(name: string): JavaLevel {
    for (let at = canonical(name); at !== ROOT; at = parent(at)) {
      const level = this.#levels.get(at)
      if (level !== undefined) return level
    }
    return this.#levels.get(ROOT) as JavaLevel
  }

  /** The logger as REST shows it, or undefined when nobody knows that name. */
  level(name: string): LoggerLevel | undefined {
    const at = canonical(name)
    if (at !== ROOT && !this.#known.has(at) && !this.#levels.has(at)) return undefined
    return this.#shown(at)
  }

  /** All loggers, with the level that holds for each, sorted by name. */
  all(): Record<string, LoggerLevel> {
    const names = [...new Set([...this.#known, ...this.#levels.keys()])].sort(byCodeUnits)
    return Object.fromEntries(names.map((name) => [name, this.#shown(name)]))
  }

  /** Levels that were set, by name: what another thread needs to log alike. */
  explicit(): Record<string, string> {
    return Object.fromEntries(this.#levels)
  }

  /** Sets the level of a namespace and of every known logger whose name starts with it; returns, sorted, those it changed (KIP-495). */
  setLevel(namespace: string, level: JavaLevel): string[] {
    const name = canonical(namespace)
    const all = new Set([...this.#known, ...this.#levels.keys()])
    const affected = [...all].filter((one) => name === ROOT || (one !== ROOT && one.startsWith(name)))
    const names = [...new Set([name, ...affected])].sort(byCodeUnits)
    const changed = names.filter((one) => this.effective(one) !== level)
    const now = Date.now()
    for (const one of changed) this.#modified.set(one, now)
    for (const one of names) this.#levels.set(one, level)
    this.#generation++
    return changed
  }

  #shown(name: string): LoggerLevel {
    return { level: this.effective(name), last_modified: this.#modified.get(name) ?? null }
  }
}

function canonical(name: string): string {
  return name === '' || name.toLowerCase() === ROOT ? ROOT : name
}

function parent(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot < 0 ? ROOT : name.slice(0, dot)
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
