// Options of files as options of descriptors: those that the reference keeps, as it puts them together.
import { SchemaParseException } from '../../language.ts'
import type { LinkedMessage, LinkedType, ProtoOption, ProtoOptionValue } from '../model.ts'
import { fieldsSet, itemsOf, joined, valuesByName } from '../options.ts'
import { DESCRIPTOR_META, type Descriptor, type DescriptorValue, descriptorMessage } from './codec.ts'
import { OPTION_KINDS } from './options-from.ts'

type Value = ProtoOptionValue

/** Options that may be given more than once, each giving one value. */
const REPEATED: ReadonlySet<string> = new Set(['targets', 'edition_defaults', 'declaration'])

/**
 * The options of one declaration; undefined when it has none.
 * @throws {SchemaParseException} for a name that is none of its option's
 */
export function optionsTo(kind: keyof typeof OPTION_KINDS, options: readonly ProtoOption[]): Descriptor | undefined {
  if (options.length === 0) return undefined
  const { message, meta, names } = OPTION_KINDS[kind]
  const type = descriptorMessage(message)
  const merged = mergedOptions(options)
  const values: Record<string, DescriptorValue | readonly DescriptorValue[]> = {}
  for (const name of names) {
    const all = REPEATED.has(name) ? options.filter((one) => one.name === name).map(({ value }) => value) : []
    const value = merged.get(name)
    const to = (one: Value) => valueTo(name, type.fields.find((field) => field.name === name)?.type, one)
    if (all.length > 0) values[name] = all.map(to)
    else if (value !== undefined && (name !== 'verification' || isVerification(value))) values[name] = to(value)
  }
  const about = meta === null ? undefined : merged.get(meta)
  const made = about === undefined ? undefined : metaTo(about)
  if (made !== undefined) values[DESCRIPTOR_META] = made
  return Object.keys(values).length === 0 ? undefined : values
}

/** Ranges may have been verified in ways that are not known. */
function isVerification(value: Value): boolean {
  return value.kind === 'name' && ['DECLARATION', 'UNVERIFIED'].includes(value.text)
}

/** By name without brackets; what sets parts of one message is put together. */
function mergedOptions(options: readonly ProtoOption[]): ReadonlyMap<string, Value> {
  const byName = valuesByName(
    options.map(({ name, value }): readonly [string, Value] => {
      const [, extension, rest] = /^\(\.?([^)]*)\)(?:\.(.*))?$/.exec(name) ?? []
      // Editions alone have features that are set one by one.
      const [, feature] = /^features\.(\w+)$/.exec(name) ?? []
      const key = extension ?? (feature === undefined ? name : 'features')
      const path: readonly string[] = [
        ...(rest?.match(/\([^)]*\)|[^.]+/g) ?? []),
        ...(feature === undefined ? [] : [feature]),
      ]
      return [key, path.reduceRight<Value>((inner, part) => ({ kind: 'message', fields: [[part, inner]] }), value)]
    }),
  )
  return new Map([...byName].map(([name, values]) => [name, mergedValue(values)]))
}

function mergedValue(values: readonly Value[]): Value {
  const last = values.at(-1) as Value
  if (last.kind !== 'message' || values.length === 1) return last
  const fields = [...fieldsSet(values)].map(([name, all]): readonly [string, Value] => {
    return [name, all.length === 1 ? (all[0] as Value) : joined(all)]
  })
  return { kind: 'message', fields }
}

function valueTo(name: string, type: LinkedType | undefined, value: Value): DescriptorValue {
  if (type?.kind === 'message') return messageTo(name, type.type, value)
  if (value.kind === 'list' || value.kind === 'message') throw wrong(`the option ${name} is no message`)
  const { text } = value
  if (type?.kind === 'enum') {
    if (type.type.declared.values.some((one) => one.name === text)) return text
    throw wrong(`${text} is no value of the option ${name}`)
  }
  if (type?.scalar === 'bool') return text.toLowerCase() === 'true'
  if (type?.scalar !== 'int32') return text
  if (Number.isInteger(Number(text))) return Number(text)
  throw wrong(`the option ${name} is a whole number`)
}

function messageTo(name: string, type: LinkedMessage, value: Value): Descriptor {
  if (value.kind !== 'message') throw wrong(`the option ${name} is a message`)
  const values: Record<string, DescriptorValue> = {}
  for (const [field, one] of value.fields) {
    const known = type.fields.find((candidate) => candidate.name === field)
    if (known !== undefined) values[field] = enumTo(known.type, one) ?? valueTo(field, known.type, one)
  }
  return values
}

/** Within messages there is a value for names that are not known; editions may go by their numbers alone. */
function enumTo(type: LinkedType, value: Value): string | undefined {
  if (type.kind !== 'enum' || value.kind === 'list' || value.kind === 'message') return undefined
  const { values } = type.type.declared
  const found = values.find(({ name }) => name === value.text || name === `EDITION_${value.text}`)
  return (found ?? values.find(({ number }) => number === 0))?.name
}

function metaTo(meta: Value): Descriptor | undefined {
  if (meta.kind !== 'message') throw wrong('the options of Confluent are messages')
  const fields = new Map(meta.fields)
  const doc = fields.get('doc')
  const params = new Map(
    listOf(fields, 'params').map((entry) => [textIn(entry, 'key') ?? '', textIn(entry, 'value') ?? '']),
  )
  const tags = listOf(fields, 'tags').map(textOf)
  const rules = listOf(fields, 'rules')
    .map((rule) =>
      Object.fromEntries(
        ['name', 'doc', 'expr', 'sql'].flatMap((name) => {
          const text = textIn(rule, name)
          return text === undefined || text === '' ? [] : [[name, text]]
        }),
      ),
    )
    .filter((rule) => Object.keys(rule).length > 0)
  if (doc === undefined && params.size === 0 && tags.length === 0 && rules.length === 0) return undefined
  return {
    ...(doc !== undefined && { doc: textOf(doc) }),
    ...(params.size > 0 && { params: [...params].map(([key, value]) => ({ key, value })) }),
    ...(tags.length > 0 && { tags }),
    ...(rules.length > 0 && { rules }),
  }
}

function listOf(fields: ReadonlyMap<string, Value>, name: string): readonly Value[] {
  const value = fields.get(name)
  return value === undefined ? [] : itemsOf(value)
}

function textIn(value: Value, name: string): string | undefined {
  const found = value.kind === 'message' ? value.fields.find(([field]) => field === name)?.[1] : undefined
  return found === undefined ? undefined : textOf(found)
}

function textOf(value: Value): string {
  return value.kind === 'list' || value.kind === 'message' ? '' : value.text
}

function wrong(why: string): SchemaParseException {
  return new SchemaParseException(`The schema has no descriptor: ${why}`)
}
