// Prints questions to AvroData about random Connect schemas with values, and about random Avro schemas: node questions.ts > golden.jsonl
import { Random } from '@millrace/testkit'

const SEED = 51_123
const WRITES = 700
const READS = 600
const random = new Random(SEED)

const maybe = (probability: number, entries: () => Record<string, unknown>) =>
  random.chance(probability) ? entries() : {}
const word = () => random.pick(['a', 'b', 'order', 'Some doc', 'é "q"', 'x.y'])
const text = () => random.list(random.below(5), () => random.pick(['a', 'Z', '"', 'é', '日', '😀', ' '])).join('')
const base64 = (size: number) => Buffer.from(random.list(size, () => random.below(256))).toString('base64')

function options(): Record<string, string> {
  const keys = [
    'enhanced.avro.schema.support',
    'generalized.sum.type.support',
    'ignore.default.for.nullables',
    'scrub.invalid.names',
    'discard.type.doc.default',
    'allow.optional.map.keys',
  ]
  const set = Object.fromEntries(keys.filter(() => random.chance(0.15)).map((key) => [key, 'true']))
  return {
    ...set,
    ...maybe(0.1, () => ({ 'connect.meta.data': 'false' })),
    ...maybe(0.1, () => ({ 'flatten.singleton.unions': 'false' })),
  } as Record<string, string>
}

let names = 0
let oddly = false
const structName = () => random.pick([`Rec${names++}`, `com.example.Rec${names++}`, `a.b.C${names++}`])

interface Made {
  readonly schema: Record<string, unknown>
  /** A value's JSON, as JsonConverter has it. */
  readonly value: () => unknown
}

const described = (parameters = true) => ({
  ...maybe(0.1, () => ({ doc: word() })),
  ...maybe(0.1, () => ({ version: 1 + random.below(4) })),
  ...maybe(parameters ? 0.1 : 0, () => ({ parameters: { [random.pick(['p', 'avro.x', 'q.r'])]: word(), z: text() } })),
})

