// Prints questions to ProtobufData about random Connect schemas with values, and about random .proto files: node questions.ts > golden.jsonl
import { Random } from '@millrace/testkit'
import { BY_HAND } from './by-hand.ts'

const SEED = 90_210
const WRITES = 900
const READS = 800
const random = new Random(SEED)

const maybe = (probability: number, entries: () => Record<string, unknown>) =>
  random.chance(probability) ? entries() : {}
const text = () => random.list(random.below(5), () => random.pick(['a', 'Z', '"', 'é', '日', '😀', ' '])).join('')
const base64 = (size: number) => Buffer.from(random.list(size, () => random.below(256))).toString('base64')
const PREFIX = 'io.confluent.connect.protobuf'
const GENERAL = 'org.apache.kafka.connect.data'

function options(): Record<string, string> {
  const on = [
    'enhanced.protobuf.schema.support',
    'generalized.sum.type.support',
    'ignore.default.for.nullables',
    'scrub.invalid.names',
    'int.for.enums',
    'optional.for.nullables',
    'wrapper.for.nullables',
    'generate.struct.for.nulls',
    'flatten.unions',
  ]
  const off = ['optional.for.proto2', 'wrapper.for.raw.primitives', 'generate.index.for.unions']
  const set = (keys: readonly string[], value: string) =>
    Object.fromEntries(keys.filter(() => random.chance(0.15)).map((key) => [key, value]))
  return { ...set(on, 'true'), ...set(off, 'false') }
}

let names = 0
let oddly = false
let general = false
const structName = () =>
  oddly
    ? random.pick([`my-odd.Re c${names++}`, `9a.b-c.R${names++}`, `_x${names++}`])
    : random.pick([`Rec${names++}`, `com.example.Rec${names++}`, `a.b.C${names++}`])

interface Made {
  readonly schema: Record<string, unknown>
  /** A value's JSON, as JsonConverter has it. */
  readonly value: () => unknown
}

const typed = (types: readonly string[]) =>
  maybe(0.2, () => ({ parameters: { [`${PREFIX}.Type`]: random.pick(types) } }))

