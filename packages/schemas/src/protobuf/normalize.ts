// The normal form: what may be written in several ways is written in one. Messages keep their order, for frames count in it.
import { SchemaParseException } from '../language.ts'
import { byOneof } from './group.ts'
import type {
  ProtoEnum,
  ProtoExtend,
  ProtoExtensionRanges,
  ProtoField,
  ProtoFile,
  ProtoMessage,
  ProtoOneof,
  ProtoRange,
  ProtoReserved,
  ProtoScalar,
  ProtoService,
  ProtoType,
} from './model.ts'
import { PROTO_SCALARS } from './model.ts'
import { mapEntryFields, type ProtoNames } from './names.ts'
import { OptionNormalizer } from './normalize-options.ts'
import { joinName } from './scope.ts'

/**
 * The normal form of a file.
 * @throws {SchemaParseException} when a type cannot be found
 */
export function normalizeProto(file: ProtoFile, names: ProtoNames): ProtoFile {
  return new Normalizer(names).file(file)
}

class Normalizer {
  readonly #names: ProtoNames
  readonly #options: OptionNormalizer

  constructor(names: ProtoNames) {
    this.#names = names
    this.#options = new OptionNormalizer(names)
  }

  file(file: ProtoFile): ProtoFile {
    const scope = file.packageName
    const imports = new Map(file.imports.map((one) => [`${one.kind} ${one.path}`, one]))
    return {
      ...file,
      syntaxDeclared: file.syntax === 'proto3',
      imports: [...imports.values()].toSorted((a, b) => compare(a.path, b.path)),
      options: this.#options.all(file.options, scope),
      types: this.#types(file.types, scope),
      extensions: this.#extensions(file.extensions, scope),
      services: file.services.map((service) => this.#service(service, scope)),
    }
  }

  #types(types: readonly ProtoType[], scope: string): readonly ProtoType[] {
    return types
      .filter((type) => mapEntryFields(type) === null)
      .map((type) => {
        const fullName = joinName(scope, type.name)
        return type.kind === 'enum' ? this.#enum(type, fullName) : this.#message(type, fullName)
      })
  }
  #message(message: ProtoMessage, scope: string): ProtoMessage {
    const fields = message.fields.map((field) => this.#field(field, scope))
    const members = byOneof(fields.filter(({ group }) => !group))
    const lowest = ({ name }: ProtoOneof) =>
      (members.get(name) ?? []).reduce((min, { number }) => Math.min(min, number), 0x7fffffff)
    return {
      ...message,
      fields: fields.toSorted((a, b) => a.number - b.number),
      oneofs: message.oneofs
        .filter(({ name }) => members.has(name))
        .map(({ name, options }) => ({ name, options: this.#options.all(options, scope) }))
        .toSorted((a, b) => lowest(a) - lowest(b)),
      types: this.#types(message.types, scope),
      options: this.#options.all(message.options, scope),
      reserved: normalReserved(message.reserved),
      extensionRanges: this.#extensionRanges(message.extensionRanges, scope),
      extensions: this.#extensions(message.extensions, scope),
    }
  }
  #field(field: ProtoField, scope: string): ProtoField {
    // A group's message is declared in place.
    if (field.group) return field
    let { type, mapKey, label } = field
    if (!PROTO_SCALARS.has(type)) {
      const found = this.#names.type(type, scope)
      if (found !== undefined) type = `.${found.fullName}`
      // The reference asks for the types of fields, not for those of the values of maps.
      else if (mapKey === null) throw unresolved(type)
      const entry = found === undefined || mapKey !== null ? null : mapEntryFields(found.declared)
      if (entry !== null) {
        mapKey = entry.key.type as ProtoScalar
        type = entry.value.type
        const value = this.#names.type(type, scope)
        if (value !== undefined && !PROTO_SCALARS.has(type)) type = `.${value.fullName}`
        label = null
      }
    }
    return { ...field, type, mapKey, label, options: this.#options.all(field.options, scope, type) }
  }
  #enum(declared: ProtoEnum, scope: string): ProtoEnum {
    return {
      ...declared,
      values: declared.values
        .map((value) => ({ ...value, options: this.#options.all(value.options, scope) }))
        .toSorted((a, b) => a.number - b.number || compare(a.name, b.name)),
      options: this.#options.all(declared.options, scope),
      reserved: normalReserved(declared.reserved),
    }
  }
  /** One `extend` for each message that is extended. */
  #extensions(extensions: readonly ProtoExtend[], scope: string): readonly ProtoExtend[] {
    const byName = new Map<string, ProtoField[]>()
    for (const { name, fields } of extensions) {
      const kept = fields.filter(({ group }) => !group)
      if (kept.length === 0) continue
      const found = this.#names.type(name, scope)
      if (found === undefined) throw unresolved(name)
      const key = `.${found.fullName}`
      const all = byName.get(key) ?? []
      byName.set(key, all)
      all.push(...kept.map((field) => this.#field(field, scope)))
    }
    return [...byName].map(([name, fields]) => ({ name, fields: fields.toSorted((a, b) => a.number - b.number) }))
  }
  #extensionRanges(ranges: readonly ProtoExtensionRanges[], scope: string): readonly ProtoExtensionRanges[] {
    return ranges
      .flatMap(({ ranges, options }) =>
        ranges.map((range) => ({ ranges: [normalRange(range)], options: this.#options.all(options, scope) })),
      )
      .toSorted((a, b) => firstOf(a.ranges[0] ?? 0) - firstOf(b.ranges[0] ?? 0))
  }
  #service(service: ProtoService, scope: string): ProtoService {
    const typeOf = (name: string) => {
      const found = this.#names.type(name, scope)
      if (found === undefined) throw unresolved(name)
      return `.${found.fullName}`
    }
    return {
      ...service,
      options: this.#options.all(service.options, scope),
      methods: service.methods.map((method) => ({
        ...method,
        request: typeOf(method.request),
        response: typeOf(method.response),
        options: this.#options.all(method.options, scope),
      })),
    }
  }
}

/** One item a statement: numbers in their order, then names. */
function normalReserved(statements: readonly ProtoReserved[]): readonly ProtoReserved[] {
  const items = statements.flat().map((item) => ({ item, first: firstOf(item), text: textOf(item) }))
  items.sort((a, b) => a.first - b.first || compare(a.text, b.text))
  return items.map(({ item }) => [typeof item === 'string' ? item : normalRange(item)])
}

function normalRange(range: number | ProtoRange): number | ProtoRange {
  return typeof range !== 'number' && range.first === range.last ? range.first : range
}

function firstOf(item: string | number | ProtoRange): number {
  if (typeof item === 'string') return 2147483647
  return typeof item === 'number' ? item : item.first
}

/** What ranges with the same first number are sorted by. */
function textOf(item: string | number | ProtoRange): string {
  return typeof item === 'object' ? `${item.first}..${item.last ?? 536870911}` : String(item)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function unresolved(type: string): SchemaParseException {
  return new SchemaParseException(`Could not resolve type: ${type}`)
}
