// From a serialized descriptor to what its file says. Types go by their full names, maps by the messages behind them.
import { byOneof, groupBy } from '../group.ts'
import type {
  ProtoEnum,
  ProtoExtend,
  ProtoField,
  ProtoFile,
  ProtoImport,
  ProtoMessage,
  ProtoOption,
  ProtoRange,
  ProtoReserved,
  ProtoService,
  ProtoType,
} from '../model.ts'
import { ProtoReader } from '../reader.ts'
import { type Descriptor, readFileDescriptor } from './codec.ts'
import { optionsFrom } from './options-from.ts'

type Syntax = ProtoFile['syntax']

/** Field numbers end before this one. */
const NO_FIELD_NUMBER = 536870912

/**
 * Reads a serialized `FileDescriptorProto`.
 * @throws Error when the bytes are none
 */
export function fileFromDescriptor(bytes: Buffer): ProtoFile {
  const file = readFileDescriptor(bytes)
  const declared = text(file.syntax)
  const edition = /^EDITION_(\d+)$/.exec(text(file.edition))?.[1] ?? null
  const syntax: Syntax = declared === 'editions' ? 'editions' : declared === 'proto3' ? 'proto3' : 'proto2'
  return {
    syntax,
    syntaxDeclared: declared === 'proto2' || declared === 'proto3',
    edition: syntax === 'editions' ? edition : null,
    packageName: text(file.package),
    imports: importsFrom(file),
    options: optionsFrom('file', file.options),
    types: [...list(file.message_type).map((one) => messageFrom(one, syntax)), ...list(file.enum_type).map(enumFrom)],
    extensions: extensionsFrom(list(file.extension), syntax),
    services: list(file.service).map(serviceFrom),
  }
}

function importsFrom(file: Descriptor): readonly ProtoImport[] {
  const paths = (file.dependency ?? []) as readonly string[]
  const named = (numbers: unknown) => new Set((numbers ?? []) as readonly number[])
  const [publics, weaks] = [named(file.public_dependency), named(file.weak_dependency)]
  return paths.map((path, at) => ({ path, kind: publics.has(at) ? 'public' : weaks.has(at) ? 'weak' : 'plain' }))
}

function messageFrom(message: Descriptor, syntax: Syntax, group = false): ProtoMessage {
  const oneofs = list(message.oneof_decl)
  const fields = list(message.field).map((field) => {
    const index = field.proto3_optional === true ? undefined : (field.oneof_index as number | undefined)
    return fieldFrom(field, syntax, index === undefined ? null : text(oneofs[index]?.name))
  })
  const groups = new Set(fields.filter((field) => field.group).map(({ type }) => type))
  const members = byOneof(fields)
  const types: ProtoType[] = [
    ...list(message.nested_type).map((one) => messageFrom(one, syntax, groups.has(text(one.name)))),
    ...list(message.enum_type).map(enumFrom),
  ]
  return {
    kind: 'message',
    name: text(message.name),
    fields,
    oneofs: oneofs
      .map((one) => ({ name: text(one.name), options: optionsFrom('oneof', one.options) }))
      .filter(({ name }) => members.has(name)),
    types,
    options: optionsFrom('message', message.options),
    reserved: reservedFrom(message, 1),
    extensionRanges: list(message.extension_range).map((range) => ({
      ranges: [rangeFrom(range, 1)],
      options: optionsFrom('range', range.options),
    })),
    extensions: extensionsFrom(list(message.extension), syntax),
    group,
  }
}

function fieldFrom(field: Descriptor, syntax: Syntax, oneof: string | null): ProtoField {
  const kind = text(field.type).replace('TYPE_', '').toLowerCase()
  const named = text(field.type_name)
  const group = kind === 'group'
  const type = group ? named.slice(named.lastIndexOf('.') + 1) : named === '' ? kind || 'double' : named
  return {
    name: text(field.name),
    number: (field.number ?? 0) as number,
    label: oneof === null ? labelFrom(field, syntax) : null,
    type,
    mapKey: null,
    oneof,
    group,
    options: [...optionsFrom('field', field.options), ...specialFrom(field, syntax, type)],
  }
}

function labelFrom(field: Descriptor, syntax: Syntax): ProtoField['label'] {
  if (field.proto3_optional === true) return 'optional'
  if (field.label === 'LABEL_REPEATED') return 'repeated'
  if (syntax !== 'proto2') return null
  return field.label === 'LABEL_REQUIRED' ? 'required' : 'optional'
}

function specialFrom(field: Descriptor, syntax: Syntax, type: string): readonly ProtoOption[] {
  const options: ProtoOption[] = []
  const { default_value: value, json_name: jsonName } = field
  if (value !== undefined && syntax !== 'proto3') {
    const written = type === 'bytes' ? new ProtoReader(`"${text(value)}"`).string() : text(value)
    const kind = type === 'string' || type === 'bytes' ? 'string' : 'name'
    options.push({ name: 'default', value: { kind, text: written } })
  }
  if (jsonName !== undefined) options.push({ name: 'json_name', value: { kind: 'string', text: text(jsonName) } })
  return options
}

function enumFrom(declared: Descriptor): ProtoEnum {
  return {
    kind: 'enum',
    name: text(declared.name),
    values: list(declared.value).map((one) => ({
      name: text(one.name),
      number: (one.number ?? 0) as number,
      options: optionsFrom('enumValue', one.options),
    })),
    options: optionsFrom('enum', declared.options),
    reserved: reservedFrom(declared, 0),
  }
}

/** Ranges of messages end before their `end`, those of enumerations with it. */
function reservedFrom(declared: Descriptor, past: 0 | 1): readonly ProtoReserved[] {
  const names = (declared.reserved_name ?? []) as readonly string[]
  return [...list(declared.reserved_range).map((range) => [rangeFrom(range, past)]), ...names.map((name) => [name])]
}

function rangeFrom(range: Descriptor, past: 0 | 1): number | ProtoRange {
  const first = (range.start ?? 0) as number
  const last = ((range.end ?? 0) as number) - past
  return first === last ? first : { first, last: last >= NO_FIELD_NUMBER - 1 ? null : last }
}

/** One `extend` for each message that is extended. */
function extensionsFrom(fields: readonly Descriptor[], syntax: Syntax): readonly ProtoExtend[] {
  return [...groupBy(fields, ({ extendee }) => text(extendee))].map(([name, extended]) => ({
    name,
    fields: extended.map((field) => fieldFrom(field, syntax, null)),
  }))
}

function serviceFrom(service: Descriptor): ProtoService {
  return {
    name: text(service.name),
    options: optionsFrom('service', service.options),
    methods: list(service.method).map((method) => ({
      name: text(method.name),
      request: text(method.input_type),
      response: text(method.output_type),
      requestStreams: method.client_streaming === true,
      responseStreams: method.server_streaming === true,
      options: optionsFrom('method', method.options),
    })),
  }
}

function list(value: Descriptor[string]): readonly Descriptor[] {
  return (value ?? []) as readonly Descriptor[]
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
