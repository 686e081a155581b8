// The text of a .proto file as the registry stores and compares it: without comments, what is alike together, two spaces deep.
import { byOneof } from './group.ts'
import type {
  ProtoEnum,
  ProtoExtend,
  ProtoField,
  ProtoFile,
  ProtoMessage,
  ProtoMethod,
  ProtoOption,
  ProtoRange,
  ProtoReserved,
  ProtoService,
  ProtoType,
} from './model.ts'
import { printOption, printOptionList } from './print-options.ts'

/** What is left out. */
export interface PrintOptions {
  /** Leave out `extend`, `extensions` and options that others than Confluent define. */
  readonly ignoreExtensions?: boolean
}

/** Prints a file. */
export function printProto(file: ProtoFile, options: PrintOptions = {}): string {
  return new Printer(options.ignoreExtensions === true, file.syntax === 'editions').file(file)
}

class Printer {
  readonly #ignoreExtensions: boolean

  /** In editions reserved names stand without quotation marks. */
  readonly #bareNames: boolean

  constructor(ignoreExtensions: boolean, bareNames: boolean) {
    this.#ignoreExtensions = ignoreExtensions
    this.#bareNames = bareNames
  }

  file(file: ProtoFile): string {
    const parts = [
      [
        ...(file.edition === null ? [] : [`edition = "${file.edition}";\n`]),
        ...(file.syntaxDeclared ? [`syntax = "${file.syntax}";\n`] : []),
        ...(file.packageName === '' ? [] : [`package ${file.packageName};\n`]),
      ],
      [
        ...file.imports.flatMap(({ path, kind }) => (kind === 'plain' ? [`import "${path}";\n`] : [])),
        ...file.imports.flatMap(({ path, kind }) => (kind === 'public' ? [`import public "${path}";\n`] : [])),
      ],
      this.#declaredOptions(file.options),
      this.#types(file.types),
      this.#extensions(file.extensions),
      file.services.map((service) => this.#service(service)),
    ]
    const [head = [], ...rest] = parts
    return head.join('') + rest.flatMap((part) => (part.length === 0 ? [] : ['\n', ...part])).join('')
  }

  /** Messages come before enumerations. */
  #types(types: readonly ProtoType[]): readonly string[] {
    const texts: string[] = []
    for (const type of types) if (type.kind === 'message' && !type.group) texts.push(this.#message(type))
    for (const type of types) if (type.kind === 'enum') texts.push(this.#enum(type))
    return texts
  }
  #message(message: ProtoMessage): string {
    const members = byOneof(message.fields)
    const declared = groupsOf(message)
    const oneofs = message.oneofs.map(({ name, options }) => {
      const [fields, groups] = this.#fieldsAndGroups(members.get(name) ?? [], declared)
      return block(`oneof ${name}`, [this.#declaredOptions(options), fields, groups])
    })
    const [fields, groups] = this.#fieldsAndGroups(members.get(null) ?? [], declared)
    return block(`message ${message.name}`, [
      this.#reserved(message.reserved),
      this.#declaredOptions(message.options),
      fields,
      oneofs,
      groups,
      this.#ignoreExtensions
        ? []
        : message.extensionRanges.map(
            ({ ranges, options }) => `extensions ${ranges.map(printRange).join(', ')}${this.#bracketed(options)};\n`,
          ),
      this.#extensions(message.extensions),
      this.#types(message.types),
    ])
  }
  #fieldsAndGroups(fields: readonly ProtoField[], groups: Groups): [string[], string[]] {
    return [
      fields.filter(({ group }) => !group).map((field) => this.#field(field)),
      fields.filter(({ group }) => group).map((field) => this.#group(field, groups.get(field.type))),
    ]
  }
  #field(field: ProtoField): string {
    const label = field.label === null ? '' : `${field.label} `
    const type = field.mapKey === null ? field.type : `map<${field.mapKey}, ${field.type}>`
    return `${label}${type} ${field.name} = ${field.number}${this.#bracketed(field.options, field.type)};\n`
  }
  /** Of what a group declares the reference keeps its fields alone. */
  #group(field: ProtoField, declared: ProtoMessage | undefined): string {
    const label = field.label === null ? '' : `${field.label} `
    const head = `${label}group ${field.type} = ${field.number}`
    return block(head, declared === undefined ? [] : this.#fieldsAndGroups(declared.fields, groupsOf(declared)))
  }
  #enum(declared: ProtoEnum): string {
    return block(`enum ${declared.name}`, [
      [
        ...this.#reserved(declared.reserved),
        ...this.#declaredOptions(declared.options),
        ...declared.values.map(({ name, number, options }) => `${name} = ${number}${this.#bracketed(options)};\n`),
      ],
    ])
  }
  #extensions(extensions: readonly ProtoExtend[]): readonly string[] {
    if (this.#ignoreExtensions) return []
    return extensions.map(({ name, fields }) =>
      block(`extend ${name}`, [fields.filter(({ group }) => !group).map((field) => this.#field(field))]),
    )
  }
  #reserved(statements: readonly ProtoReserved[]): readonly string[] {
    const name = (text: string) => (this.#bareNames && /^[A-Za-z_]\w*$/.test(text) ? text : `"${text}"`)
    return statements.map((items) => {
      const texts = items.map((item) => (typeof item === 'string' ? name(item) : printRange(item)))
      return `reserved ${texts.join(', ')};\n`
    })
  }
  #service({ name, options, methods }: ProtoService): string {
    return block(`service ${name}`, [this.#declaredOptions(options), methods.map((method) => this.#method(method))])
  }
  #method(method: ProtoMethod): string {
    const type = (streams: boolean, name: string) => `(${streams ? 'stream ' : ''}${name})`
    const request = type(method.requestStreams, method.request)
    const response = type(method.responseStreams, method.response)
    const options = this.#declaredOptions(method.options)
    const body = options.length === 0 ? '' : ` {\n${options.map(indented).join('')}}`
    return `rpc ${method.name} ${request} returns ${response}${body};\n`
  }

  #declaredOptions(options: readonly ProtoOption[]): readonly string[] {
    return this.#kept(options).map((option) => `option ${printOption(option)};\n`)
  }
  #bracketed(options: readonly ProtoOption[], fieldType?: string): string {
    const kept = this.#kept(options)
    return kept.length === 0 ? '' : ` ${printOptionList(kept, fieldType)}`
  }
  #kept(options: readonly ProtoOption[]): readonly ProtoOption[] {
    if (!this.#ignoreExtensions) return options
    return options.filter(({ name }) => !name.startsWith('(') || name.startsWith('(confluent.'))
  }
}

/** The messages of a message's groups, by name. */
type Groups = ReadonlyMap<string, ProtoMessage>

function groupsOf({ types }: ProtoMessage): Groups {
  return new Map(types.flatMap((type) => (type.kind === 'message' && type.group ? [[type.name, type] as const] : [])))
}

function printRange(range: number | ProtoRange): string {
  return typeof range === 'number' ? String(range) : `${range.first} to ${range.last ?? 'max'}`
}

/** A head and, in braces, parts that an empty line divides. */
function block(head: string, parts: readonly (readonly string[])[]): string {
  const body = parts.flatMap((part) => (part.length === 0 ? [] : ['\n', ...part.map(indented)]))
  return `${head} {${body.join('')}}\n`
}

/** Every line, empty ones too, two spaces further in; the last one ends. */
function indented(text: string): string {
  const lines = text.endsWith('\n') ? text.slice(0, -1) : text
  return `  ${lines.replaceAll('\n', '\n  ')}\n`
}
