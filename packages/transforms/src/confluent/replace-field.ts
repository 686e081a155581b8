// Confluent's ReplaceField: keeps, drops and renames fields at any depth, by their paths.
import {
  type ConnectRecord,
  DataException,
  defineConfig,
  type Field,
  type RawConfig,
  type Schema,
  satisfies,
  type ValueSlot,
} from '@millrace/api'
import { namesOrNone, parseRenames } from '../apache/common/config.ts'
import { compileParts, define, fieldPart, type Maker, type Part } from '../apache/common/parts.ts'
import { isMap, type Members, requireMap, requireStruct } from '../apache/common/requirements.ts'
import { BySchema, copyBasics } from '../apache/common/schemas.ts'
import { fill, SidedRewrite } from '../apache/common/sided-rewrite.ts'

const CONFIG = defineConfig({
  exclude: {
    type: 'list',
    default: '',
    importance: 'medium',
    doc: 'Paths of fields to drop, whatever include says: names with dots between them, as a.b for b in a.',
    validator: namesOrNone,
  },
  include: {
    type: 'list',
    default: '',
    importance: 'medium',
    doc: 'Paths of fields to keep, with all in them; all others are dropped but those on the way. Empty for all.',
    validator: namesOrNone,
  },
  renames: {
    type: 'list',
    default: '',
    importance: 'medium',
    doc: 'New names for fields that are kept, as pairs path:name. A path has the names from before, as a.b:c for b in a.',
    validator: satisfies('list of colon-delimited pairs, e.g. foo:bar,abc:xyz', (value) => {
      parseRenames('renames', value as readonly string[])
      return undefined
    }),
  },
})
const PURPOSE = 'field replacement'

/** What becomes of a field: dropped, kept with all in it, or kept for what is included below it. */
type Fate = 'drop' | 'keep' | 'through'
interface Replaced {
  readonly schema: Schema
  readonly make: Maker
}

/** Drops and renames members of structs and maps and of those in them; lists, and what is in them, stay as they are. */
export class NestedReplaceField extends SidedRewrite {
  readonly config = CONFIG
  #exclude: ReadonlySet<string> = new Set()
  #include: ReadonlySet<string> = new Set()
  #renames: ReadonlyMap<string, string> = new Map()
  /** Paths with a path of the configuration below them: only there is anything to do in a nested value. */
  #above: ReadonlySet<string> = new Set()
  readonly #bySchema = new BySchema<Replaced>((schema) => this.#replace(schema, '', this.#include.size === 0))

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    this.#exclude = new Set(config.exclude)
    this.#include = new Set(config.include)
    this.#renames = parseRenames('renames', config.renames)
    this.#above = new Set([...this.#exclude, ...this.#include, ...this.#renames.keys()].flatMap(pathsAbove))
  }

  protected rewrite(slot: ValueSlot, record: ConnectRecord): ValueSlot {
    const { schema, value } = slot
    if (value === null) return slot
    if (schema === null) return fill(slot, null, this.#map(requireMap(value, PURPOSE), '', this.#include.size === 0))
    const members = requireStruct(schema, value, PURPOSE)
    const replaced = this.#bySchema.get(schema)
    return fill(slot, replaced.schema, replaced.make(members, record))
  }

  #fate(path: string, included: boolean): Fate {
    if (this.#exclude.has(path)) return 'drop'
    if (included || this.#include.has(path)) return 'keep'
    return this.#above.has(path) ? 'through' : 'drop'
  }

  #map(given: Members, prefix: string, included: boolean): Record<string, unknown> {
    const result: Record<string, unknown> = {}
    for (const name of Object.keys(given)) {
      const path = prefix + name
      const fate = this.#fate(path, included)
      const value = given[name]
      const nested = fate !== 'drop' && this.#above.has(path) && isMap(value)
      if (nested) {
        const inner = this.#map(requireMap(value, PURPOSE), `${path}.`, fate === 'keep')
        // On the way to nothing that is included: as if it were not there.
        if (fate === 'keep' || Object.keys(inner).length > 0) define(result, this.#renamed(path, name), inner)
      } else if (fate === 'keep') define(result, this.#renamed(path, name), value)
    }
    return result
  }

  #replace(schema: Schema, prefix: string, included: boolean): Replaced {
    const builder = copyBasics(schema)
    if (prefix !== '' && schema.optional) builder.optional()
    const parts: Part[] = []
    const names = new Set<string>()
    for (const field of schema.fields) {
      const path = prefix + field.name
      const fate = this.#fate(path, included)
      if (fate === 'drop') continue
      const nested = field.schema.type === 'STRUCT' && this.#above.has(path)
      if (!nested && fate === 'through') continue
      const inner = nested ? this.#replace(field.schema, `${path}.`, fate === 'keep') : null
      if (inner !== null && fate === 'through' && inner.schema.fields.length === 0) continue
      const name = this.#renamed(path, field.name)
      if (names.has(name)) {
        throw new DataException(`Two fields of ${schema.name ?? 'the struct'} would be called ${name}: change renames`)
      }
      names.add(name)
      builder.field(name, inner?.schema ?? field.schema)
      parts.push(part(field, name, inner))
    }
    return { schema: builder.build(), make: compileParts(parts) }
  }

  #renamed(path: string, name: string): string {
    return this.#renames.get(path) ?? name
  }
}

function part(field: Field, name: string, inner: Replaced | null): Part {
  if (inner === null) return fieldPart(field, true, name)
  const change = (value: Members | null, record: ConnectRecord) => (value === null ? null : inner.make(value, record))
  return fieldPart(field, true, name, change)
}

/** `a.b.c` is below `a.b` and `a`. */
function pathsAbove(path: string): string[] {
  const above: string[] = []
  for (let at = path.indexOf('.'); at >= 0; at = path.indexOf('.', at + 1)) above.push(path.slice(0, at))
  return above
}
