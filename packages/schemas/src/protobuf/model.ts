// What a .proto file says, as data: the parser makes it, the printer writes it, compatibility compares it, the converter reads types from it.

/** Field types that are no message, enumeration or group. */
export type ProtoScalar =
  | 'double'
  | 'float'
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'uint64'
  | 'sint32'
  | 'sint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed32'
  | 'sfixed64'
  | 'bool'
  | 'string'
  | 'bytes'

/** All scalars. */
export const PROTO_SCALARS: ReadonlySet<string> = new Set<ProtoScalar>([
  'double',
  'float',
  'int32',
  'int64',
  'uint32',
  'uint64',
  'sint32',
  'sint64',
  'fixed32',
  'fixed64',
  'sfixed32',
  'sfixed64',
  'bool',
  'string',
  'bytes',
])

/** The scalars that a map may have as keys. */
export const PROTO_MAP_KEYS: ReadonlySet<string> = new Set(
  [...PROTO_SCALARS].filter((scalar) => scalar !== 'double' && scalar !== 'float' && scalar !== 'bytes'),
)

/**
 * The value of an option: a text without its quotes and escapes, a number as written, a name (`SPEED`, `true`), a list, or
 * the fields of a message. A field that a message names several times stands there once, with a list.
 */
export type ProtoOptionValue =
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly ProtoOptionValue[] }
  | { readonly kind: 'message'; readonly fields: readonly (readonly [name: string, value: ProtoOptionValue])[] }

/** `option NAME = VALUE;` or `[NAME = VALUE]`. */
export interface ProtoOption {
  /** As written, with the brackets of an extension's name: `java_package`, `(confluent.field_meta).params`. */
  readonly name: string
  readonly value: ProtoOptionValue
}

export interface ProtoImport {
  readonly path: string
  readonly kind: 'plain' | 'public' | 'weak'
}

/** `first to last`, both included; `last` is null for `max`. */
export interface ProtoRange {
  readonly first: number
  readonly last: number | null
}

/** One `reserved` statement: names, numbers, ranges. */
export type ProtoReserved = readonly (string | number | ProtoRange)[]

/** One `extensions` statement. */
export interface ProtoExtensionRanges {
  readonly ranges: readonly (number | ProtoRange)[]
  readonly options: readonly ProtoOption[]
}

/** A file. Types that several files declare are joined by {@link ProtoFile.imports} in the linker. */
export interface ProtoFile {
  /** `proto2` when the file names none. */
  readonly syntax: 'proto2' | 'proto3' | 'editions'
  /** Whether the file names its syntax. */
  readonly syntaxDeclared: boolean
  /** The edition (`2023`), when the syntax is `editions`. */
  readonly edition: string | null
  /** Empty for none. */
  readonly packageName: string
  readonly imports: readonly ProtoImport[]
  readonly options: readonly ProtoOption[]
  /** Messages and enumerations in the order of the file. */
  readonly types: readonly ProtoType[]
  readonly extensions: readonly ProtoExtend[]
  readonly services: readonly ProtoService[]
}

export type ProtoType = ProtoMessage | ProtoEnum

export interface ProtoMessage {
  readonly kind: 'message'
  readonly name: string
  /** In the order of the file, those in a `oneof` included; see {@link ProtoField.oneof}. */
  readonly fields: readonly ProtoField[]
  /** In the order of the file. The one-field `oneof` that stands behind a proto3 `optional` is not among them. */
  readonly oneofs: readonly ProtoOneof[]
  readonly types: readonly ProtoType[]
  readonly options: readonly ProtoOption[]
  readonly reserved: readonly ProtoReserved[]
  readonly extensionRanges: readonly ProtoExtensionRanges[]
  readonly extensions: readonly ProtoExtend[]
  /** Whether a proto2 group declares it in place: then a field of {@link ProtoField.group} has this name as its type. */
  readonly group: boolean
}

