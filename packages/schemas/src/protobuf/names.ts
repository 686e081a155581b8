// All types and extensions that a schema can name: its own, those of its references, and the well-known ones.
// The registry sees all of them wherever they are imported; the linker alone asks for imports.
import type { ReferencedTexts } from '../language.ts'
import {
  PROTO_MAP_KEYS,
  type ProtoExtend,
  type ProtoField,
  type ProtoFile,
  type ProtoMessage,
  type ProtoType,
} from './model.ts'
import { optionText } from './options.ts'
import { joinName, resolveName } from './scope.ts'
import { readProto } from './text.ts'
import { WELL_KNOWN_PATHS, wellKnownFile } from './well-known/index.ts'

export interface KnownType {
  readonly fullName: string
  readonly packageName: string
  readonly declared: ProtoType
  /** Whether the schema itself declares it. */
  readonly own: boolean
}

/** The field of an `extend`. */
export interface KnownExtension {
  readonly field: ProtoField
  /** Full name of the package or message around it. */
  readonly scope: string
}

/** What is known by full name, without leading dot. */
interface Table {
  readonly types: Map<string, KnownType>
  readonly extensions: Map<string, KnownExtension>
}

let wellKnown: Table | undefined

/** Names of one schema. */
export class ProtoNames {
  readonly packageName: string
  readonly #table: Table = { types: new Map(), extensions: new Map() }

  constructor(file: ProtoFile, references: ReferencedTexts) {
    this.packageName = file.packageName
    for (const text of references.values()) collect(this.#table, readProto(text), false)
    collect(this.#table, file, true)
  }

  /** A type by its name as written in a scope, or undefined. */
  type(name: string, scope: string): KnownType | undefined {
    return resolveName(
      name,
      scope,
      (fullName) => this.#table.types.get(fullName) ?? wellKnownTable().types.get(fullName),
    )?.found
  }
  /** An extension by its name as written in a scope, with its full name; or undefined. */
  extension(name: string, scope: string): { readonly fullName: string; readonly found: KnownExtension } | undefined {
    return resolveName(
      name,
      scope,
      (fullName) => this.#table.extensions.get(fullName) ?? wellKnownTable().extensions.get(fullName),
    )
  }
}

/** The key and the value of a message that stands behind a map; null for any other. */
export function mapEntryFields(type: ProtoType): { readonly key: ProtoField; readonly value: ProtoField } | null {
  if (type.kind === 'enum' || optionText(type.options, 'map_entry') !== 'true') return null
  const key = type.fields.find(({ name }) => name === 'key')
  const value = type.fields.find(({ name }) => name === 'value')
  return key !== undefined && value !== undefined && PROTO_MAP_KEYS.has(key.type) ? { key, value } : null
}

function wellKnownTable(): Table {
  if (wellKnown === undefined) {
    wellKnown = { types: new Map(), extensions: new Map() }
    for (const path of WELL_KNOWN_PATHS) collect(wellKnown, wellKnownFile(path) as ProtoFile, false)
  }
  return wellKnown
}

function collect(table: Table, file: ProtoFile, own: boolean): void {
  const { packageName } = file
  const extensions = (list: readonly ProtoExtend[], scope: string) => {
    for (const { fields } of list) {
      for (const field of fields) table.extensions.set(joinName(scope, field.name), { field, scope })
    }
  }
  const types = (list: readonly ProtoType[], scope: string) => {
    for (const declared of list) {
      // The reference knows groups as fields only.
      if (declared.kind === 'message' && declared.group) continue
      const fullName = joinName(scope, declared.name)
      table.types.set(fullName, { fullName, packageName, declared, own })
      if (declared.kind === 'message') message(declared, fullName)
    }
  }
  const message = (declared: ProtoMessage, fullName: string) => {
    extensions(declared.extensions, fullName)
    types(declared.types, fullName)
  }
  extensions(file.extensions, packageName)
  types(file.types, packageName)
}
