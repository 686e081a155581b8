// Random .proto files as data, changes to them, and their texts in many ways of writing.
import type { Random } from '@millrace/testkit'

export interface File {
  syntax: 'proto2' | 'proto3' | null
  packageName: string
  types: Type[]
  readonly references: Readonly<Record<string, string>>
}
interface Message {
  kind: 'message'
  name: string
  fields: Field[]
  types: Type[]
}
interface Enum {
  kind: 'enum'
  name: string
  values: [name: string, number: number][]
}
type Type = Message | Enum
interface Field {
  name: string
  number: number
  label: string
  type: string
  key: string | null
  oneof: string | null
}

const SCALARS = [
  ...['double', 'float', 'int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64'],
  ...['fixed32', 'fixed64', 'sfixed32', 'sfixed64', 'bool', 'string', 'bytes'],
]
const KEYS = ['int32', 'string', 'bool', 'sint64', 'fixed32']
const NAMES = ['Order', 'Item', 'Inner', 'Kind', 'State', 'Leaf']
const PACKAGES = ['', 'shop', 'com.example.shop', 'a']
const KNOWN = ['google.protobuf.Timestamp', '.google.type.Money', 'confluent.type.Decimal']
const SHARED = `syntax = "proto3"; package shared; import "base.proto";
  message Part { base.Unit unit = 1; message Size { int32 x = 1; } enum Grade { LOW = 0; HIGH = 1; } }`
const BASE = 'syntax = "proto3"; package base; message Unit { string code = 1; } message Entry { int64 n = 1; }'

export function randomFile(random: Random): File {
  const syntax = random.pick(['proto3', 'proto3', 'proto2', null] as const)
  const references: Record<string, string> = random.chance(0.5) ? { 'base.proto': BASE, 'shared.proto': SHARED } : {}
  const visible =
    'base.proto' in references ? ['shared.Part', '.shared.Part.Size', 'shared.Part.Grade', 'base.Unit'] : []
  const types = randomTypes(random, syntax, [...visible, ...KNOWN], 0)
  return { syntax, packageName: random.pick(PACKAGES), types, references }
}

function randomTypes(random: Random, syntax: File['syntax'], visible: readonly string[], depth: number): Type[] {
  const names = NAMES.filter(() => random.chance(depth === 0 ? 0.55 : 0.25))
  if (depth === 0 && names.length === 0) names.push('Order')
  return names.map((name) => {
    if (name === 'Kind' || name === 'State') return randomEnum(random, name)
    const types = depth < 3 && random.chance(0.4) ? randomTypes(random, syntax, [...visible, ...names], depth + 1) : []
    return {
      kind: 'message',
      name,
      types,
      fields: randomFields(random, syntax, [...visible, ...names, ...types.map((type) => type.name)]),
    }
  })
}

function randomEnum(random: Random, name: string): Enum {
  const values: [string, number][] = [[`${name.toUpperCase()}_ZERO`, 0]]
  for (let at = 1; at < 1 + random.below(5); at++)
    values.push([`${name.toUpperCase()}_${at}`, random.chance(0.2) ? -at : at])
  return { kind: 'enum', name, values }
}

function randomFields(random: Random, syntax: File['syntax'], visible: readonly string[]): Field[] {
  const fields = Array.from({ length: random.below(8) }, (_, at) => randomField(random, syntax, visible, at + 1))
  return random.chance(0.3) ? fields.toReversed() : fields
}

function randomField(random: Random, syntax: File['syntax'], visible: readonly string[], number: number): Field {
  const type = random.chance(0.35) ? random.pick(visible) : random.pick(SCALARS)
  const name = random.pick(['f', 'some_field', 'camelCase', '_lead', 'x1_y2']) + number
  if (random.chance(0.12)) return { name, number, label: '', type, key: random.pick(KEYS), oneof: null }
  if (random.chance(0.2)) return { name, number, label: '', type, key: null, oneof: random.pick(['choice', 'other']) }
  const label = random.pick(
    syntax === 'proto3' ? ['', '', '', 'repeated', 'optional'] : ['optional', 'optional', 'repeated', 'required'],
  )
  return { name, number, label, type, key: null, oneof: null }
}

