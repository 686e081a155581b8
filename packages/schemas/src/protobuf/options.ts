// Options of .proto files: reading them, and finding one.
// Source: https://protobuf.com/docs/language-spec#options
import { groupBy } from './group.ts'
import type { ProtoOption, ProtoOptionValue } from './model.ts'
import type { ProtoReader } from './reader.ts'

type Entry = readonly [name: string, value: ProtoOptionValue]

/** Reads `NAME = VALUE`. */
export function readOption(reader: ProtoReader): ProtoOption {
  const name = readOptionName(reader)
  reader.require('=')
  return { name, value: readValue(reader) }
}

/** Reads `[NAME = VALUE, ...]` if it comes next. */
export function readBracketedOptions(reader: ProtoReader): readonly ProtoOption[] {
  const options: ProtoOption[] = []
  if (!reader.take('[')) return options
  do {
    options.push(readOption(reader))
  } while (reader.take(','))
  reader.require(']')
  return options
}

function readOptionName(reader: ProtoReader): string {
  let name = ''
  do {
    if (name !== '') name += '.'
    if (reader.take('(')) {
      name += `(${reader.fullName()})`
      reader.require(')')
    } else {
      name += reader.identifier()
    }
  } while (reader.take('.'))
  return name
}

function readValue(reader: ProtoReader): ProtoOptionValue {
  switch (reader.next) {
    case '{':
      return readMessage(reader, '}')
    case '[':
      return reader.nested(() => readList(reader))
    case '"':
    case "'":
      return { kind: 'string', text: reader.string() }
    default: {
      const number = reader.number()
      return number === null ? { kind: 'name', text: reader.fullName(false) } : { kind: 'number', text: number }
    }
  }
}

function readList(reader: ProtoReader): ProtoOptionValue {
  const items: ProtoOptionValue[] = []
  reader.require('[')
  while (!reader.take(']')) {
    items.push(reader.next === '<' ? readMessage(reader, '>') : readValue(reader))
    if (!reader.take(',') && reader.next !== ']') throw reader.wrong("',' or ']' is expected")
  }
  return { kind: 'list', items }
}

/** The fields of a message between braces or angle brackets. */
function readMessage(reader: ProtoReader, end: '}' | '>'): ProtoOptionValue {
  return reader.nested(() => {
    const fields: Entry[] = []
    reader.take(reader.next)
    while (!reader.take(end)) {
      const name = readFieldName(reader)
      const colon = reader.take(':')
      if (reader.next === '<') fields.push([name, readMessage(reader, '>')])
      else if (colon || reader.next === '{') fields.push([name, readValue(reader)])
      else throw reader.wrong("':' is expected")
      if (!reader.take(',')) reader.take(';')
    }
    return { kind: 'message', fields: [...valuesByName(fields)].map(([name, values]) => [name, oneOf(values)]) }
  })
}

/** A field's name, or `[NAME]` of an extension, or `[HOST/NAME]` of what an `Any` holds. */
function readFieldName(reader: ProtoReader): string {
  if (!reader.take('[')) return reader.fullName(false)
  let name = reader.fullName()
  if (reader.take('/')) name += `/${reader.fullName(false)}`
  reader.require(']')
  return `[${name}]`
}

function oneOf(values: readonly ProtoOptionValue[]): ProtoOptionValue {
  const [only, ...more] = values
  return only !== undefined && more.length === 0 ? only : { kind: 'list', items: values.flatMap(itemsOf) }
}

/** All values of a name, by name. */
export function valuesByName(entries: Iterable<Entry>): ReadonlyMap<string, readonly ProtoOptionValue[]> {
  const groups = groupBy(entries, ([name]) => name)
  return new Map([...groups].map(([name, group]) => [name, group.map(([, value]) => value)]))
}

/** What values that set one message, one after the other, say by its fields: a value that is no message discards those before it. */
export function fieldsSet(values: readonly ProtoOptionValue[]): ReadonlyMap<string, readonly ProtoOptionValue[]> {
  const first = values.findLastIndex(({ kind }) => kind !== 'message') + 1
  return valuesByName(values.slice(first).flatMap((value) => (value.kind === 'message' ? value.fields : [])))
}

/** The items of several values, each once. */
export function joined(values: readonly ProtoOptionValue[]): ProtoOptionValue {
  const items = new Map(values.flatMap(itemsOf).map((item) => [JSON.stringify(item), item]))
  return { kind: 'list', items: [...items.values()] }
}

/** The items of a list, or the one value. */
export function itemsOf(value: ProtoOptionValue): readonly ProtoOptionValue[] {
  return value.kind === 'list' ? value.items : [value]
}

/** The value of an option; the last one when there are several. */
export function optionValue(options: readonly ProtoOption[], name: string): ProtoOptionValue | undefined {
  return options.findLast((option) => option.name === name)?.value
}

/** The text of an option that is a text, a name or a number. */
export function optionText(options: readonly ProtoOption[], name: string): string | undefined {
  const value = optionValue(options, name)
  return value === undefined || value.kind === 'list' || value.kind === 'message' ? undefined : value.text
}
