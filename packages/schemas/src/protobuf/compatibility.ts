// Whether a reader's schema can read what a writer's schema wrote: the rules and the words of the reference's checker, which
// finds every difference between two schemas and takes some of them for harmless.
// Source: https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/serdes-protobuf.html#protobuf-schema-compatibility-rules
import type { Incompatibility } from '../language.ts'
import { changeOfType } from './compatibility-types.ts'
import { type Difference, HARMLESS, reasonFor } from './differences.ts'
import { byOneof } from './group.ts'
import type { ProtoEnum, ProtoField, ProtoFile, ProtoMessage, ProtoType } from './model.ts'
import { type KnownType, mapEntryFields, type ProtoNames } from './names.ts'
import { joinName } from './scope.ts'

/** A schema to compare. */
export interface ComparedSchema {
  readonly file: ProtoFile
  readonly names: ProtoNames
}

/** So many messages are compared wherever they are reached; beyond that each pair once more at most. */
const MOST_COMPARED = 5000

/** Everything in which `reader` cannot read what `writer` wrote. */
export function incompatibilities(reader: ComparedSchema, writer: ComparedSchema): readonly Incompatibility[] {
  return differences(writer, reader)
    .filter(({ type }) => !HARMLESS.has(type))
    .map(({ type, path }) => ({ type, path, message: reasonFor(type, path) }))
}

/** All differences between a schema and the one that follows it, harmless ones too. */
export function differences(original: ComparedSchema, update: ComparedSchema): readonly Difference[] {
  const comparison = new Comparison(original.names, update.names, [], {
    inProgress: new Set(),
    compared: new Map(),
    count: 0,
  })
  if (original.file.packageName !== update.file.packageName) comparison.add('PACKAGE_CHANGED')
  comparison.types(original.file.types, update.file.types)
  return comparison.found
}

/** What all comparisons of one pair of schemas share. */
interface Progress {
  /** Messages of the original that are being compared: one that contains itself is compared once. */
  readonly inProgress: Set<ProtoMessage>
  readonly compared: Map<ProtoMessage, Set<ProtoMessage>>
  count: number
}

/** Compares types that lie in one place of both schemas. */
export class Comparison {
  readonly found: Difference[] = []
  readonly original: ProtoNames
  readonly update: ProtoNames
  readonly #path: string[]
  readonly #names: string[]
  readonly #packages: readonly [original: string, update: string]
  readonly #progress: Progress

  constructor(
    original: ProtoNames,
    update: ProtoNames,
    names: readonly string[],
    progress: Progress,
    packages: readonly [string, string] = [original.packageName, update.packageName],
  ) {
    this.original = original
    this.update = update
    this.#path = [...names]
    this.#names = [...names]
    this.#progress = progress
    this.#packages = packages
  }

  add(type: Difference['type']): void {
    this.found.push({ type, path: `#/${this.#path.join('/')}` })
  }
  /** Finds types of the original and of the update by names as written here. */
  type(name: string, side: 'original' | 'update'): KnownType | undefined {
    const packageName = this.#packages[side === 'original' ? 0 : 1]
    return this[side].type(name, this.#names.reduce(joinName, packageName))
  }

  types(original: readonly ProtoType[], update: readonly ProtoType[]): void {
    const before = byName(original)
    const after = byName(update)
    for (const name of new Set([...before.messages.keys(), ...after.messages.keys()])) {
      this.#within(name, () => this.#message(before.messages.get(name), after.messages.get(name)))
    }
    for (const name of new Set([...before.enums.keys(), ...after.enums.keys()])) {
      this.#within(name, () => this.#enum(before.enums.get(name), after.enums.get(name)))
    }
  }

  /** Compares two messages wherever they are declared. */
  messages(original: KnownType, update: KnownType, localName: string): readonly Difference[] {
    const packages = [original.packageName, update.packageName] as const
    const inner = new Comparison(this.original, this.update, localName.split('.'), this.#progress, packages)
    if (original.declared.kind === 'message' && update.declared.kind === 'message') {
      inner.#fieldsAndTypes(original.declared, update.declared)
    }
    return inner.found
  }

  #message(original: Indexed | undefined, update: Indexed | undefined): void {
    if (original === undefined || update === undefined) {
      const one = (original ?? update)?.message
      if (one !== undefined && mapEntryFields(one) === null)
        this.add(update === undefined ? 'MESSAGE_REMOVED' : 'MESSAGE_ADDED')
      return
    }
    this.#fieldsAndTypes(original.message, update.message)
    if (original.index !== update.index) this.add('MESSAGE_MOVED')
  }
  #fieldsAndTypes(original: ProtoMessage, update: ProtoMessage): void {
    const { inProgress } = this.#progress
    if (this.#isKnown(original, update)) return
    const entered = !inProgress.has(original)
    if (entered) {
      inProgress.add(original)
      this.#fields(original, update)
    }
    this.types(original.types, update.types)
    if (entered) inProgress.delete(original)
  }
  #isKnown(original: ProtoMessage, update: ProtoMessage): boolean {
    const progress = this.#progress
    if (++progress.count <= MOST_COMPARED) return false
    const updates = progress.compared.get(original)
    if (updates?.has(update) === true) return true
    if (updates === undefined) progress.compared.set(original, new Set([update]))
    else updates.add(update)
    return false
  }

