// Options in the normal form: sorted, their names in full, and those that set parts of one message joined.
import type { ProtoField, ProtoMessage, ProtoOption, ProtoOptionValue } from './model.ts'
import type { ProtoNames } from './names.ts'
import { normalNumber } from './numbers.ts'
import { itemsOf } from './options.ts'

type Value = ProtoOptionValue

/** A message's field, with the name of what is around its declaration. */
interface KnownField {
  readonly field: ProtoField
  readonly scope: string
}

export class OptionNormalizer {
  readonly #names: ProtoNames

  constructor(names: ProtoNames) {
    this.#names = names
  }

  /**
   * The options of one declaration.
   * @param scope full name of what is around it
   * @param fieldType for fields: whether a default is a number hangs on it
   */
  all(options: readonly ProtoOption[], scope: string, fieldType?: string): readonly ProtoOption[] {
    if (options.length === 0) return options
    const named = options.map((option) => this.#qualified(option, scope))
    named.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    const groups = new Map<string, typeof named>()
    for (const one of named) {
      const group = groups.get(one.key)
      if (group === undefined) groups.set(one.key, [one])
      else group.push(one)
    }
    return [...groups.values()].flatMap((group) => {
      const [first, ...more] = group
      const root = first === undefined ? undefined : this.#names.extension(`.${first.key}`, '')?.found
      const merged =
        first === undefined || root === undefined || root.field.label === 'repeated'
          ? group
          : [
              more.reduce(
                (earlier, later) => ({ ...later, value: this.#merged(root, earlier.value, later.value) }),
                first,
              ),
            ]
      return merged.map(({ name, value }) => ({ name, value: this.#value(name, value, scope, fieldType) }))
    })
  }

  /** With the full name of an extension, and `(NAME).a.b = VALUE` as `(NAME) = { a { b: VALUE } }`. */
  #qualified({ name, value }: ProtoOption, scope: string): ProtoOption & { readonly key: string } {
    const match = /^\(([^)]*)\)(?:\.(.*))?$/.exec(name)
    if (match === null) return { name, value, key: name }
    const [, extension = '', rest] = match
    const found = this.#names.extension(extension, scope)
    if (found === undefined) return { name, value, key: extension }
    const path = rest === undefined ? [] : (rest.match(/\([^)]*\)|[^.]+/g) ?? [])
    const nested = path.reduceRight<Value>(
      (inner, part) => ({ kind: 'message', fields: [[part.replace(/^\((.*)\)$/, '$1'), inner]] }),
      value,
    )
    return { name: `(${found.fullName})`, value: nested, key: found.fullName }
  }

  #merged(field: KnownField, earlier: Value, later: Value): Value {
    // What is no message is set anew.
    if (earlier.kind !== 'message' || later.kind !== 'message') return later
    const container = this.#messageOf(field)
    const fields = new Map(earlier.fields)
    for (const [name, value] of later.fields) {
      const before = fields.get(name)
      const nested = container?.message.fields.find((one) => one.name === name)
      const known = nested && container ? { field: nested, scope: container.scope } : undefined
      fields.set(name, before === undefined ? value : this.#mergedField(known, before, value))
    }
    return { kind: 'message', fields: [...fields] }
  }
  #mergedField(known: KnownField | undefined, earlier: Value, later: Value): Value {
    if (known !== undefined && known.field.label !== 'repeated' && known.field.mapKey === null) {
      const both = earlier.kind === 'message' && later.kind === 'message'
      return both && this.#messageOf(known) !== undefined ? this.#merged(known, earlier, later) : later
    }
    const items = new Map([...itemsOf(earlier), ...itemsOf(later)].map((item) => [JSON.stringify(item), item]))
    return { kind: 'list', items: [...items.values()] }
  }
  #messageOf({ field, scope }: KnownField): { readonly message: ProtoMessage; readonly scope: string } | undefined {
    const found = this.#names.type(field.type, scope)
    return found?.declared.kind === 'message' ? { message: found.declared, scope: found.fullName } : undefined
  }

  #value(name: string, value: Value, scope: string, fieldType: string | undefined): Value {
    if (fieldType !== undefined && name === 'default') return normalDefault(value, fieldType)
    // A list that stands by itself keeps its brackets.
    if (value.kind === 'list') return { kind: 'list', items: value.items.map((item) => this.#inner(item, scope)) }
    return this.#inner(value, scope)
  }
  #inner(value: Value, scope: string): Value {
    switch (value.kind) {
      case 'number':
        return { kind: 'number', text: normalNumber(value.text) }
      case 'list': {
        const [only, ...more] = value.items
        if (only !== undefined && more.length === 0) return this.#inner(only, scope)
        return { kind: 'list', items: value.items.map((item) => this.#inner(item, scope)) }
      }
      case 'message': {
        const fields = new Map<string, Value>()
        for (const [name, field] of value.fields) {
          const full = this.#fieldName(name, scope)
          const empty = field.kind === 'list' && field.items.length === 0
          if (!empty && !fields.has(full)) fields.set(full, this.#inner(field, scope))
        }
        return { kind: 'message', fields: [...fields].sort(([a], [b]) => (a < b ? -1 : 1)) }
      }
      default:
        return value
    }
  }
  #fieldName(name: string, scope: string): string {
    if (!name.startsWith('[')) return name
    const found = this.#names.extension(name.slice(1, -1), scope)
    return found === undefined ? name : `[${found.fullName}]`
  }
}

const NUMBERS: ReadonlySet<string> = new Set([
  ...['bytes', 'double', 'float', 'fixed32', 'fixed64', 'int32', 'int64'],
  ...['sfixed32', 'sfixed64', 'sint32', 'sint64', 'uint32', 'uint64'],
])

function normalDefault(value: Value, fieldType: string): Value {
  if (!NUMBERS.has(fieldType) || value.kind === 'list' || value.kind === 'message') return value
  return { ...value, text: normalNumber(value.text) }
}
