// ReplaceField: keeps, drops and renames fields.
import {
  type ConnectRecord,
  DataException,
  defineConfig,
  type RawConfig,
  type Schema,
  satisfies,
  type ValueSlot,
} from '@millrace/api'
import { namesOrNone, parseRenames, REPLACE_NULL } from './common/config.ts'
import { MapRewriter } from './common/maps.ts'
import { compileParts, copied, fieldPart, type Maker, type Part } from './common/parts.ts'
import { requireMap, requireStruct } from './common/requirements.ts'
import { BySchema, copyBasics } from './common/schemas.ts'
import { fill, SidedRewrite } from './common/sided-rewrite.ts'

const CONFIG = defineConfig({
  exclude: {
    type: 'list',
    default: '',
    importance: 'medium',
    doc: 'Fields to drop, whatever include says.',
    validator: namesOrNone,
  },
  include: {
    type: 'list',
    default: '',
    importance: 'medium',
    doc: 'Fields to keep, all others are dropped; empty for all.',
    validator: namesOrNone,
  },
  renames: {
    type: 'list',
    default: '',
    importance: 'medium',
    doc: 'New names for fields that are kept, as pairs old:new.',
    validator: satisfies('list of colon-delimited pairs, e.g. <code>foo:bar,abc:xyz</code>', (value) => {
      parseRenames('renames', value as readonly string[])
      return undefined
    }),
  },
  ...REPLACE_NULL,
})
const PURPOSE = 'field replacement'

/** A struct schema as it becomes. */
interface Replaced {
  readonly schema: Schema
  readonly make: Maker
}

/** Drops and renames members of a struct or map. */
export class ReplaceField extends SidedRewrite {
  readonly config = CONFIG
  #exclude: ReadonlySet<string> = new Set()
  #include: ReadonlySet<string> = new Set()
  #renames: ReadonlyMap<string, string> = new Map()
  #replaceNull = true
  readonly #maps = new MapRewriter((names) => this.mapParts(names))
  readonly #bySchema = new BySchema<Replaced>((schema) => this.#replace(schema))

  override mapParts(names: readonly string[]): Part[] {
    return names.filter((name) => this.#keeps(name)).map((name) => copied(this.#renamed(name), name))
  }

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    this.#exclude = new Set(config.exclude)
    this.#include = new Set(config.include)
    this.#renames = parseRenames('renames', config.renames)
    this.#replaceNull = config['replace.null.with.default']
  }

  protected rewrite(slot: ValueSlot, record: ConnectRecord): ValueSlot {
    const value = slot.value
    if (value === null) return slot
    const schema = slot.schema
    if (schema === null) return fill(slot, null, this.#maps.rewrite(requireMap(value, PURPOSE), record))
    const members = requireStruct(schema, value, PURPOSE)
    const replaced = this.#bySchema.get(schema)
    return fill(slot, replaced.schema, replaced.make(members, record))
  }

  #keeps(name: string): boolean {
    return !this.#exclude.has(name) && (this.#include.size === 0 || this.#include.has(name))
  }
  #renamed(name: string): string {
    return this.#renames.get(name) ?? name
  }

  #replace(schema: Schema): Replaced {
    const builder = copyBasics(schema)
    for (const field of schema.fields) {
      if (this.#keeps(field.name)) builder.field(this.#renamed(field.name), field.schema)
    }
    const result = builder.build()
    return { schema: result, make: compileParts(result.fields.map((field) => this.#part(schema, field.name))) }
  }

  /** The reference finds a field's source by its new name: one that only happens to be called so has none. */
  #part(schema: Schema, name: string): Part {
    const source = [...this.#renames].findLast(([, to]) => to === name)?.[0] ?? name
    const field = schema.fields.find((one) => one.name === source)
    if (field !== undefined) return fieldPart(field, this.#replaceNull, name)
    const change = (): never => {
      throw new DataException(`${source} is not a valid field name`)
    }
    return { name, source: null, otherwise: null, change }
  }
}
