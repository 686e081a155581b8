// Nested maps without a schema made flat. The names of the members, nested ones too, are mostly those of the record before:
// then the values are collected along known names, and a literal is made of them.
import { DataException, Decimal, javaClassOf } from '@millrace/api'
import { compile, define } from './parts.ts'
import { isMap, type Members, requireMap } from './requirements.ts'

/** More forms than this are not compiled. */
const FORMS = 32
const PURPOSE = 'flattening'

/** One level of a form: its names, and the level below where a member is a map. */
interface Level {
  readonly names: readonly string[]
  readonly below: readonly (Level | null)[]
}
/** What maps of one form become. */
interface Form {
  readonly level: Level
  readonly make: (values: readonly unknown[]) => Record<string, unknown>
  readonly values: unknown[]
}

/** Flattens maps. */
export class FlatMaps {
  readonly #delimiter: string
  #forms: Form[] = []
  #at = 0

  constructor(delimiter: string) {
    this.#delimiter = delimiter
  }

  /** @throws DataException for a value that is not of the data model */
  flatten(map: Members): Record<string, unknown> {
    for (let which = 0; which < this.#forms.length; which++) {
      const form = this.#forms[which] as Form
      this.#at = 0
      if (!this.#collect(map, form.level, form.values)) continue
      if (which > 0) this.#forms = [form, ...this.#forms.filter((one) => one !== form)]
      return form.make(form.values)
    }
    return this.#otherForm(map)
  }

  #collect(map: Members, level: Level, values: unknown[]): boolean {
    const { names, below } = level
    let index = 0
    for (const name in map) {
      if (name !== names[index]) return false
      const value = map[name]
      const next = below[index] as Level | null
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        if (Object.getPrototypeOf(value) === Object.prototype) {
          if (next === null || !this.#collect(value as Members, next, values)) return false
        } else {
          // Bytes pass; maps that are no plain objects and what is not of the data model go the long way.
          if (next !== null || !(value instanceof Uint8Array)) return false
          values[this.#at++] = value
        }
      } else {
        if (next !== null) return false
        values[this.#at++] = value
      }
      index++
    }
    return index === names.length
  }

  #otherForm(map: Members): Record<string, unknown> {
    const entries: [string, unknown][] = []
    const level = this.#walk(map, '', entries)
    const names = entries.map(([name]) => name)
    if (this.#forms.length < FORMS && new Set(names).size === names.length && !names.includes('__proto__')) {
      const members = names.map((name, at) => `${JSON.stringify(name)}:v[${at}]`)
      const form = { level, make: compile<Form['make']>(`v=>({${members.join()}})`, []), values: names.map(() => null) }
      this.#forms = [form, ...this.#forms]
    }
    const result: Record<string, unknown> = {}
    for (const [name, value] of entries) define(result, name, value)
    return result
  }

  #walk(map: Members, prefix: string, entries: [string, unknown][]): Level {
    const names = Object.keys(map)
    const below = names.map((name) => {
      const path = prefix === '' ? name : prefix + this.#delimiter + name
      const value = map[name]
      if (isMap(value)) return this.#walk(requireMap(value, PURPOSE), path, entries)
      if (value instanceof Date || value instanceof Decimal) {
        throw new DataException(
          `Flatten transformation was passed a value of type class ${javaClassOf(value)} which is not supported by Connect's data API (for field ${path})`,
        )
      }
      entries.push([path, value])
      return null
    })
    return { names, below }
  }
}