function made(depth: number, asField: boolean): Made {
  const one = plain(depth)
  const optional = random.chance(0.35)
  const value = () => (optional && random.chance(0.3) ? null : one.value())
  const { type } = one.schema
  // The reference takes the defaults of optional items in a default for nulls.
  const { optional: optionalItems } = Object(one.schema.items ?? one.schema.values)
  const hasDefault =
    asField && random.chance(0.2) && type !== 'struct' && optionalItems !== true && !('name' in one.schema)
  return {
    schema: { ...one.schema, optional, ...(hasDefault && { default: one.value() }) },
    value,
  }
}
function plain(depth: number): Made {
  switch (random.below(depth > 0 ? 20 : 15)) {
    case 0:
      return { schema: { type: 'int8', ...described() }, value: () => random.below(256) - 128 }
    case 1:
      return { schema: { type: 'int16', ...described() }, value: () => random.below(65536) - 32768 }
    case 2:
      return { schema: { type: 'int32', ...described() }, value: () => random.below(2 ** 32) - 2 ** 31 }
    case 3:
      return {
        schema: { type: 'int64', ...described(), ...maybe(0.1, () => ({ name: 'my.Long' })) },
        value: () => random.below(2 ** 40) - 2 ** 39,
      }
    case 4:
      return { schema: { type: 'float', ...described() }, value: () => random.pick([0, 1.5, -0.25, 1024]) }
    case 5:
      return { schema: { type: 'double', ...described() }, value: () => random.pick([0.1, 1e10, -2.5, 3]) }
    case 6:
      return { schema: { type: 'boolean', ...described() }, value: () => random.chance(0.5) }
    case 7:
    case 8:
      return {
        schema: {
          type: 'string',
          ...described(),
          ...maybe(0.1, () => ({ name: `${oddly ? 'my-odd.Te xt' : 'my.Text'}${names++}` })),
        },
        value: text,
      }
    case 9:
      return { schema: { type: 'bytes', ...described() }, value: () => base64(random.below(6)) }
    case 10: {
      const scale = random.pick(['0', '2', '5', '-2', '70'])
      const precision = maybe(0.3, () => ({ 'connect.decimal.precision': random.pick(['10', '64']) }))
      return {
        schema: {
          type: 'bytes',
          name: 'org.apache.kafka.connect.data.Decimal',
          version: 1,
          parameters: { scale, ...precision },
        },
        value: () => base64(1 + random.below(5)),
      }
    }
    case 11:
      return {
        schema: { type: 'int32', name: 'org.apache.kafka.connect.data.Date', version: 1 },
        value: () => random.below(60_000) - 30_000,
      }
    case 12:
      return random.chance(0.5)
        ? {
            schema: { type: 'int32', name: 'org.apache.kafka.connect.data.Time', version: 1 },
            value: () => random.below(86_400_000),
          }
        : {
            schema: { type: 'int64', name: 'org.apache.kafka.connect.data.Timestamp', version: 1 },
            value: () => random.below(2 ** 40) - 2 ** 39,
          }
    case 13: {
      const size = 1 + random.below(5)
      return {
        schema: {
          type: 'bytes',
          name: `com.example.Fix${names++}`,
          parameters: { 'connect.fixed.size': String(size) },
        },
        value: () => base64(size),
      }
    }
    case 14: {
      const name = `com.example.En${names++}`
      const param = random.pick(['io.confluent.connect.avro.Enum', 'org.apache.kafka.connect.data.Enum'])
      const parameters = {
        ...maybe(0.3, () => ({ [`io.confluent.connect.avro.enum.doc.${name.split('.').at(-1)}`]: 'a doc' })),
        [param]: name,
        [`${param}.X`]: 'X',
        [`${param}.Y`]: 'Y',
      }
      return {
        schema: { type: 'string', ...maybe(0.5, () => ({ name })), parameters },
        value: () => random.pick(['X', 'Y']),
      }
    }
    case 15: {
      const items = made(depth - 1, false)
      return {
        schema: { type: 'array', items: items.schema, ...described() },
        value: () => random.list(random.below(3), items.value),
      }
    }
    case 16: {
      const values = made(depth - 1, false)
      const keys = { type: 'string', optional: random.chance(0.3) }
      return {
        schema: { type: 'map', keys, values: values.schema, ...described() },
        value: () =>
          keys.optional
            ? random.list(random.below(2), () => [text(), values.value()])
            : Object.fromEntries(random.list(random.below(2), () => [text(), values.value()])),
      }
    }
    case 17: {
      const values = made(0, false)
      const schema = {
        type: 'map',
        keys: { type: 'int32', optional: false },
        values: values.schema,
        ...maybe(0.8, () => ({ name: `com.example.Map${names++}` })),
      }
      return { schema, value: () => random.list(random.below(2), () => [random.below(100), values.value()]) }
    }
    default:
      return struct(depth)
  }
}
function struct(depth: number): Made {
  const fields = random
    .list(random.below(6), () => made(depth - 1, true))
    .map((one, at) => ({ ...one, name: oddly ? random.pick([`f${at}`, `odd-${at}`, `${at}th`]) : `f${at}` }))
  const docs = maybe(0.2, () => ({
    'io.confluent.connect.avro.record.doc': word(),
    'connect.record.doc': word(),
    [`io.confluent.connect.avro.field.doc.${fields[0]?.name}`]: word(),
  }))
  return {
    schema: {
      type: 'struct',
      ...maybe(0.8, () => ({ name: structName() })),
      ...described(false),
      ...maybe(0.2, () => ({ parameters: { p: word(), ...docs } })),
      fields: fields.map(({ name, schema }) => ({ field: name, ...schema })),
    },
    value: () => Object.fromEntries(fields.map(({ name, value }) => [name, value()])),
  }
}

const say = (question: unknown) => console.log(JSON.stringify(question))
for (let at = 0; at < WRITES; at++) {
  names = 0
  const chosen = options()
  // Names that are not Avro's need scrubbing; now and then without it.
  oddly = chosen['scrub.invalid.names'] !== undefined || random.chance(0.03)
  const { schema, value } = random.chance(0.7) ? struct(3) : made(2, false)
  say({ kind: 'write', options: chosen, text: JSON.stringify({ schema, payload: value() }) })
}

