// From a file and those it imports to messages whose fields know what they hold.
import { type ReferencedTexts, SchemaParseException } from '../language.ts'
import { checkEnum, checkMessage } from './check.ts'
import { type FieldSurroundings, isDelimited, isPacked, isRequired, tracksPresence } from './features.ts'
import {
  type LinkedEnum,
  type LinkedField,
  type LinkedFile,
  type LinkedMessage,
  type LinkedType,
  PROTO_SCALARS,
  type ProtoEnum,
  type ProtoField,
  type ProtoFile,
  type ProtoMessage,
  type ProtoOption,
  type ProtoScalar,
  type ProtoType,
} from './model.ts'
import { mapEntryFields } from './names.ts'
import { optionText } from './options.ts'
import { joinName, resolveName } from './scope.ts'
import { readProto } from './text.ts'
import { wellKnownFile } from './well-known/index.ts'

type Linked = LinkedMessage | LinkedEnum

/** A message while it is linked. */
interface OpenMessage extends LinkedMessage {
  readonly messages: LinkedMessage[]
  readonly enums: LinkedEnum[]
  readonly fields: LinkedField[]
}

/** A file with what it declares and what it sees. */
interface Unit {
  readonly file: ProtoFile
  readonly messages: OpenMessage[]
  readonly enums: LinkedEnum[]
  /** Messages at all depths, with the options around them, innermost first. */
  readonly all: { readonly message: OpenMessage; readonly around: FieldSurroundings }[]
  readonly declared: Map<string, Linked>
  /** What those see who import it: its own types, and those of its public imports. */
  readonly exported: Map<string, Linked>
}

/**
 * Resolves the names of types.
 * @param references texts of imported files, by the paths they are imported with; well-known files need none
 * @throws {SchemaParseException} when an import or a type is missing, or when numbers or names are used twice
 */
export function linkProto(file: ProtoFile, references: ReferencedTexts = new Map()): LinkedFile {
  const linker = new Linker(references)
  const { messages, enums } = linker.link(file, '')
  return { file, messages, enums, byName: linker.byName }
}

class Linker {
  readonly byName = new Map<string, Linked>()
  readonly #references: ReferencedTexts
  /** Units by path; null while one is being linked. */
  readonly #units = new Map<string, Unit | null>()

  constructor(references: ReferencedTexts) {
    this.#references = references
  }

  link(file: ProtoFile, path: string): Unit {
    this.#units.set(path, null)
    const unit: Unit = { file, messages: [], enums: [], all: [], declared: new Map(), exported: new Map() }
    const visible = new Map<string, Linked>()
    for (const { path: imported, kind } of file.imports) {
      const other = this.#import(imported, kind === 'weak')
      if (other === undefined) continue
      for (const [name, type] of other.exported) {
        visible.set(name, type)
        if (kind === 'public') unit.exported.set(name, type)
      }
    }
    this.#declare(unit, file.types, null, [file.options])
    for (const [name, type] of unit.declared) {
      const other = this.byName.get(name)
      if (other !== undefined) throw wrong(`${name} is declared twice`)
      this.byName.set(name, type)
      visible.set(name, type)
      unit.exported.set(name, type)
    }
    for (const { message, around } of unit.all) {
      for (const field of message.declared.fields) message.fields.push(linkField(field, message, around, visible))
    }
    this.#units.set(path, unit)
    return unit
  }

