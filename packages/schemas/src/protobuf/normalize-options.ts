// Options in the normal form: sorted, their names in full, and those that set parts of one message joined.
import { groupBy } from './group.ts'
import type { ProtoField, ProtoMessage, ProtoOption, ProtoOptionValue } from './model.ts'
import type { ProtoNames } from './names.ts'
import { normalNumber } from './numbers.ts'
import { fieldsSet, joined } from './options.ts'

type Value = ProtoOptionValue

/** A message's field, with the name of what is around its declaration. */
interface KnownField {
  readonly field: ProtoField
  readonly scope: string
}

/** With the name that it is sorted by. */
interface QualifiedOption extends ProtoOption {
  readonly key: string
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
    const byKey = groupBy(named, ({ key }) => key)
    return [...byKey.values()]
      .flatMap((group) => this.#once(group))
      .map(({ name, value }) => ({ name, value: this.#value(name, value, scope, fieldType) }))
  }

  /** Several settings of one extension as one, unless it is repeated or not known. */
  #once(group: readonly QualifiedOption[]): readonly QualifiedOption[] {
    const last = group.at(-1)
    const root = last === undefined ? undefined : this.#names.extension(`.${last.key}`, '')?.found
    if (last === undefined || root === undefined || root.field.label === 'repeated') return group
    const values = group.map(({ value }) => value)
    return [{ ...last, value: values.length === 1 ? last.value : this.#merged(root, values) }]
  }

  /** With the full name of an extension, and `(NAME).a.b = VALUE` as `(NAME) = { a { b: VALUE } }`. */
  #qualified({ name, value }: ProtoOption, scope: string): QualifiedOption {
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

  /** Several settings of one field as one. */
  #merged(field: KnownField, values: readonly Value[]): Value {
    const last = values.at(-1) as Value
    // What is no message is set anew.
    if (last.kind !== 'message') return last
    const container = this.#messageOf(field)
    const known = new Map(container?.message.fields.map((one) => [one.name, { field: one, scope: container.scope }]))
    const fields = [...fieldsSet(values)].map(([name, all]): readonly [string, Value] => {
      return [name, all.length === 1 ? (all[0] as Value) : this.#mergedField(known.get(name), all)]
    })
    return { kind: 'message', fields }
  }
  #mergedField(known: KnownField | undefined, values: readonly Value[]): Value {
    if (known === undefined || known.field.label === 'repeated' || known.field.mapKey !== null) return joined(values)
    return this.#messageOf(known) === undefined ? (values.at(-1) as Value) : this.#merged(known, values)
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
