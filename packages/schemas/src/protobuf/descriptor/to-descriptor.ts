// From what a file says to its serialized descriptor: what the registry gives to clients who ask for `format=serialized`.
// It is the one that the reference makes, byte by byte: types go by the names that the text has for them, groups, weak imports
// and options that others than Protobuf and Confluent define are left out.
import { byOneof } from '../group.ts'
import type {
  ProtoEnum,
  ProtoExtend,
  ProtoField,
  ProtoFile,
  ProtoMessage,
  ProtoOption,
  ProtoRange,
  ProtoReserved,
  ProtoService,
} from '../model.ts'
import { PROTO_SCALARS } from '../model.ts'
import type { ProtoNames } from '../names.ts'
import { joinName } from '../scope.ts'
import { type Descriptor, type DescriptorValue, writeFileDescriptor } from './codec.ts'
import { optionsTo } from './options-to.ts'

/** What `max` stands for: to the reference in enumerations too. */
const MAX_FIELD_NUMBER = 536870911

/**
 * Writes a serialized `FileDescriptorProto`.
 * @param isKnown tells which imported files are there; others are left out
 * @throws {SchemaParseException} when an option has a value that is none of its own
 */
export function descriptorOf(file: ProtoFile, names: ProtoNames, isKnown: (path: string) => boolean): Buffer {
  return writeFileDescriptor(new Describer(file, names).file(isKnown))
}

class Describer {
  readonly #file: ProtoFile
  readonly #names: ProtoNames

  constructor(file: ProtoFile, names: ProtoNames) {
    this.#file = file
    this.#names = names
  }