  #import(path: string, weak: boolean): Unit | undefined {
    const known = this.#units.get(path)
    if (known === null) throw wrong(`${path} imports itself`)
    if (known !== undefined) return known
    const text = this.#references.get(path)
    const file = text === undefined ? wellKnownFile(path) : readProto(text)
    if (file !== undefined) return this.link(file, path)
    if (weak) return undefined
    throw wrong(`the imported file ${path} is not among the references`)
  }

  #declare(
    unit: Unit,
    types: readonly ProtoType[],
    parent: OpenMessage | null,
    options: readonly (readonly ProtoOption[])[],
  ): void {
    const owner = parent ?? unit
    let index = 0
    for (const type of types) {
      const fullName = joinName(parent?.fullName ?? unit.file.packageName, type.name)
      const linked =
        type.kind === 'enum'
          ? openEnum(type, fullName, unit.file)
          : openMessage(type, fullName, unit.file, parent, index++)
      if (unit.declared.has(fullName)) throw wrong(`${fullName} is declared twice`)
      unit.declared.set(fullName, linked)
      if (linked.kind === 'enum') {
        owner.enums.push(linked)
        continue
      }
      if (!isMapEntry(linked.declared)) owner.messages.push(linked)
      const inner = [linked.declared.options, ...options]
      unit.all.push({ message: linked, around: { syntax: unit.file.syntax, options: inner } })
      this.#declare(unit, linked.declared.types, linked, inner)
    }
  }
}

function openEnum(declared: ProtoEnum, fullName: string, { syntax }: ProtoFile): LinkedEnum {
  checkEnum(declared, fullName, syntax)
  return { kind: 'enum', fullName, declared }
}

function openMessage(
  declared: ProtoMessage,
  fullName: string,
  { syntax }: ProtoFile,
  parent: OpenMessage | null,
  index: number,
): OpenMessage {
  checkMessage(declared, fullName)
  return {
    kind: 'message',
    fullName,
    declared,
    syntax,
    indexes: [...(parent?.indexes ?? []), index],
    parent,
    messages: [],
    enums: [],
    fields: [],
  }
}

/** True for a message that stands behind a map: files that were made from descriptors write maps so. */
export function isMapEntry(message: ProtoMessage): boolean {
  return optionText(message.options, 'map_entry') === 'true'
}

function linkField(
  declared: ProtoField,
  message: LinkedMessage,
  around: FieldSurroundings,
  visible: ReadonlyMap<string, Linked>,
): LinkedField {
  const typeOf = (name: string): LinkedType => {
    if (PROTO_SCALARS.has(name)) return { kind: 'scalar', scalar: name as ProtoScalar }
    const type = resolveName(name, message.fullName, (fullName) => visible.get(fullName))?.found
    if (type === undefined) {
      throw wrong(`the type ${name} of ${message.fullName}.${declared.name} is not declared, nor is it imported`)
    }
    return type.kind === 'enum'
      ? { kind: 'enum', type }
      : { kind: 'message', type, group: isDelimited(declared, around) }
  }
  let type = typeOf(declared.type)
  let { mapKey } = declared
  if (type.kind === 'message' && isMapEntry(type.type.declared)) {
    const entry = mapEntryFields(type.type.declared)
    if (entry === null) throw wrong(`${type.type.fullName} lacks its value or a key that maps may have`)
    mapKey = entry.key.type as ProtoScalar
    type = typeOf(entry.value.type)
  }
  const repeated = mapKey === null && declared.label === 'repeated'
  const singular = mapKey === null && !repeated
  return {
    declared,
    name: declared.name,
    number: declared.number,
    jsonName: optionText(declared.options, 'json_name') ?? jsonNameOf(declared.name),
    repeated,
    required: singular && isRequired(declared, around),
    hasPresence: singular && (type.kind === 'message' || tracksPresence(declared, around)),
    packed: repeated && isPackable(type) && isPacked(declared, around),
    type,
    mapKey,
    oneof: declared.oneof,
  }
}

function isPackable(type: LinkedType): boolean {
  return type.kind === 'enum' || (type.kind === 'scalar' && type.scalar !== 'string' && type.scalar !== 'bytes')
}

/** The lower camel case of a name, as protoc makes it: what follows an underscore is a capital. */
export function jsonNameOf(name: string): string {
  return name.replace(/_+(.?)/g, (_, next: string) => next.replace(/[a-z]/, (letter) => letter.toUpperCase()))
}

function wrong(why: string): SchemaParseException {
  return new SchemaParseException(`The schema is not valid Protobuf: ${why}`)
}