export interface ProtoField {
  readonly name: string
  readonly number: number
  /** The word before the type; null for none (proto3's singular, a member of a `oneof`, a map). */
  readonly label: 'optional' | 'required' | 'repeated' | null
  /** A scalar, or a type's name as written: `Inner`, `.pkg.Outer.Inner`. For a map, the type of its values. */
  readonly type: string
  /** The type of a map's keys; null when the field is no map. */
  readonly mapKey: ProtoScalar | null
  /** The `oneof` that the field belongs to. */
  readonly oneof: string | null
  /** A proto2 group: the field's type is a message of the same file, declared in place. */
  readonly group: boolean
  /** With `default` and `json_name` among them. */
  readonly options: readonly ProtoOption[]
}

export interface ProtoOneof {
  readonly name: string
  readonly options: readonly ProtoOption[]
}

export interface ProtoEnum {
  readonly kind: 'enum'
  readonly name: string
  readonly values: readonly ProtoEnumValue[]
  readonly options: readonly ProtoOption[]
  readonly reserved: readonly ProtoReserved[]
}

export interface ProtoEnumValue {
  readonly name: string
  readonly number: number
  readonly options: readonly ProtoOption[]
}

/** `extend NAME { ... }` */
export interface ProtoExtend {
  readonly name: string
  readonly fields: readonly ProtoField[]
}

export interface ProtoService {
  readonly name: string
  readonly methods: readonly ProtoMethod[]
  readonly options: readonly ProtoOption[]
}

export interface ProtoMethod {
  readonly name: string
  readonly request: string
  readonly response: string
  readonly requestStreams: boolean
  readonly responseStreams: boolean
  readonly options: readonly ProtoOption[]
}

/** A file whose type names are resolved, with its imports: what the converter and the compatibility rules work on. */
export interface LinkedFile {
  readonly file: ProtoFile
  /** The messages of the file itself, in its order: a Protobuf frame counts in these. */
  readonly messages: readonly LinkedMessage[]
  readonly enums: readonly LinkedEnum[]
  /** Every message and enumeration that can be reached, imports included, by full name without a leading dot. */
  readonly byName: ReadonlyMap<string, LinkedMessage | LinkedEnum>
}

export interface LinkedMessage {
  readonly kind: 'message'
  readonly fullName: string
  readonly declared: ProtoMessage
  readonly syntax: ProtoFile['syntax']
  /**
   * Indexes of this message and of those around it, outermost first, among the messages that the text declares: what stands in a
   * Protobuf frame. Messages behind maps count where the text declares them.
   */
  readonly indexes: readonly number[]
  readonly parent: LinkedMessage | null
  /** Nested messages in the order of the file, without those that stand behind maps. */
  readonly messages: readonly LinkedMessage[]
  readonly enums: readonly LinkedEnum[]
  /** In the order of the file. */
  readonly fields: readonly LinkedField[]
}

/** What a field holds. */
export type LinkedType =
  | { readonly kind: 'scalar'; readonly scalar: ProtoScalar }
  | { readonly kind: 'enum'; readonly type: LinkedEnum }
  | { readonly kind: 'message'; readonly type: LinkedMessage; readonly group: boolean }

export interface LinkedField {
  readonly declared: ProtoField
  readonly name: string
  readonly number: number
  /** `json_name`, or the name in lower camel case. */
  readonly jsonName: string
  /** False for a map. */
  readonly repeated: boolean
  readonly required: boolean
  /** Whether the wire tells a field that is not set from one with its type's zero value. */
  readonly hasPresence: boolean
  /** Whether repeated numbers are written in one length-delimited run; readers take both forms. */
  readonly packed: boolean
  /** What the field, each item, or each value of the map holds. */
  readonly type: LinkedType
  readonly mapKey: ProtoScalar | null
  readonly oneof: string | null
}

export interface LinkedEnum {
  readonly kind: 'enum'
  readonly fullName: string
  readonly declared: ProtoEnum
}