  file(isKnown: (path: string) => boolean): Descriptor {
    const { packageName, imports, types, services, extensions, options, syntax, syntaxDeclared, edition } = this.#file
    const known = imports.filter(({ path }) => isKnown(path))
    const plain = known.filter(({ kind }) => kind === 'plain').map(({ path }) => path)
    const publics = known.filter(({ kind }) => kind === 'public').map(({ path }) => path)
    const dependency = [...new Set([...plain, ...publics])]
    return set({
      name: 'default',
      package: packageName === '' ? undefined : packageName,
      dependency,
      public_dependency: publics.map((path) => dependency.indexOf(path)),
      message_type: types.flatMap((type) =>
        type.kind === 'message' && !type.group ? [this.#message(type, joinName(packageName, type.name))] : [],
      ),
      enum_type: types.flatMap((type) => (type.kind === 'enum' ? [enumTo(type)] : [])),
      service: services.map(serviceTo),
      extension: this.#extensions(extensions, packageName),
      options: optionsTo('file', options),
      syntax: edition !== null ? 'editions' : syntaxDeclared ? syntax : undefined,
      edition: edition === null ? undefined : `EDITION_${edition}`,
    })
  }

  /** Members of `oneof`s come before other fields, messages that stand behind maps after those that are declared. */
  #message(message: ProtoMessage, scope: string): Descriptor {
    const fields: Descriptor[] = []
    const oneofs: Descriptor[] = []
    const entries: Descriptor[] = []
    const own = message.fields.filter(({ group }) => !group)
    const members = byOneof(own)
    for (const { name, options } of message.oneofs) {
      const index = oneofs.push({ name, options: optionsTo('oneof', options) ?? {} }) - 1
      for (const field of members.get(name) ?? []) {
        fields.push(this.#field(field, field.type, scope, { label: 'LABEL_OPTIONAL', oneof_index: index }))
      }
    }
    for (const field of members.get(null) ?? []) {
      if (field.mapKey !== null) {
        const name = mapEntryName(field.name)
        entries.push(this.#mapEntry(name, field, scope))
        fields.push(this.#field(field, name, scope, { label: 'LABEL_REPEATED' }))
      } else if (field.label === 'optional' && this.#file.syntax === 'proto3') {
        const index = oneofs.push({ name: `_${field.name}`, options: {} }) - 1
        const more = { label: 'LABEL_OPTIONAL', oneof_index: index, proto3_optional: true }
        fields.push(this.#field(field, field.type, scope, more))
      } else fields.push(this.#field(field, field.type, scope, { label: labelOf(field) }))
    }
    return set({
      name: message.name,
      field: fields,
      extension: this.#extensions(message.extensions, scope),
      nested_type: [
        ...message.types.flatMap((type) =>
          type.kind === 'message' && !type.group ? [this.#message(type, joinName(scope, type.name))] : [],
        ),
        ...entries,
      ],
      enum_type: message.types.flatMap((type) => (type.kind === 'enum' ? [enumTo(type)] : [])),
      extension_range: message.extensionRanges.flatMap(({ ranges, options }) =>
        ranges.map((range) => ({ ...rangeTo(range, MAX_FIELD_NUMBER, 1), options: optionsTo('range', options) ?? {} })),
      ),
      options: optionsTo('message', message.options),
      oneof_decl: oneofs,
      ...reservedTo(message.reserved, MAX_FIELD_NUMBER, 1),
    })
  }
  #mapEntry(name: string, field: ProtoField, scope: string): Descriptor {
    return {
      name,
      field: [
        set({ name: 'key', number: 1, ...this.#type(field.mapKey as string, scope) }),
        set({ name: 'value', number: 2, ...this.#type(field.type, scope) }),
      ],
      options: { map_entry: true },
    }
  }
  #field(field: ProtoField, type: string, scope: string, more: Descriptor): Descriptor {
    return set({
      name: field.name,
      number: field.number,
      ...this.#type(type, scope),
      default_value: special(field.options, 'default'),
      json_name: special(field.options, 'json_name'),
      options: optionsTo('field', field.options),
      ...more,
    })
  }
  /** What a name that cannot be found stands for is left open. */
  #type(type: string, scope: string): Descriptor {
    if (PROTO_SCALARS.has(type)) return { type: `TYPE_${type.toUpperCase()}` }
    const found = this.#names.type(type, scope)
    const kind = found?.declared.kind === 'enum' ? 'TYPE_ENUM' : 'TYPE_MESSAGE'
    return { type: found === undefined ? undefined : kind, type_name: type }
  }
  #extensions(extensions: readonly ProtoExtend[], scope: string): readonly Descriptor[] {
    return extensions.flatMap(({ name, fields }) =>
      fields
        .filter(({ group }) => !group)
        .map((field) => this.#field(field, field.type, scope, { label: labelOf(field), extendee: name })),
    )
  }
}

function labelOf({ label }: ProtoField): string | undefined {
  return label === null ? undefined : `LABEL_${label.toUpperCase()}`
}

/** `some_map` becomes `SomeMapEntry`; a name without underscores stays as it is. */
function mapEntryName(name: string): string {
  const words = name.includes('_')
    ? name.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    : [name]
  return `${words.join('')}Entry`
}

function special(options: readonly ProtoOption[], name: string): string | undefined {
  const value = options.find((option) => option.name === name)?.value
  return value === undefined || value.kind === 'list' || value.kind === 'message' ? undefined : value.text
}

function enumTo(declared: ProtoEnum): Descriptor {
  return set({
    name: declared.name,
    value: declared.values.map(({ name, number, options }) =>
      set({ name, number, options: optionsTo('enumValue', options) }),
    ),
    options: optionsTo('enum', declared.options),
    ...reservedTo(declared.reserved, MAX_FIELD_NUMBER, 0),
  })
}

function serviceTo({ name, methods, options }: ProtoService): Descriptor {
  return set({
    name,
    method: methods.map((method) =>
      set({
        name: method.name,
        input_type: method.request,
        output_type: method.response,
        options: optionsTo('method', method.options),
        client_streaming: method.requestStreams,
        server_streaming: method.responseStreams,
      }),
    ),
    options: optionsTo('service', options),
  })
}

function reservedTo(statements: readonly ProtoReserved[], max: number, past: 0 | 1): Descriptor {
  const items = statements.flat()
  return {
    reserved_range: items.flatMap((item) => (typeof item === 'string' ? [] : [rangeTo(item, max, past)])),
    reserved_name: items.filter((item) => typeof item === 'string'),
  }
}

/** Ranges of messages end before their `end`, those of enumerations with it. */
function rangeTo(range: number | ProtoRange, max: number, past: 0 | 1): Descriptor {
  const [first, last] = typeof range === 'number' ? [range, range] : [range.first, range.last ?? max]
  return { start: first, end: last + past }
}

/** Without what is not set. */
function set(values: Record<string, DescriptorValue | readonly DescriptorValue[] | undefined>): Descriptor {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