/** A file that differs in some ways. */
export function changed(file: File, random: Random): File {
  const copy = structuredClone(file)
  if (random.chance(0.05)) copy.packageName = random.pick(PACKAGES)
  for (let changes = random.below(4); changes >= 0; changes--) change(copy.types, file, random)
  return copy
}

function change(types: Type[], file: File, random: Random): void {
  const way = random.below(10)
  if (way === 0 && types.length > 1) types.splice(random.below(types.length), 1)
  else if (way === 1) types.reverse()
  else if (random.chance(0.08) && !types.some(({ name }) => name === 'Added'))
    types.push(
      random.chance(0.5) ? randomEnum(random, 'Added') : { kind: 'message', name: 'Added', fields: [], types: [] },
    )
  else {
    const type = random.pick(types)
    if (type.kind === 'enum') changeEnum(type, random)
    else if (type.types.length > 0 && random.chance(0.4)) change(type.types, file, random)
    else changeField(type, file, random)
  }
}

function changeEnum(type: Enum, random: Random): void {
  const last = type.values.at(-1) as [string, number]
  const way = random.below(3)
  if (way === 0 && type.values.length > 1) type.values.pop()
  else if (way === 1) last[0] += '_NEW'
  else type.values.push([`${type.name.toUpperCase()}_MORE_${type.values.length}`, 40 + type.values.length])
}

function changeField(message: Message, file: File, random: Random): void {
  const { fields } = message
  const at = random.below(fields.length)
  const field = fields[at]
  const visible = [...KNOWN, ...file.types.map(({ name }) => name)]
  if (field === undefined || random.chance(0.15)) {
    const number = Math.max(0, ...fields.map((one) => one.number)) + 1
    fields.push(randomField(random, file.syntax, visible, number))
    return
  }
  const way = random.below(7)
  if (way === 0) fields.splice(at, 1)
  else if (way === 1) field.name += 'x'
  else if (way === 2) Object.assign(field, { type: random.pick(SCALARS) })
  else if (way === 3) Object.assign(field, { type: random.pick(visible) })
  else if (way === 4 && field.oneof === null && field.key === null)
    field.label = random.pick(
      file.syntax === 'proto3' ? ['', 'repeated', 'optional'] : ['optional', 'required', 'repeated'],
    )
  else if (way === 5 && field.key === null)
    Object.assign(field, { label: '', oneof: random.pick(['choice', 'other', 'third']) })
  else if (field.oneof !== null)
    Object.assign(field, { label: file.syntax === 'proto3' ? '' : 'optional', oneof: null })
  else if (field.label !== 'required')
    Object.assign(field, {
      label: '',
      key: field.key === null ? random.pick(KEYS) : null,
      ...(field.key !== null && { label: 'repeated' }),
    })
}

/** A text of a file, with comments and odd spaces, options and reservations. */
export function textOf(file: File, random: Random): string {
  const lines: string[] = []
  if (file.syntax !== null) {
    const quote = random.pick(['"', "'"])
    lines.push(`syntax = ${quote}${file.syntax}${quote};`)
  }
  if (file.packageName !== '') lines.push(`package ${file.packageName};`)
  const imports = [
    ...Object.keys(file.references),
    ...[
      'google/protobuf/timestamp.proto',
      'google/type/money.proto',
      'confluent/type/decimal.proto',
      'confluent/meta.proto',
    ],
  ]
  if (random.chance(0.3)) imports.reverse()
  for (const path of imports) lines.push(`import ${random.chance(0.1) ? 'public ' : ''}"${path}";`)
  lines.push(
    ...options(random, [
      'java_package = "com.x"',
      'optimize_for = SPEED',
      'java_multiple_files = true',
      "(confluent.file_meta).doc = 'File \\'doc\\''",
      '(confluent.file_meta).tags = "PII"',
      '(confluent.file_meta).tags = "OTHER"',
    ]),
  )
  for (const type of file.types) lines.push(...typeLines(type, file, random))
  if (random.chance(0.15))
    lines.push('service S {', '  rpc Get (Order) returns (stream .google.protobuf.Timestamp);', '}')
  return lines
    .map((line) => (random.chance(0.05) ? `${line} // ${random.pick(['note', '{ } ;', '"'])}` : line))
    .join(random.chance(0.1) ? '\r\n' : '\n')
}

