// What it means for those who read a field that its type or its label is another now.
// Source: https://protobuf.dev/programming-guides/proto3/#updating
import type { Comparison } from './compatibility.ts'
import { HARMLESS } from './differences.ts'
import { PROTO_SCALARS, type ProtoField } from './model.ts'
import { type KnownType, mapEntryFields } from './names.ts'

type Side = 'original' | 'update'

/** A field's type as far as the rules look at it. */
interface FieldType {
  readonly name: string
  /** The type of its keys, if it is a map. */
  readonly mapKey: string | null
  readonly known: KnownType | undefined
}

/** Scalars that are written alike. Enumerations count as numbers. */
const KINDS: Readonly<Record<string, string>> = {
  int32: 'number',
  int64: 'number',
  uint32: 'number',
  uint64: 'number',
  bool: 'number',
  sint32: 'signed',
  sint64: 'signed',
  string: 'text',
  bytes: 'text',
  fixed32: 'fixed32',
  sfixed32: 'fixed32',
  fixed64: 'fixed64',
  sfixed64: 'fixed64',
  float: 'float',
  double: 'double',
}

/** Adds what has changed in a field. */
export function changeOfType(comparison: Comparison, original: ProtoField, update: ProtoField): void {
  if (original.name !== update.name) comparison.add('FIELD_NAME_CHANGED')
  const was = fieldType(comparison, original.type, original.mapKey, 'original')
  const is = fieldType(comparison, update.type, update.mapKey, 'update')
  compare(comparison, was, is, [original.label, update.label])
}

function fieldType(comparison: Comparison, name: string, mapKey: string | null, side: Side): FieldType {
  const known = mapKey === null ? comparison.type(name, side) : undefined
  const entry = known === undefined ? null : mapEntryFields(known.declared)
  if (entry !== null) return { name: entry.value.type, mapKey: entry.key.type, known: undefined }
  return { name, mapKey, known }
}

function compare(
  comparison: Comparison,
  was: FieldType,
  is: FieldType,
  [wasLabel, isLabel]: readonly [ProtoField['label'], ProtoField['label']],
): void {
  const kind = kindOf(was)
  if (kind !== kindOf(is)) comparison.add('FIELD_KIND_CHANGED')
  else if (kind === 'message') compareMessages(comparison, was, is)
  else if (kind === 'map') {
    const type = (name: string | null, side: Side) => fieldType(comparison, name ?? '', null, side)
    compare(comparison, type(was.mapKey, 'original'), type(is.mapKey, 'update'), [null, null])
    compare(comparison, type(was.name, 'original'), type(is.name, 'update'), [null, null])
  } else {
    const scalar = scalarKind(was)
    if (scalar !== scalarKind(is)) comparison.add('FIELD_SCALAR_KIND_CHANGED')
    else if (wasLabel !== null && isLabel !== null && wasLabel !== isLabel) {
      comparison.add(scalar === 'text' ? 'FIELD_STRING_OR_BYTES_LABEL_CHANGED' : 'FIELD_NUMERIC_LABEL_CHANGED')
    }
  }
}

function kindOf({ name, mapKey, known }: FieldType): 'scalar' | 'map' | 'message' {
  if (mapKey !== null) return 'map'
  return PROTO_SCALARS.has(name) || known?.declared.kind === 'enum' ? 'scalar' : 'message'
}

function scalarKind({ name, known }: FieldType): string {
  return known?.declared.kind === 'enum' ? 'number' : (KINDS[name] as string)
}

function compareMessages(comparison: Comparison, was: FieldType, is: FieldType): void {
  if (was.known === undefined || is.known === undefined) {
    if (was.name !== is.name) comparison.add('FIELD_NAMED_TYPE_CHANGED')
    return
  }
  const localName = localNameOf(was.known)
  if (localName !== localNameOf(is.known)) {
    comparison.add('FIELD_NAMED_TYPE_CHANGED')
    return
  }
  // Types that both schemas declare themselves are compared where they are declared.
  if (was.known.own && is.known.own) return
  const found = comparison.messages(was.known, is.known, localName)
  comparison.found.push(...found)
  if (found.some(({ type }) => !HARMLESS.has(type))) comparison.add('FIELD_NAMED_TYPE_CHANGED')
}

/** The name without its package. */
function localNameOf({ fullName, packageName }: KnownType): string {
  return packageName === '' ? fullName : fullName.slice(packageName.length + 1)
}