function made(depth: number, place: 'field' | 'item' | 'root' | 'member'): Made {
  const one = plain(depth, place)
  const optional = place === 'member' || random.chance(0.4)
  const value = () => (place === 'field' && optional && random.chance(0.3) ? null : one.value())
  const { type } = one.schema
  const hasDefault =
    place === 'field' &&
    random.chance(0.15) &&
    !['struct', 'map', 'array', 'bytes'].includes(String(type)) &&
    !('name' in one.schema)
  return { schema: { ...one.schema, optional, ...(hasDefault && { default: one.value() }) }, value }
}
function plain(depth: number, place: string): Made {
  // An array in an array or a map has no place in Protobuf: now and then, to see what is said of it.
  const nested = place === 'field' || random.chance(0.05)
  const top = place === 'root'
  switch (random.below(depth > 0 ? 20 : 14)) {
    case 0:
      return { schema: { type: 'int8' }, value: () => random.below(256) - 128 }
    case 1:
      return { schema: { type: 'int16' }, value: () => random.below(65536) - 32768 }
    case 2:
      return {
        schema: { type: 'int32', ...(top ? {} : typed(['sint32', 'sfixed32'])) },
        value: () => random.pick([0, 1, -1, random.below(2 ** 32) - 2 ** 31]),
      }
    case 3:
    case 4: {
      const parameters = top ? {} : typed(['sint64', 'sfixed64', 'uint64', 'fixed64', 'uint32', 'fixed32'])
      return {
        schema: { type: 'int64', ...parameters },
        value: () => random.pick([0, 5, random.below(2 ** 40) - 2 ** 39, random.below(2 ** 32)]),
      }
    }
    case 5:
      return { schema: { type: 'float' }, value: () => random.pick([0, 1.5, -0.25, 1024]) }
    case 6:
      return { schema: { type: 'double' }, value: () => random.pick([0, 0.1, 1e10, -2.5]) }
    case 7:
      return { schema: { type: 'boolean' }, value: () => random.chance(0.5) }
    case 8:
    case 9:
      return { schema: { type: 'string' }, value: text }
    case 10:
      return { schema: { type: 'bytes' }, value: () => base64(random.below(6)) }
    case 11: {
      if (top) return plain(0, place)
      const scale = random.pick(['0', '2', '5', '-2'])
      const precision = maybe(0.4, () => ({ 'connect.decimal.precision': random.pick(['10', '64']) }))
      return {
        schema: { type: 'bytes', name: `${GENERAL}.Decimal`, version: 1, parameters: { scale, ...precision } },
        value: () => base64(1 + random.below(5)),
      }
    }
    case 12:
      if (top) return plain(0, place)
      return random.pick<Made>([
        {
          schema: { type: 'int32', name: `${GENERAL}.Date`, version: 1 },
          value: () => random.below(400_000) - 300_000,
        },
        { schema: { type: 'int32', name: `${GENERAL}.Time`, version: 1 }, value: () => random.below(86_400_000) },
        {
          schema: { type: 'int64', name: `${GENERAL}.Timestamp`, version: 1 },
          value: () => random.below(2 ** 44) - 2 ** 43,
        },
      ])
    case 13: {
      if (top) return plain(0, place)
      const name = `En${names++}`
      const param = general ? `${GENERAL}.Enum` : `${PREFIX}.Enum`
      const full = random.chance(0.5) ? name : `com.example.${name}`
      const parameters = {
        [param]: name,
        [`${param}.${name}_X`]: '0',
        [`${param}.${name}_Y`]: '1',
        [`${param}.${name}_Z`]: '7',
      }
      if (!general && random.chance(0.2)) {
        return { schema: { type: 'int32', name: full, parameters }, value: () => random.pick([0, 1, 7]) }
      }
      return {
        schema: { type: 'string', name: full, parameters },
        value: () => `${name}_${random.pick(['X', 'Y', 'Z'])}`,
      }
    }
    case 14:
    case 15: {
      if (!nested) return struct(depth)
      const items = made(depth - 1, 'item')
      return { schema: { type: 'array', items: items.schema }, value: () => random.list(random.below(4), items.value) }
    }
    case 16: {
      if (!nested) return struct(depth)
      const keys = { type: 'string', optional: random.chance(0.3) }
      const values = made(depth - 1, 'item')
      const schema = {
        type: 'map',
        keys,
        values: values.schema,
        ...maybe(0.6, () => ({ name: random.pick(['map_of', 'byName', 'a.b.some_map']) + names++ })),
      }
      return {
        schema,
        value: () => Object.fromEntries(random.list(random.below(2), () => [text(), values.value()])),
      }
    }
    case 17: {
      if (!nested) return struct(depth)
      const values = made(0, 'item')
      const schema = {
        type: 'map',
        keys: { type: 'int32', optional: false },
        values: values.schema,
        name: `com.example.Map${names++}`,
      }
      return { schema, value: () => random.list(random.below(2), () => [random.below(100), values.value()]) }
    }
    default:
      return struct(depth)
  }
}
function struct(depth: number): Made {
  const tags = random.chance(0.3)
  const fields = random
    .list(random.below(6), () => made(depth - 1, 'field'))
    .map((one, at) => {
      const name = oddly
        ? random.pick([`f${at}`, `odd-${at}`, `${at}th`, `_u${at}`])
        : random.pick([`f${at}`, `some_field${at}`, `camelCase${at}`])
      return { ...one, name, schema: tags ? tagged(one.schema, 2 * at + 1) : one.schema }
    })
  if (depth > 0 && random.chance(0.25)) fields.push(union(depth, fields.length))
  return {
    schema: {
      type: 'struct',
      ...maybe(0.8, () => ({ name: structName() })),
      ...maybe(0.2, () => ({ version: 2 })),
      fields: fields.map(({ name, schema }) => ({ field: name, ...schema })),
    },
    value: () => Object.fromEntries(fields.map(({ name, value }) => [name, value()])),
  }
}
const tagged = (schema: Record<string, unknown>, tag: number) => ({
  ...schema,
  parameters: { ...(schema.parameters as object), [`${PREFIX}.Tag`]: String(tag) },
})
function union(depth: number, at: number) {
  const members = random
    .list(1 + random.below(3), () => made(Math.min(0, depth - 1), 'member'))
    .map((one, k) => ({ ...one, name: `m${at}_${k}`, schema: tagged(one.schema, 50 + k) }))
  const chosen = random.below(members.length)
  const name = `un${names++}`
  const named = general
    ? { name, parameters: { [`${GENERAL}.Union`]: name } }
    : { name: `${PREFIX}.Union.${random.pick(['', 'pkg.'])}${name}` }
  return {
    name: `${name}_0`,
    schema: {
      type: 'struct',
      optional: true,
      ...named,
      fields: members.map((one) => ({ field: one.name, ...one.schema })),
    },
    value: () =>
      random.chance(0.2)
        ? null
        : Object.fromEntries(members.map((one, k) => [one.name, k === chosen ? one.value() : null])),
  }
}

