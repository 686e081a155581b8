// Prints questions to JsonSchemaData about random Connect schemas with values, and about random JSON schemas with texts:
// node questions.ts > golden.jsonl
import { Random } from '@millrace/testkit'

const SEED = 61_123
const WRITES = 700
const READS = 1500
const random = new Random(SEED)

const maybe = (probability: number, entries: () => Record<string, unknown>) =>
  random.chance(probability) ? entries() : {}
const word = () => random.pick(['a', 'b', 'order', 'Some doc', 'é "q"', 'x.y', 'line\nbreak'])
const text = () => list(random.below(5), () => random.pick(['a', 'Z', '"', 'é', '日', '😀', ' '])).join('')
const list = <T>(length: number, make: (at: number) => T): T[] => Array.from({ length }, (_, at) => make(at))
const base64 = (size: number) => Buffer.from(list(size, () => random.below(256))).toString('base64')
const fieldName = (at: number) =>
  random.pick([`f${at}`, `order_${at}`, `customerName${at}`, `x${at * 7919}`, `Zürich ${at}`])

function options(): Record<string, string> {
  const keys = [
    'generalized.sum.type.support',
    'ignore.default.for.nullables',
    'use.optional.for.nonrequired',
    'preserve.additional.properties',
    'ignore.modern.dialects',
  ]
  const set = Object.fromEntries(keys.filter(() => random.chance(0.15)).map((key) => [key, 'true']))
  return {
    ...set,
    ...maybe(0.2, () => ({ 'decimal.format': 'numeric' })),
    ...maybe(0.1, () => ({ 'object.additional.properties': 'false' })),
    ...maybe(0.1, () => ({ 'flatten.singleton.unions': 'false' })),
  } as Record<string, string>
}

interface Made {
  readonly schema: Record<string, unknown>
  /** A value's JSON: of Connect's, as JsonConverter has it. */
  readonly value: () => unknown
}

const described = () => ({
  ...maybe(0.1, () => ({ doc: word() })),
  ...maybe(0.1, () => ({ version: 1 + random.below(4) })),
  ...maybe(0.1, () => ({
    parameters: {
      [random.pick(['p', 'longer.name', 'q.r'])]: word(),
      z: text(),
      ...maybe(0.5, () => ({ third: 'x' })),
    },
  })),
})

function made(depth: number): Made {
  const one = plain(depth)
  const optional = random.chance(0.35)
  const value = () => (optional && random.chance(0.3) ? null : one.value())
  const hasDefault = random.chance(0.2) && one.schema.type !== 'struct'
  const given = hasDefault ? one.value() : undefined
  // A map's entries stand in the order of a hash map, of which one knows nothing.
  const isLong = (node: unknown) => Object.keys(Object(node)).length > 1
  return { schema: { ...one.schema, optional, ...(hasDefault && !isLong(given) && { default: given }) }, value }
}
function plain(depth: number): Made {
  switch (random.below(depth > 0 ? 20 : 14)) {
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
      return { schema: { type: 'double', ...described() }, value: () => random.pick([0.1, 1e10, -2.5, 3, 1e-7]) }
    case 6:
      return { schema: { type: 'boolean', ...described() }, value: () => random.chance(0.5) }
    case 7:
    case 8:
      return { schema: { type: 'string', ...described(), ...maybe(0.1, () => ({ name: 'my.Text' })) }, value: text }
    case 9:
      return { schema: { type: 'bytes', ...described() }, value: () => base64(random.below(6)) }
    case 10:
      return {
        schema: {
          type: 'bytes',
          name: 'org.apache.kafka.connect.data.Decimal',
          version: 1,
          parameters: { scale: random.pick(['0', '2', '5', '-2']) },
        },
        value: () => base64(1 + random.below(5)),
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
      const param = random.pick(['io.confluent.connect.json.Enum', 'org.apache.kafka.connect.data.Enum'])
      const symbols = list(1 + random.below(4), (at) => `${text()}${at}`)
      const parameters = Object.fromEntries([[param, ''], ...symbols.map((symbol) => [`${param}.${symbol}`, symbol])])
      return { schema: { type: 'string', parameters }, value: () => random.pick(symbols) }
    }
    case 14: {
      const items = made(depth - 1)
      return {
        schema: { type: 'array', items: items.schema, ...described() },
        value: () => list(random.below(3), items.value),
      }
    }
    case 15: {
      const values = made(depth - 1)
      const keys = { type: 'string', optional: random.chance(0.3) }
      return {
        schema: { type: 'map', keys, values: values.schema, ...described() },
        value: () => Object.fromEntries(list(random.below(2), () => [text(), values.value()])),
      }
    }
    case 16: {
      const keys = { type: 'int32', optional: false }
      const values = made(0)
      return {
        schema: { type: 'map', keys, values: values.schema, ...described() },
        value: () => list(random.below(2), () => [random.below(100), values.value()]),
      }
    }
    case 17: {
      const members = list(1 + random.below(3), () => made(depth - 1))
      const generalized = random.chance(0.5)
      const prefix = generalized ? 'connect_union_field_' : 'io.confluent.connect.json.OneOf.field.'
      const at = () => random.below(members.length)
      return {
        schema: {
          type: 'struct',
          name: generalized ? 'connect_union_0' : 'io.confluent.connect.json.OneOf',
          ...(generalized && { parameters: { 'org.apache.kafka.connect.data.Union': 'connect_union_0' } }),
          fields: members.map(({ schema }, index) => ({ ...schema, optional: true, field: prefix + index })),
        },
        value: () => {
          const chosen = at()
          return { [prefix + chosen]: members[chosen]?.value() }
        },
      }
    }
    default:
      return struct(depth)
  }
}
function struct(depth: number): Made {
  const fields = list(random.below(7), () => made(depth - 1)).map((one, at) => ({ ...one, name: fieldName(at) }))
  return {
    schema: {
      type: 'struct',
      ...maybe(0.8, () => ({ name: random.pick(['Rec', 'com.example.Rec']) })),
      ...described(),
      fields: fields.map(({ name, schema }) => ({ field: name, ...schema })),
    },
    value: () => Object.fromEntries(fields.map(({ name, value }) => [name, value()])),
  }
}

