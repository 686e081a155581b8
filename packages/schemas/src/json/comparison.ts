// The walk over two models side by side: each pair is looked at once, and circles come to an end.
import type { Incompatibility } from '../language.ts'
import type { Model } from './model.ts'
import { comparePair } from './pair-rules.ts'

type Findings = readonly Incompatibility[]

/** Pairs that one comparison may look at; what is beyond must not be taken for compatible. */
const MOST_PAIRS = 200_000

/** Collects what is found at one place and below it. Paths are relative to the pair under way. */
export class Place {
  readonly #walk: Walk
  readonly #path: string
  readonly found: Incompatibility[]

  constructor(walk: Walk, path: string, found: Incompatibility[]) {
    this.#walk = walk
    this.#path = path
    this.found = found
  }

  /** The place of a keyword, or deeper. */
  at(name: string): Place {
    return new Place(this.#walk, this.#path === '' ? name : `${this.#path}/${name}`, this.found)
  }
  add(type: string, message: string): void {
    this.found.push({ type, path: this.#path, message })
  }
  /** Compares another pair here and adds what it finds. */
  compare(reader: Model | undefined, writer: Model | undefined): void {
    if (reader === undefined && writer !== undefined) return
    if (reader !== undefined && writer === undefined) this.add('SCHEMA_ADDED', 'a schema was added')
    if (reader !== undefined && writer !== undefined) this.found.push(...this.#rebased(reader, writer))
  }
  /** Whether another pair fits, without saying so. */
  fits(reader: Model, writer: Model): boolean {
    return this.#walk.compare(reader, writer).length === 0
  }

  #rebased(reader: Model, writer: Model): Findings {
    return this.#walk.compare(reader, writer).map((one) => {
      const path = one.path === '' || this.#path === '' ? this.#path + one.path : `${this.#path}/${one.path}`
      return { ...one, path }
    })
  }
}

type Pairs = Map<Model, Map<Model, Findings>>

/**
 * Everything in which `reader` refuses what `writer` allows.
 *
 * A pair met again inside itself is taken to fit; when that was done and pairs turned out not to fit, the walk is made
 * again with these known, until no more are found.
 */
export function compareModels(reader: Model, writer: Model): Findings {
  let known: Pairs = new Map()
  let size = 0
  for (;;) {
    const walk = new Walk(known)
    const found = walk.compare(reader, writer)
    const unfit = walk.unfit()
    if (!walk.assumed || unfit.size === size) return found.map(named)
    known = unfit.pairs
    size = unfit.size
  }
}

function named({ type, path, message }: Incompatibility): Incompatibility {
  return { type, path: `#/${path}`, message: `at path '#/${path}' ${message}` }
}

class Walk {
  /** True when a pair was taken to fit because it was being looked at. */
  assumed = false
  readonly #known: Pairs
  readonly #done: Pairs = new Map()
  readonly #open: Pairs = new Map()
  #left = MOST_PAIRS

  constructor(known: Pairs) {
    this.#known = known
  }

  compare(readerOrReference: Model, writerOrReference: Model): Findings {
    const reader = target(readerOrReference)
    const writer = target(writerOrReference)
    const done = this.#done.get(writer)?.get(reader)
    if (done !== undefined) return done
    if (this.#open.get(writer)?.has(reader) === true) {
      const known = this.#known.get(writer)?.get(reader)
      this.assumed ||= known === undefined
      return known ?? []
    }
    if (this.#left-- <= 0)
      return [{ type: 'TYPE_CHANGED', path: '', message: 'the schemas are too entangled to be compared' }]
    put(this.#open, writer, reader, [])
    const place = new Place(this, '', [])
    comparePair(place, reader, writer)
    this.#open.get(writer)?.delete(reader)
    put(this.#done, writer, reader, place.found)
    return place.found
  }

  unfit(): { pairs: Pairs; size: number } {
    const pairs: Pairs = new Map()
    let size = 0
    for (const [writer, readers] of this.#done) {
      for (const [reader, found] of readers) {
        if (found.length === 0) continue
        put(pairs, writer, reader, found)
        size++
      }
    }
    return { pairs, size }
  }
}

/** What a reference stands for; itself when it leads round in a circle. */
function target(model: Model): Model {
  const found = model.kind === 'reference' ? model.target() : model
  return found.kind === 'reference' && found !== model ? target(found) : found
}

function put(pairs: Pairs, writer: Model, reader: Model, found: Findings): void {
  const readers = pairs.get(writer)
  if (readers === undefined) pairs.set(writer, new Map([[reader, found]]))
  else readers.set(reader, found)
}