  #fields(original: ProtoMessage, update: ProtoMessage): void {
    const [before, after] = [fieldsOf(original), fieldsOf(update)]
    this.#movedIntoOneofs(before, after)
    for (const name of [...new Set([...before.oneofs, ...after.oneofs])].sort()) {
      if (!after.oneofs.has(name)) this.#at([name], 'ONEOF_REMOVED')
      else if (!before.oneofs.has(name)) this.#at([name], 'ONEOF_ADDED')
    }
    // A `oneof` may go as a whole; what goes from one that stays, or whose other fields stay, is missed.
    const gone = new Set(
      [...before.oneofs].filter((name) => {
        const survives = before.members.get(name)?.some(({ number }) => after.byNumber.has(number))
        return !after.oneofs.has(name) && survives !== true
      }),
    )
    const numbers = new Set([...before.byNumber.keys(), ...after.byNumber.keys()])
    for (const number of [...numbers].sort((a, b) => a - b)) {
      const [was, is] = [before.byNumber.get(number), after.byNumber.get(number)]
      if (is === undefined) this.#removed(was as ProtoField, gone)
      else if (was === undefined) this.#added(is)
      else {
        if (was.oneof !== null && is.oneof === null) this.#at([String(number)], 'ONEOF_FIELD_MOVED_TO_TOP_LEVEL')
        this.#inPath(placeOf(is), () => changeOfType(this, was, is))
      }
    }
  }
  /** Fields that could be set at once, and now share a `oneof`. New ones do not count. */
  #movedIntoOneofs(before: Fields, after: Fields): void {
    for (const name of after.oneofs) {
      const groups = new Set<string>()
      let free = 0
      for (const { number } of after.members.get(name) ?? []) {
        const was = before.byNumber.get(number)
        if (was === undefined) continue
        groups.add(was.oneof === null ? `field ${number}` : `oneof ${was.oneof}`)
        if (was.oneof === null) free++
      }
      if (groups.size > 1) {
        this.#at([name], free > 1 ? 'MULTIPLE_FIELDS_MOVED_TO_ONEOF' : 'FIELD_MOVED_TO_EXISTING_ONEOF')
      }
    }
  }
  #removed(field: ProtoField, gone: ReadonlySet<string>): void {
    const { oneof, label } = field
    const free = label === 'required' ? 'REQUIRED_FIELD_REMOVED' : 'FIELD_REMOVED'
    if (oneof === null || !gone.has(oneof)) this.#at(placeOf(field), oneof === null ? free : 'ONEOF_FIELD_REMOVED')
  }
  #added(field: ProtoField): void {
    const { oneof, label } = field
    const free = label === 'required' ? 'REQUIRED_FIELD_ADDED' : 'FIELD_ADDED'
    this.#at(placeOf(field), oneof === null ? free : 'ONEOF_FIELD_ADDED')
  }

  #enum(original: ProtoEnum | undefined, update: ProtoEnum | undefined): void {
    if (original === undefined || update === undefined) {
      this.add(update === undefined ? 'ENUM_REMOVED' : 'ENUM_ADDED')
      return
    }
    const before = new Map(original.values.map(({ name, number }) => [number, name]))
    const after = new Map(update.values.map(({ name, number }) => [number, name]))
    for (const number of [...new Set([...before.keys(), ...after.keys()])].sort((a, b) => a - b)) {
      const [was, is] = [before.get(number), after.get(number)]
      if (is === undefined) this.#at([String(number)], 'ENUM_CONST_REMOVED')
      else if (was === undefined) this.#at([String(number)], 'ENUM_CONST_ADDED')
      else if (was !== is) this.#at([String(number)], 'ENUM_CONST_CHANGED')
    }
  }

  #at(path: readonly string[], type: Difference['type']): void {
    this.#inPath(path, () => this.add(type))
  }
  #inPath(path: readonly string[], look: () => void): void {
    this.#path.push(...path)
    look()
    this.#path.length -= path.length
  }
  #within(name: string, look: () => void): void {
    this.#names.push(name)
    this.#inPath([name], look)
    this.#names.pop()
  }
}

interface Indexed {
  readonly message: ProtoMessage
  readonly index: number
}

/** Groups are left out everywhere: the reference does not compare them. */
function byName(types: readonly ProtoType[]): { messages: Map<string, Indexed>; enums: Map<string, ProtoEnum> } {
  const messages = new Map<string, Indexed>()
  const enums = new Map<string, ProtoEnum>()
  let index = 0
  for (const type of types) {
    if (type.kind === 'enum') enums.set(type.name, type)
    else if (!type.group) messages.set(type.name, { message: type, index: index++ })
  }
  return { messages, enums }
}

/** A message's fields without its groups. */
interface Fields {
  /** Those of a `oneof` before others with the same number. */
  readonly byNumber: ReadonlyMap<number, ProtoField>
  readonly members: ReadonlyMap<string | null, readonly ProtoField[]>
  readonly oneofs: ReadonlySet<string>
}

function fieldsOf({ fields, oneofs }: ProtoMessage): Fields {
  const own = fields.filter(({ group }) => !group)
  const inOneofs = own.filter(({ oneof }) => oneof !== null)
  return {
    byNumber: new Map([...own, ...inOneofs].map((field) => [field.number, field])),
    members: byOneof(own),
    oneofs: new Set(oneofs.map(({ name }) => name)),
  }
}

function placeOf({ oneof, number }: ProtoField): readonly string[] {
  return oneof === null ? [String(number)] : [oneof, String(number)]
}