function options(random: Random, among: readonly string[]): string[] {
  return among.filter(() => random.chance(0.12)).map((one) => `option ${one};`)
}

function typeLines(type: Type, file: File, random: Random): string[] {
  const lines = [`${type.kind} ${type.name} {`]
  if (type.kind === 'enum') {
    lines.push(
      ...options(random, ['allow_alias = true', 'deprecated = false', '(confluent.enum_meta) = { doc: "An enum" }']),
    )
    for (const [name, number] of type.values)
      lines.push(
        `  ${name} = ${number}${bracketed(random, ['deprecated = true', '(confluent.enum_value_meta).tags = "x"'])};`,
      )
    if (random.chance(0.15))
      lines.push(random.pick(['reserved 100;', 'reserved 90 to 99, 120 to max, 101;', 'reserved "OLD", "ALT";']))
    return [...lines, '}']
  }
  const body: string[] = []
  const done = new Set<string>()
  for (const field of type.fields) {
    if (field.oneof === null) body.push(fieldLine(field, file, random))
    else if (!done.has(field.oneof)) {
      done.add(field.oneof)
      body.push(
        `oneof ${field.oneof} {`,
        ...type.fields.filter(({ oneof }) => oneof === field.oneof).map((one) => fieldLine(one, file, random)),
        '}',
      )
    }
  }
  for (const nested of type.types) body.push(...typeLines(nested, file, random))
  if (random.chance(0.15))
    body.push(
      random.pick([
        'reserved 200;',
        'reserved 209, 205 to 207, 201;',
        'reserved "old", "older";',
        'reserved 300 to max;',
        'reserved 210 to 210;',
      ]),
    )
  if (file.syntax !== 'proto3' && random.chance(0.15))
    body.push(random.pick(['extensions 1000 to 1999;', 'extensions 100, 150 to 160, 110 to max;']))
  body.push(
    ...options(random, [
      'deprecated = true',
      '(confluent.message_meta) = { doc: "A message", params: [{ key: "b", value: "1" }, { value: "2" key: "a" }] tags: ["x"] }',
      '(unknown.option) = { a: 1.50, b: [true, false], c { d: "e" } }',
      '(confluent.message_meta).doc = "second"',
    ]),
  )
  return [...lines, ...body.map((line) => `${' '.repeat(random.below(4))}${line}`), '}']
}

function fieldLine(field: Field, file: File, random: Random): string {
  const label = field.label === '' ? '' : `${field.label} `
  const type = field.key === null ? field.type : `map<${field.key},${random.pick(['', ' '])}${field.type}>`
  const own = [
    'deprecated = true',
    `json_name = "${field.name}J"`,
    '(confluent.field_meta) = { tags: "PII" doc: "a\\tb" }',
    '(confluent.field_meta).params = { key: "k", value: "v" }',
    '(some.custom).path = -1.25',
    '(other) = 0x10',
  ]
  if (file.syntax !== 'proto3' && field.label === 'optional' && SCALARS.includes(field.type))
    own.push(`default = ${defaultOf(field.type, random)}`)
  if (field.label === 'repeated' && field.type === 'int32') own.push('packed = true')
  return `${label}${type} ${field.name} = ${field.number}${bracketed(random, own)};`
}

function defaultOf(type: string, random: Random): string {
  if (type === 'string') return random.pick(['"a b"', '"\\"q\\""', "'\\101\\x42'", '""'])
  if (type === 'bytes') return '"abc"'
  if (type === 'bool') return random.pick(['true', 'false'])
  if (type === 'double' || type === 'float')
    return random.pick(['1.5', '-0.0625', '1e10', '0.1', 'inf', '-inf', 'nan', '1e-5', '123456.789'])
  return random.pick(['0', '7', '0x1F', '42'])
}

function bracketed(random: Random, among: readonly string[]): string {
  const chosen = among.filter(() => random.chance(0.1))
  if (random.chance(0.3)) chosen.reverse()
  return chosen.length === 0 ? '' : ` [${chosen.join(', ')}]`
}
