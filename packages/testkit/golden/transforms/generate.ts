// Makes the questions of the golden file: every transformation and predicate, on random records, with random configurations.
import { type Schema, SchemaBuilder, Schemas } from '@millrace/api'
import { schemaJson } from '../../src/golden/schema-json.ts'
import { tagged } from '../../src/golden/tagged.ts'
import { Random, randomSchema, randomValue } from '../../src/random.ts'
import { CONFIGS } from './configs.ts'

const SEED = 20_261_123
const PER_TYPE = 170
const random = new Random(Number(process.argv[2] ?? SEED))

/** Texts that are, or nearly are, numbers, booleans and dates. */
const TEXTS = [
  '12',
  '-129',
  '300',
  '40000',
  '3000000000',
  '9223372036854775807',
  '9223372036854775808',
  '1.5',
  '-0.25',
  '1e3',
  ' 7 ',
  '+5',
  '0x1.8p3',
  '5f',
  'NaN',
  '-Infinity',
  'true',
  'TRUE',
  'yes',
  '',
  'abc',
  '2024-02-29',
  '1969-12-31 23:59:59',
  '2024-13-45',
  '20240229',
  '2024-02-29T12:34:56.789Z',
  'Thu, 29 Feb 2024 1:02 PM',
  '29/2/24',
  '1582-10-10',
]
const NAMES = ['id', 'name', 'at', 'sub', 'list', 'a.b', 'x'] as const

function scalar(): Schema {
  const text = random.chance(0.4)
  const schema = text ? Schemas.STRING : randomSchema(random, 0)
  const builder = SchemaBuilder.type(schema.type)
  if (schema.name !== null) builder.name(schema.name).version(1)
  if (schema.parameters !== null) builder.parameters(schema.parameters)
  if (random.chance(0.4)) builder.optional()
  if (schema.name === null && random.chance(0.25)) {
    const value = defaultOf(schema)
    if (value !== null) builder.default(value)
  }
  if (random.chance(0.1)) builder.doc('about it')
  return builder.build()
}

function defaultOf(schema: Schema): unknown {
  if (schema.type === 'STRING') return random.pick(TEXTS)
  if (schema.type === 'BOOLEAN') return true
  return schema.type === 'BYTES' || schema.type === 'INT64' ? null : random.below(100)
}

function struct(depth: number): Schema {
  const builder = SchemaBuilder.struct()
  if (random.chance(0.5)) builder.name('order')
  if (random.chance(0.3)) builder.version(3)
  if (random.chance(0.2)) builder.doc('an order')
  if (random.chance(0.2)) builder.parameter('p', 'q')
  if (random.chance(0.3)) builder.optional()
  for (const name of NAMES) {
    if (random.chance(0.3)) continue
    if (name === 'sub' && depth > 0) builder.field(name, struct(depth - 1))
    else if (name === 'list') builder.field(name, SchemaBuilder.array(scalar()).optional().build())
    else if (name === 'x' && random.chance(0.1))
      builder.field(name, SchemaBuilder.map(Schemas.STRING, scalar()).build())
    else builder.field(name, scalar())
  }
  return builder.build()
}

function valueFor(schema: Schema): unknown {
  if (schema.optional && random.chance(0.2)) return null
  if (schema.defaultValue !== undefined && random.chance(0.3)) return null
  switch (schema.type) {
    case 'STRUCT':
      return Object.fromEntries(schema.fields.map((field) => [field.name, valueFor(field.schema)]))
    case 'ARRAY':
      return random.list(random.below(3), () => valueFor(required(schema.valueSchema as Schema)))
    case 'STRING':
      return random.chance(0.7) ? random.pick(TEXTS) : random.text()
    case 'FLOAT32':
    case 'FLOAT64':
      return random.pick([0, 0.5, -1.25, 300.75, 40_000.5, 3e9, -3e9, 1e20, -1e20, Number.NaN, Infinity, 0.1])
    case 'INT64':
      if (schema.name !== null) return randomValue(random, required(schema))
      return random.chance(0.5) ? random.below(2 ** 41) : random.int64()
    default:
      return randomValue(random, required(schema))
  }
}

/** Random values are null by the schema's leave; here that is decided above. */
function required(schema: Schema): Schema {
  return { ...schema, optional: false, defaultValue: undefined }
}

function plain(depth: number): unknown {
  switch (random.below(depth > 0 ? 9 : 7)) {
    case 0:
      return null
    case 1:
      return random.chance(0.5)
    case 2:
    case 3:
      return random.pick(TEXTS)
    case 4:
      return random.chance(0.7) ? random.below(2 ** 41) : random.int64()
    case 5:
      return random.pick([0.5, -1.25, 300.75, 40_000.5, 0.1, -7.75])
    case 6:
      return random.chance(0.5) ? random.bytes() : random.list(random.below(3), () => random.below(10))
    default:
      return members(depth - 1)
  }
}

function members(depth: number): Record<string, unknown> {
  const names = NAMES.filter(() => random.chance(0.6))
  return Object.fromEntries(names.map((name) => [name, plain(depth)]))
}

/** Schema and value of one side of a record. */
function side(name: 'key' | 'value'): Record<string, unknown> {
  const kind = random.next()
  if (kind < 0.05) return {}
  if (kind < 0.45) return { [name]: tagged(kind < 0.08 ? plain(1) : members(2), null) }
  const schema = kind < 0.55 ? scalar() : struct(2)
  return { [`${name}Schema`]: schemaJson(schema), [name]: tagged(valueFor(schema), schema) }
}

function record(): Record<string, unknown> {
  const sink = random.chance(0.5)
  const headers = random.list(random.chance(0.4) ? random.below(4) : 0, () => {
    const schema = scalar()
    const value = schema.defaultValue ?? valueFor(schema)
    return [random.pick(['h', 'i', 'j']), schemaJson(schema), tagged(value, schema)]
  })
  return {
    sink,
    topic: random.pick(['orders', 'db1.public.orders', 'a-1', 'ab', 'x_y']),
    ...((sink || random.chance(0.5)) && { partition: random.below(9) }),
    ...(random.chance(0.85) && { timestamp: random.chance(0.8) ? random.below(2 ** 41) : -random.below(2 ** 41) }),
    ...side('key'),
    ...side('value'),
    ...(headers.length > 0 && { headers }),
  }
}

const lines: string[] = []
for (const [type, config] of Object.entries(CONFIGS)) {
  for (let at = 0; at < PER_TYPE; at++) lines.push(JSON.stringify({ type, config: config(random), ...record() }))
}
process.stdout.write(`${lines.join('\n')}\n`)