const say = (question: unknown) => console.log(JSON.stringify(question))
for (const one of BY_HAND) say({ kind: 'read', options: {}, ...one })
for (let at = 0; at < WRITES; at++) {
  names = 0
  const chosen = options()
  oddly = chosen['scrub.invalid.names'] !== undefined || random.chance(0.03)
  general = chosen['generalized.sum.type.support'] !== undefined
  const { schema, value } = random.chance(0.8) ? struct(3) : made(2, 'root')
  say({ kind: 'write', options: chosen, text: JSON.stringify({ schema, payload: value() }) })
}

// Files as others write them.
const SCALARS = [
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
]
const KEYS = ['int32', 'int64', 'uint32', 'sint64', 'fixed32', 'bool', 'string']
const WRAPPERS = ['Double', 'Float', 'Int64', 'UInt64', 'Int32', 'UInt32', 'Bool', 'String', 'Bytes'].map(
  (name) => `google.protobuf.${name}Value`,
)
const LOGICAL = [
  'google.protobuf.Timestamp',
  'google.type.Date',
  'google.type.TimeOfDay',
  'confluent.type.Decimal',
  'confluent.type.Variant',
]

function file(at: number): { text: string; of: string } {
  const old = random.chance(0.25)
  const space = random.pick(['', 'pkg', 'com.example.v1'])
  const messages = ['First', 'Second']
  const lines = messages.map((name) => message(name, old, messages, 2, at))
  const imports = [
    'google/protobuf/timestamp',
    'google/protobuf/wrappers',
    'google/type/date',
    'google/type/timeofday',
    'confluent/type/decimal',
    'confluent/type/variant',
    'confluent/meta',
  ]
  const head = `syntax = "proto${old ? 2 : 3}";\n${space === '' ? '' : `package ${space};\n`}${imports.map((path) => `import "${path}.proto";\n`).join('')}`
  const of = random.pick(['First', 'First', 'Second', 'First.Inner'])
  return { text: head + lines.join(''), of: space === '' ? of : `${space}.${of}` }
}
function message(name: string, old: boolean, known: readonly string[], depth: number, at: number): string {
  let number = 0
  const enums = [`${name}Color`]
  const types = depth > 1 ? [...known, 'Inner'] : known
  const field = (label: boolean): string => {
    number += 1 + random.below(random.chance(0.05) ? 3000 : 2)
    const own = `f_${number}`
    const kind = random.below(10)
    const meta =
      kind === 9
        ? ` [(confluent.field_meta) = { params: [{ key: "scale", value: "${random.below(5)}" }, { key: "precision", value: "12" }] }]`
        : ''
    const type =
      kind < 5
        ? random.pick(SCALARS)
        : kind === 5
          ? (enums[0] as string)
          : kind === 6
            ? random.pick(types)
            : kind === 7
              ? random.pick(WRAPPERS)
              : kind === 8
                ? random.pick(LOGICAL)
                : 'confluent.type.Decimal'
    const small =
      type === 'int32' && random.chance(0.3)
        ? ` [(confluent.field_meta).params = { key: "connect.type", value: "${random.pick(['int8', 'int16'])}" }]`
        : ''
    if (!label) return `    ${type} ${own} = ${number}${meta}${small};\n`
    if (random.chance(0.12)) {
      // The reference does not see that a map's values are an enumeration of the file.
      const value = kind === 5 ? 'string' : type
      return `  map<${random.pick(KEYS)}, ${value}> ${random.pick(['by_it', 'byIt'])}${number} = ${number};\n`
    }
    const fallback = old && meta === '' && small === '' && random.chance(0.4) ? byDefault(type) : ''
    if (random.chance(0.2)) {
      const packed =
        SCALARS.includes(type) &&
        !['string', 'bytes'].includes(type) &&
        meta === '' &&
        small === '' &&
        random.chance(0.4)
      return `  repeated ${type} ${own} = ${number}${packed ? ` [packed = ${random.chance(0.5)}]` : meta}${packed ? '' : small};\n`
    }
    const word = old
      ? random.chance(0.2) && kind < 6
        ? 'required '
        : 'optional '
      : random.chance(0.25)
        ? 'optional '
        : ''
    return `  ${word}${type} ${own} = ${number}${meta}${small}${fallback};\n`
  }
  const fields = random.list(1 + random.below(6), () => field(true))
  const oneofs = random
    .list(random.chance(0.4) ? 1 + random.below(2) : 0, () => 0)
    .map((_, k) => {
      const members = random.list(1 + random.below(3), () => field(false))
      return `  oneof ${random.pick(['kind', 'choice'])}${k} {\n${members.join('')}  }\n`
    })
  const inner = depth > 1 ? message('Inner', old, known, 1, at) : ''
  const values = `  enum ${name}Color { ${name}_RED = 0; ${name}_GREEN = 1; ${name}_BLUE = ${random.pick([2, 9, -3])}; }\n`
  return `message ${name} {\n${random.chance(0.5) ? [...fields, ...oneofs].join('') : [...oneofs, ...fields].join('')}${inner}${values}}\n`
}
function byDefault(type: string): string {
  if (type === 'string' || type === 'bytes') return ' [default = "a\\"\\001z"]'
  if (type === 'bool') return ' [default = true]'
  if (type === 'double' || type === 'float') return ` [default = ${random.pick(['1.5', 'inf', '-inf', '-2e3'])}]`
  return SCALARS.includes(type) ? ` [default = ${random.pick(['7', '0', '2147483647'])}]` : ''
}
for (let at = 0; at < READS; at++) say({ kind: 'read', options: options(), ...file(at), seed: at })
for (const name of WRAPPERS) {
  for (const chosen of [{}, { 'wrapper.for.raw.primitives': 'false' }]) {
    const own = `syntax = "proto3";\nimport "google/protobuf/wrappers.proto";\nmessage M {\n  ${name} a = 1;\n  repeated ${name} b = 2;\n  map<string, ${name}> c = 3;\n  oneof o {\n    ${name} d = 4;\n  }\n}\n`
    for (const more of [{}, { 'wrapper.for.nullables': 'true' }, { 'optional.for.nullables': 'true' }]) {
      say({ kind: 'read', options: { ...chosen, ...more }, text: own, of: 'M', seed: 9 })
    }
  }
}