const say = (question: unknown) => console.log(JSON.stringify(question))
for (let at = 0; at < WRITES; at++) {
  const { schema, value } = random.chance(0.7) ? struct(3) : made(2)
  say({ kind: 'write', options: options(), text: JSON.stringify({ schema, payload: value() }) })
}

// JSON schemas as others write them, each with a text that mostly fits.
const told = () => ({
  ...maybe(0.1, () => ({ title: random.pick(['T', 'com.example.Title']) })),
  ...maybe(0.1, () => ({ description: word() })),
  ...maybe(0.05, () => ({ 'connect.version': 2 + random.below(3) })),
  ...maybe(0.05, () => ({ 'connect.parameters': { p: word(), z: text() } })),
  ...maybe(0.05, () => ({ custom: { any: [1, 'x'] } })),
})
const byDefault = (value: () => unknown) => maybe(0.12, () => ({ default: value() }))

function typed(depth: number): Made {
  switch (random.below(depth > 0 ? 12 : 8)) {
    case 0: {
      const type = random.pick(['int8', 'int16', 'int32', 'int64', 'float32', 'float64'])
      const value = () => random.below(120)
      return {
        schema: {
          type: 'integer',
          ...maybe(0.4, () => ({ 'connect.type': type })),
          ...maybe(0.2, () => ({ minimum: 0 })),
          ...told(),
          ...byDefault(value),
        },
        value,
      }
    }
    case 1: {
      const value = () => random.pick<unknown>([1, 2.5, -0.125, 1e10])
      return {
        schema: {
          type: 'number',
          ...maybe(0.2, () => ({ 'connect.type': random.pick(['float32', 'float64', 'int32', 'bytes']) })),
          ...maybe(0.1, () => ({ format: 'x' })),
          ...told(),
          ...byDefault(value),
        },
        value,
      }
    }
    case 2:
      return { schema: { type: 'boolean', ...told(), ...byDefault(() => true) }, value: () => random.chance(0.5) }
    case 3:
      return {
        schema: {
          type: 'string',
          ...maybe(0.2, () => ({ minLength: 0 })),
          ...maybe(0.2, () => ({ format: random.pick(['date', 'uuid', 'date-time']) })),
          ...told(),
          ...byDefault(text),
        },
        value: text,
      }
    case 4: {
      const value = () => base64(random.below(5))
      return { schema: { type: 'string', 'connect.type': 'bytes', ...told(), ...byDefault(value) }, value }
    }
    case 5: {
      const symbols = random.pick<unknown[]>([
        ['X', 'Y'],
        ['a', null],
        [1, 2],
        ['x', 1, true],
        [['q'], { k: 'v' }],
      ])
      const type = random.pick([{}, { type: 'string' }, { type: 'integer' }, { type: ['string', 'null'] }])
      return {
        schema: { ...type, enum: symbols, ...told(), ...maybe(0.1, () => ({ default: symbols[0] })) },
        value: () => random.pick(symbols),
      }
    }
    case 6:
      return {
        schema: { ...random.pick([{}, { type: 'string' }, { type: 'number' }]), const: random.pick<unknown>(['c', 5]) },
        value: () => random.pick<unknown>(['c', 5]),
      }
    case 7:
      return random.pick<Made>([
        {
          schema: {
            type: 'integer',
            title: 'org.apache.kafka.connect.data.Date',
            'connect.type': 'int32',
            'connect.version': 1,
          },
          value: () => random.below(10_000),
        },
        {
          schema: {
            type: 'integer',
            title: 'org.apache.kafka.connect.data.Timestamp',
            'connect.type': 'int64',
            'connect.version': 1,
          },
          value: () => random.below(2 ** 40),
        },
        {
          schema: {
            type: random.pick(['number', 'string']),
            title: 'org.apache.kafka.connect.data.Decimal',
            'connect.type': 'bytes',
            'connect.version': 1,
            'connect.parameters': { scale: '2' },
          },
          value: () => random.pick<unknown>([12.34, base64(3)]),
        },
      ])
    case 8: {
      const items = any(depth - 1)
      return {
        schema: {
          type: 'array',
          ...(random.chance(0.95) && { items: items.schema }),
          ...maybe(0.1, () => ({ maxItems: 10 })),
          ...told(),
        },
        value: () => list(random.below(3), items.value),
      }
    }
    case 9: {
      const values = any(depth - 1)
      return {
        schema: { type: 'object', 'connect.type': 'map', additionalProperties: values.schema, ...told() },
        value: () => Object.fromEntries(list(random.below(3), (at) => [`k${at}`, values.value()])),
      }
    }
    case 10: {
      const [key, value] = [typed(0), any(depth - 1)]
      return {
        schema: {
          type: 'array',
          'connect.type': 'map',
          items: { type: 'object', properties: { key: key.schema, value: value.schema } },
        },
        value: () => list(random.below(2), () => ({ key: key.value(), value: value.value() })),
      }
    }
    default:
      return properties(depth)
  }
}
function properties(depth: number): Made {
  const fields = list(random.below(6), () => any(depth - 1)).map((one, at) => ({ ...one, name: fieldName(at) }))
  const indexed = random.chance(0.3)
  const named = fields.map(({ name, schema }, at) => [
    name,
    indexed && typeof schema === 'object' ? { ...schema, 'connect.index': fields.length - at } : schema,
  ])
  const required = fields.filter(() => random.chance(0.5)).map(({ name }) => name)
  return {
    schema: {
      ...maybe(0.9, () => ({ type: 'object' })),
      properties: Object.fromEntries(named),
      ...maybe(0.5, () => ({ required })),
      ...maybe(0.2, () => ({ additionalProperties: random.pick<unknown>([false, true, { type: 'string' }]) })),
      ...told(),
    },
    value: () => ({
      ...Object.fromEntries(
        fields
          .filter(({ name }) => required.includes(name) || random.chance(0.8))
          .map(({ name, value }) => [name, value()]),
      ),
      ...maybe(0.2, () => ({ more: random.pick<unknown>([1, 'x', [1.5, { y: null }], 2 ** 40]) })),
    }),
  }
}
/** A schema of any kind: a type, or types put together. */
function any(depth: number): Made {
  if (depth <= 0 || random.chance(0.6)) return typed(depth)
  const members = list(1 + random.below(3), () => typed(depth - 1))
  const one = () => random.pick(members).value()
  switch (random.below(10)) {
    case 0:
    case 1: {
      const withNull = random.chance(0.5)
      const all: unknown[] = members.map(({ schema }) => schema)
      if (withNull) all.splice(random.below(all.length + 1), 0, { type: 'null' })
      return {
        schema: { [random.pick(['oneOf', 'anyOf'])]: all, ...told(), ...maybe(0.05, () => ({ default: null })) },
        value: () => (withNull && random.chance(0.3) ? null : one()),
      }
    }
    case 2:
    case 3: {
      const [only] = members as [Made]
      return {
        schema: {
          oneOf: random.chance(0.5) ? [{ type: 'null' }, only.schema] : [only.schema, { type: 'null' }],
          ...told(),
        },
        value: () => (random.chance(0.3) ? null : only.value()),
      }
    }
    case 4: {
      const types = random.pick([
        ['string', 'null'],
        ['null', 'integer'],
        ['string', 'integer'],
        ['number', 'boolean', 'null'],
        ['string'],
      ])
      return {
        schema: { type: types, ...told() },
        value: () =>
          random.pick<unknown>(
            types.map((type) => ({ string: 's', integer: 7, number: 1.5, boolean: true, null: null })[type]),
          ),
      }
    }
    case 5: {
      const [a, b] = [properties(depth - 1), properties(depth - 1)]
      return {
        schema: { allOf: [a.schema, b.schema], ...told() },
        value: () => ({ ...(a.value() as object), ...(b.value() as object) }),
      }
    }
    case 6:
      return { schema: { allOf: members.map(({ schema }) => schema) }, value: one }
    case 7: {
      const object = properties(depth - 1)
      return {
        schema: { ...object.schema, type: ['object', 'null'] },
        value: () => (random.chance(0.3) ? null : object.value()),
      }
    }
    case 8:
      return random.pick<Made>([
        {
          schema: { ...told() },
          value: () => random.pick<unknown>([1, 'x', null, [true, 2.25], { b: 1, a: { c: [] } }]),
        },
        { schema: { $ref: '#/definitions/Leaf', ...told() }, value: () => ({ leaf: 'x' }) },
      ])
    default:
      return {
        schema: { $ref: random.pick(['#/definitions/Leaf', '#/definitions/Tree', '#/$defs/Name']) },
        value: () => random.pick<unknown>([{ leaf: 'l' }, { name: 'n', nodes: [{ name: 'm' }] }, 'Nn']),
      }
  }
}
const DEFINITIONS = {
  definitions: {
    Leaf: { type: 'object', title: 'Leaf', properties: { leaf: { type: 'string' } } },
    Tree: {
      type: 'object',
      title: 'Tree',
      properties: { name: { type: 'string' }, nodes: { type: 'array', items: { $ref: '#/definitions/Tree' } } },
    },
    Name: { type: 'string', title: 'Name' },
  },
}
const DRAFTS = [
  'http://json-schema.org/draft-04/schema#',
  'http://json-schema.org/draft-06/schema#',
  'http://json-schema.org/draft-07/schema#',
  'http://json-schema.org/draft-07/schema#',
  'https://json-schema.org/draft/2019-09/schema',
  'https://json-schema.org/draft/2020-12/schema',
]
/**
 * Newer drafts: the members of a union in which several keywords tell a type become members of their own, in an order that
 * is not the same in each run of the reference.
 */
