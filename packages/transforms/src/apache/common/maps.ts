// Maps without a schema: most records of a topic have the same members in the same order, so that what becomes of them is
// compiled once for each such list of names, and checked by comparing names.
import type { ConnectRecord } from '@millrace/api'
import { compileGuarded, makeOf, type Part } from './parts.ts'
import type { Members } from './requirements.ts'

/** More shapes than this are not compiled. */
const SHAPES = 64

/** Says that an object has other members. */
const OTHER = null
type Attempt = (given: Members, record: ConnectRecord) => Record<string, unknown> | typeof OTHER

/** Rewrites maps by a plan that depends on nothing but the names of their members. */
export class MapRewriter {
  readonly #plan: (names: readonly string[]) => readonly Part[]
  readonly #shapes = new Map<string, Attempt>()
  #last: Attempt = () => OTHER

  constructor(plan: (names: readonly string[]) => readonly Part[]) {
    this.#plan = plan
  }

  rewrite(given: Members, record: ConnectRecord): Record<string, unknown> {
    return this.#last(given, record) ?? this.#otherShape(given, record)
  }

  #otherShape(given: Members, record: ConnectRecord): Record<string, unknown> {
    const names = Object.keys(given)
    const key = JSON.stringify(names)
    let attempt = this.#shapes.get(key)
    if (attempt === undefined) {
      const parts = this.#plan(names)
      if (this.#shapes.size >= SHAPES) return makeOf(parts, given, record)
      attempt = compileGuarded(names, parts)
      this.#shapes.set(key, attempt)
    }
    this.#last = attempt
    return attempt(given, record) ?? makeOf(this.#plan(names), given, record)
  }
}

/** Parts that keep all members, with some changed; those not there are added as the change makes them of null. */
export function withChanged(names: readonly string[], changes: ReadonlyMap<string, Part['change']>): Part[] {
  const present = new Set(names)
  return [
    ...names.map((name): Part => ({ name, source: name, otherwise: null, change: changes.get(name) ?? null })),
    ...[...changes]
      .filter(([name]) => !present.has(name))
      .map(([name, change]): Part => ({ name, source: null, otherwise: null, change })),
  ]
}