// Avro schemas as others write them.
function avro(space: string, depth: number): unknown {
  const props = () => ({
    ...maybe(0.08, () => ({ 'connect.version': 1 + random.below(3) })),
    ...maybe(0.08, () => ({ 'connect.doc': word() })),
    ...maybe(0.08, () => ({ 'connect.parameters': { p: word(), a: text() } })),
    ...maybe(0.05, () => ({ 'avro.java.string': 'String' })),
    ...maybe(0.05, () => ({ custom: { any: [1, 'x'] } })),
  })
  switch (random.below(depth > 0 ? 16 : 10)) {
    case 0:
      return random.pick<unknown>([
        'int',
        { type: 'int', ...props() },
        { type: 'int', 'connect.type': 'int8' },
        { type: 'int', 'connect.type': 'int16', ...props() },
      ])
    case 1:
      return random.pick<unknown>([
        'long',
        { type: 'long', logicalType: 'timestamp-millis' },
        { type: 'long', logicalType: 'timestamp-micros' },
        { type: 'long', 'connect.default': 5_000_000_000, ...props() },
      ])
    case 2:
      return random.pick<unknown>(['float', { type: 'float', 'connect.default': 1.5 }])
    case 3:
      return random.pick<unknown>(['double', { type: 'double', 'connect.default': 2 }])
    case 4:
      return 'boolean'
    case 5:
      return random.pick<unknown>([
        'string',
        { type: 'string', ...props(), 'connect.name': `n.S${names++}` },
        { type: 'string', 'connect.default': text() },
        { type: 'string', logicalType: 'uuid' },
      ])
    case 6:
      return random.pick<unknown>([
        'bytes',
        { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 3 },
        { type: 'bytes', logicalType: 'decimal', precision: 64 },
        { type: 'bytes', 'connect.default': 'ÿa' },
      ])
    case 7:
      return random.pick<unknown>([
        { type: 'int', logicalType: 'date' },
        { type: 'int', logicalType: 'time-millis' },
      ])
    case 8: {
      const full = `E${names++}`
      return {
        type: 'enum',
        name: full,
        ...maybe(0.3, () => ({ namespace: 'other' })),
        symbols: ['X', 'Y', 'Z'],
        ...maybe(0.3, () => ({ doc: word() })),
        ...maybe(0.3, () => ({ default: 'Y' })),
        ...props(),
      }
    }
    case 9:
      return {
        type: 'fixed',
        name: `F${names++}`,
        size: 1 + random.below(6),
        ...maybe(0.3, () => ({ logicalType: 'decimal', precision: 2, scale: 1 })),
        ...props(),
      }
    case 10:
      return { type: 'array', items: avro(space, depth - 1), ...props() }
    case 11:
      return { type: 'map', values: avro(space, depth - 1), ...props() }
    case 12:
      return random.chance(0.5) ? ['null', avro1(space, depth)] : [avro1(space, depth), 'null']
    case 13: {
      const members = [
        ...maybeList(0.5, 'null'),
        'string',
        'int',
        ...maybeList(0.5, 'long'),
        ...maybeList(0.4, { type: 'array', items: 'int' }),
        ...maybeList(0.4, avroRecord(space, depth - 1)),
      ]
      return random.chance(0.2) ? ['string'] : members
    }
    case 14:
      return {
        type: 'array',
        items: {
          type: 'record',
          name: `K${names++}`,
          'connect.internal.type': 'MapEntry',
          fields: [
            { name: 'key', type: 'int' },
            { name: 'value', type: avro1(space, 0) },
          ],
        },
      }
    default:
      return avroRecord(space, depth)
  }
}
const maybeList = (probability: number, one: unknown) => (random.chance(probability) ? [one] : [])
function avro1(space: string, depth: number): unknown {
  const one = avro(space, depth - 1)
  return Array.isArray(one) ? 'double' : one
}
function avroRecord(space: string, depth: number): Record<string, unknown> {
  const name = random.pick([`R${names++}`, `io.confluent.connect.avro.ConnectDefault${names++}`, `q.w.R${names++}`])
  const fields = random
    .list(random.below(5), () => avro(space, depth - 1))
    .map((type, at) => ({
      name: `f${at}`,
      type,
      ...maybe(0.25, () => ({ doc: word() })),
      ...maybe(0.4, () => byDefault(type)),
      ...maybe(0.05, () => ({ 'connect.parameters': { fp: word() } })),
    }))
  return {
    type: 'record',
    name,
    ...maybe(0.2, () => ({ doc: word() })),
    ...maybe(0.15, () => ({ 'connect.version': 2 + random.below(2) })),
    ...maybe(0.1, () => ({ 'connect.name': `named.N${names++}` })),
    fields,
  }
}
function byDefault(type: unknown): Record<string, unknown> {
  // A default of a real union is a struct, which the reference's JSON converter does not take as one.
  if (Array.isArray(type) && !(type.length === 2 && type.includes('null'))) return {}
  const first = Array.isArray(type) ? type[0] : type
  const { type: name = first, symbols, logicalType } = Object(first)
  if (logicalType !== undefined && !['date', 'time-millis', 'timestamp-millis', 'decimal'].includes(logicalType))
    return {}
  const values: Record<string, unknown> = {
    null: null,
    boolean: true,
    int: 7,
    long: 5,
    float: 1.5,
    double: random.pick([1, 2.5]),
    string: text(),
    bytes: 'aÿ',
    array: [],
    map: {},
    enum: symbols?.[0],
  }
  return name in values ? { default: values[name as string] } : {}
}
for (let at = 0; at < READS; at++) {
  names = 0
  const schema = random.chance(0.8) ? avroRecord('', 3) : avro('', 2)
  say({ kind: 'read', options: options(), schema: JSON.stringify(schema), seed: at })
}