function plainMembers(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(plainMembers)
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node).map(([name, one]) => [
      name,
      /Of$/.test(name) && Array.isArray(one)
        ? one.map((member) => plainMembers(withoutType(member)))
        : plainMembers(one),
    ]),
  )
}
function withoutType(member: Record<string, unknown>): unknown {
  const { type, ...rest } = member
  return 'enum' in member || 'const' in member ? rest : member
}
for (let at = 0; at < READS; at++) {
  const { schema: made, value } = random.chance(0.8) ? properties(3) : any(2)
  const draft = random.chance(0.6) ? random.pick(DRAFTS) : undefined
  const schema = (draft?.includes('draft/') === true ? plainMembers(made) : made) as Record<string, unknown>
  const usesNames = JSON.stringify(schema).includes('$ref')
  const whole = {
    ...(draft !== undefined && { $schema: draft }),
    ...schema,
    ...(usesNames && DEFINITIONS),
  }
  say({ kind: 'read', options: options(), schema: JSON.stringify(whole), text: JSON.stringify(value()) })
}

// Schemas that refer to themselves and to others, and what the reference makes of odd keywords.
const OTHER = JSON.stringify({
  type: 'object',
  title: 'Other',
  properties: { a: { type: 'string' }, b: { $ref: '#/definitions/B' } },
  definitions: { B: { type: 'integer' } },
})
const FIXED: readonly (readonly [schema: unknown, text: unknown, references?: Record<string, string>])[] = [
  [
    { type: 'object', title: 'Node', properties: { v: { type: 'integer' }, next: { $ref: '#' } } },
    { v: 1, next: { v: 2 } },
  ],
  [{ type: 'object', properties: { next: { oneOf: [{ type: 'null' }, { $ref: '#' }] } } }, { next: { next: null } }],
  [
    { $ref: '#/definitions/Tree', ...DEFINITIONS },
    { name: 'a', nodes: [{ name: 'b', nodes: [] }] },
  ],
  [
    {
      type: 'object',
      properties: {
        a: { $ref: '#/definitions/Leaf' },
        b: { $ref: '#/definitions/Leaf' },
        c: { $ref: '#/definitions/Leaf' },
      },
      ...DEFINITIONS,
    },
    { a: { leaf: '1' }, c: { leaf: '2' } },
  ],
  [
    { type: 'object', properties: { o: { $ref: 'other.json' }, p: { $ref: 'other.json' } } },
    { o: { a: 'x', b: 5 }, p: {} },
    { 'other.json': OTHER },
  ],
  [{ type: 'object', properties: { o: { $ref: 'other.json#/definitions/B' } } }, { o: 5 }, { 'other.json': OTHER }],
  [
    { allOf: [{ $ref: 'other.json' }, { properties: { c: { type: 'boolean' } } }] },
    { a: 'x', b: 1, c: true },
    { 'other.json': OTHER },
  ],
  [true, { a: [1, 2.5, null] }],
  [{ not: { type: 'string' } }, 1],
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  [{ if: { type: 'string' }, then: { minLength: 1 } }, 'x'],
  [
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    { type: 'object', properties: { a: { type: 'string' } }, if: { required: ['a'] }, then: { required: ['a'] } },
    { a: 'x' },
  ],
  [{ type: 'null' }, null],
  [{ type: 'array', items: [{ type: 'string' }] }, ['x']],
  [{ type: 'array', items: true }, [1]],
  [{ oneOf: [{ type: 'integer' }, { type: 'number' }] }, 1.5],
  [{ oneOf: [{ type: 'number' }, { type: 'integer' }] }, 1],
  [
    {
      oneOf: [
        { type: 'string' },
        { type: 'object', properties: { a: { type: 'string' }, b: { type: 'integer' } } },
        { type: 'object', properties: { a: { type: 'string' }, c: { type: 'integer' } } },
      ],
    },
    { a: 'x', c: 1 },
  ],
  [{ oneOf: [{ type: 'string' }, { type: 'integer' }] }, true],
  [{ type: 'integer' }, 'text'],
  [{ type: 'string' }, 5],
  [{ type: 'boolean' }, 'text'],
  [{ type: 'integer' }, null],
  [{ type: 'object', properties: { a: { type: 'string' } } }, { a: null }],
  [{ type: 'object', properties: { a: { type: 'string' } } }, { a: 7 }],
  [{ type: 'object', properties: { a: { type: 'string', default: 'd' } } }, { a: null }],
  [
    { type: 'object', properties: { a: { type: 'string' }, __connect_additional_properties__: { type: 'string' } } },
    {},
  ],
  [{ type: 'integer', 'connect.type': 'int8' }, 300],
  [{ type: 'integer', 'connect.type': 'nope' }, 300],
  [{ type: 'number', multipleOf: 0.01 }, 1.25],
  [{ properties: { a: { type: 'integer' } }, oneOf: [{ required: ['a'] }, { type: 'object' }] }, { a: 1 }],
  [
    { type: 'object', oneOf: [{ properties: { a: { type: 'integer' } } }, { properties: { b: { type: 'integer' } } }] },
    { b: 1 },
  ],
  [{ type: 'string', oneOf: [{ minLength: 1 }, { maxLength: 5 }] }, 'abc'],
  [{ type: 'integer', minimum: 1, format: 'int32', title: 'Count', 'connect.type': 'int32' }, 5],
]
for (const draft of [undefined, ...new Set(DRAFTS)]) {
  for (const [schema, value, references] of FIXED) {
    const whole = typeof schema === 'object' && draft !== undefined ? { $schema: draft, ...schema } : schema
    const question = { schema: JSON.stringify(whole), text: JSON.stringify(value), ...(references && { references }) }
    for (const chosen of [{}, { 'preserve.additional.properties': 'true', 'use.optional.for.nonrequired': 'true' }]) {
      say({ kind: 'read', options: chosen, ...question })
    }
  }
}
