// Rewrites of maps that follow each other, as one function: no map between them is made. Only for plain maps whose names are no
// puzzle; whatever else comes, and whatever fails, is left to the transformations one by one.
import type { ConnectRecord, FusedRewrite, ValueSlot } from '@millrace/api'
import { compileGuarded, distinct, type Part } from './parts.ts'
import type { Members } from './requirements.ts'

/** What a transformation does to a map of these members; null when it must be asked itself. */
export type MapParts = (names: readonly string[], has: number) => readonly Part[] | null

/** More shapes than this are not compiled. */
const SHAPES = 64
/** Maps that are looked at in vain before that is thought to be so with most. */
const PATIENCE = 64
/** Such members come first in every object, or mean something to JavaScript. */
const ODD_NAME = /^(?:\d+|__proto__)$/

type Attempt = ReturnType<typeof compileGuarded>
const NEVER: Attempt = () => null

/** Makes a rewrite of several, first to last. */
export function fuseMaps(stages: readonly MapParts[]): FusedRewrite {
  const fused = new FusedMaps(stages)
  return { count: stages.length, rewrite: (slot, record) => fused.rewrite(slot, record) }
}

/** What a record has that a map may be given: a partition 1, a timestamp 2. */
export function partsOfRecord(record: ConnectRecord): number {
  return (record.kafkaPartition === null ? 0 : 1) + (record.timestamp === null ? 0 : 2)
}

class FusedMaps {
  readonly #stages: readonly MapParts[]
  readonly #last: Attempt[] = [NEVER, NEVER, NEVER, NEVER]
  readonly #shapes = new Map<string, Attempt>()
  /** Maps that were rewritten, and those that could not be. */
  #done = 0
  #left = 0

  constructor(stages: readonly MapParts[]) {
    this.#stages = stages
  }

  /** False when nothing was done. */
  rewrite(slot: ValueSlot, record: ConnectRecord): boolean {
    const { value } = slot
    // To look at a map that cannot be rewritten costs more than it may bring.
    if (this.#left > PATIENCE && this.#left > this.#done) return false
    if (slot.schema !== null || typeof value !== 'object' || value === null) return false
    if (Object.getPrototypeOf(value) !== Object.prototype) return false
    const has = partsOfRecord(record)
    const last = this.#last[has] as Attempt
    const made = last(value as Members, record) ?? this.#otherShape(value as Members, has)(value as Members, record)
    if (made === null) {
      this.#left++
      return false
    }
    this.#done++
    slot.value = made
    return true
  }

  #otherShape(value: Members, has: number): Attempt {
    const names = Object.keys(value)
    const key = `${has}${JSON.stringify(names)}`
    let attempt = this.#shapes.get(key)
    if (attempt === undefined) {
      if (this.#shapes.size >= SHAPES) return NEVER
      const parts = this.#parts(names, has)
      attempt = parts === null ? NEVER : compileGuarded(names, parts)
      this.#shapes.set(key, attempt)
    }
    if (attempt !== NEVER) this.#last[has] = attempt
    return attempt
  }

  #parts(names: readonly string[], has: number): readonly Part[] | null {
    // Every list is of distinct names.
    let parts: readonly Part[] = names.map((name) => ({ name, source: name, otherwise: null, change: null }))
    for (const stage of this.#stages) {
      const present = parts.map((part) => part.name)
      if (present.some((name) => ODD_NAME.test(name))) return null
      const next = stage(present, has)
      const both = next === null ? null : composed(parts, next)
      if (both === null) return null
      parts = both
    }
    return parts.some(({ name }) => ODD_NAME.test(name)) ? null : parts
  }
}

/** The second list over what the first makes; null when something of the first that may fail would not be done any more. */
function composed(first: readonly Part[], second: readonly Part[]): readonly Part[] | null {
  const byName = new Map(first.map((part) => [part.name, part]))
  const used = new Set<Part>()
  const both = distinct(second).map((part): Part => {
    const source = part.source === null ? undefined : byName.get(part.source)
    if (source === undefined) return { ...part, source: null }
    used.add(source)
    if (part.change === null && part.otherwise === null) return { ...source, name: part.name }
    return { ...part, source: null, of: source }
  })
  return [...byName.values()].some((part) => fails(part) && !used.has(part)) || first.length !== byName.size
    ? null
    : both
}

function fails(part: Part): boolean {
  return part.change !== null || (part.of !== undefined && fails(part.of))
}
