// Prints questions to Avro's own classes about random schemas: node questions.ts > golden.jsonl
import { Random } from '@millrace/testkit'

const SEED = 20_261_123
const PARSED = 700
const PAIRS = 900

const random = new Random(SEED)
const NOT_FITTING = 'nothing that fits'
const NAMES = ['A', 'B', 'Rec', 'E1', 'F_2', 'int_', 'Type', 'string2']
const SPACES = ['', 'a', 'com.example', 'com.example.deep', 'x_1']

interface Scope {
  readonly space: string
  /** Names that were given, by full name, and what they name. */
  readonly known: Map<string, string>
  readonly odd: boolean
}

const text = () =>
  random
    .list(random.below(6), () => random.pick(['a', 'Z', '"', '\\', '\n', '\u0001', 'é', '日', '😀', ' ', '/']))
    .join('')
const maybe = (probability: number, entries: () => Record<string, unknown>) =>
  random.chance(probability) ? entries() : {}
const anything = (): unknown =>
  random.pick<() => unknown>([
    () => text(),
    () => random.below(1000),
    () => random.pick([1.5, 0.1, 1e10, 1e-7, 123456789.25]),
    () => random.chance(0.5),
    () => null,
    () => [text(), random.below(3)],
    () => ({ z: 1, a: text(), '2': null, '1': [] }),
  ])()

const props = (scope: Scope) =>
  maybe(scope.odd ? 0.3 : 0.1, () => ({
    [random.pick(['foo', 'connect.name', 'zeta', 'order', 'default', 'a b', 'x-"q"'])]: anything(),
    ...maybe(0.5, () => ({ [random.pick(['connect.doc', 'beta', 'precision', 'scale'])]: anything() })),
  }))

function named(scope: Scope): { name: string; namespace?: string; full: string; space: string } | null {
  const short = random.pick(NAMES)
  const dotted = random.chance(0.2)
  const own = random.chance(0.3) ? random.pick(SPACES) : undefined
  const dots = random.pick(SPACES.filter((one) => one !== ''))
  const space = dotted ? dots : (own ?? scope.space)
  const full = space === '' ? short : `${space}.${short}`
  if (scope.known.has(full)) return null
  return { name: dotted ? `${dots}.${short}` : short, ...(own !== undefined && { namespace: own }), full, space }
}

const aliases = () =>
  maybe(0.15, () => ({
    aliases: random
      .list(1 + random.below(2), () => random.pick(['Old', 'x.Old2', 'Older', 'com.example.Q']))
      .filter((one, at, all) => all.indexOf(one) === at),
  }))
const doc = () => maybe(0.2, () => ({ doc: text() }))

function schema(scope: Scope, depth: number): unknown {
  const kind = random.below(depth > 0 ? 14 : 9)
  switch (kind) {
    case 8: {
      const references = [...scope.known.keys()]
      if (references.length === 0) return 'string'
      const full = random.pick(references)
      const prefix = `${scope.space}.`
      return full.startsWith(prefix) && !full.slice(prefix.length).includes('.') && random.chance(0.5)
        ? full.slice(prefix.length)
        : full
    }
    case 9:
      return { type: 'array', items: schema(scope, depth - 1), ...props(scope) }
    case 10:
      return { type: 'map', values: schema(scope, depth - 1), ...props(scope) }
    case 11:
      return union(scope, depth)
    case 12: {
      const name = named(scope)
      if (name === null) return 'bytes'
      scope.known.set(name.full, random.chance(0.5) ? 'enum' : 'fixed')
      const { full, space: _space, ...head } = name
      return scope.known.get(full) === 'enum'
        ? {
            type: 'enum',
            ...head,
            ...doc(),
            symbols: ['X', 'Y', 'Z'].slice(0, 1 + random.below(3)),
            ...maybe(0.3, () => ({ default: 'X' })),
            ...aliases(),
            ...props(scope),
          }
        : {
            type: 'fixed',
            ...head,
            ...doc(),
            size: random.below(20),
            ...aliases(),
            ...maybe(0.3, () => ({ logicalType: 'decimal', precision: 1 + random.below(10), scale: random.below(4) })),
            ...props(scope),
          }
    }
    case 13:
      return record(scope, depth)
    default: {
      const type = (['boolean', 'int', 'long', 'float', 'double', 'bytes', 'string', 'int'] as const)[kind] as string
      return random.chance(0.7) ? type : { type, ...maybe(0.4, () => logical(type)), ...props(scope) }
    }
  }
}
function logical(type: string): Record<string, unknown> {
  if (type === 'bytes') return { scale: random.below(5), logicalType: 'decimal', precision: random.below(8) }
  if (type === 'int') return { logicalType: random.pick(['date', 'time-millis', 'timestamp-millis', 'what']) }
  if (type === 'long')
    return { logicalType: random.pick(['timestamp-millis', 'timestamp-micros', 'time-micros', 'date']) }
  return { logicalType: 'uuid' }
}
function union(scope: Scope, depth: number): unknown {
  const members = [
    ...(random.chance(0.7) ? ['null'] : []),
    ...random.list(1 + random.below(3), () => schema(scope, depth - 1)),
  ]
  const seen = new Set<string>()
  const kept = members.filter((member) => {
    if (Array.isArray(member)) return false
    const { type, name } = Object(member)
    const key = typeof member === 'string' ? member : (name ?? type)
    if (seen.has(key)) return scope.odd
    seen.add(key)
    return true
  })
  return random.chance(0.2) ? kept.toReversed() : kept
}
function record(scope: Scope, depth: number): unknown {
  const name = named(scope)
  if (name === null) return 'long'
  scope.known.set(name.full, 'record')
  const { full: _full, space, ...head } = name
  const inner = { ...scope, space }
  const fields = random.list(random.below(5), () => random.pick(['f0', 'f1', 'f2', 'f3', 'type', 'name']))
  const unique = scope.odd && random.chance(0.05) ? fields : [...new Set(fields)]
  return {
    type: scope.odd && random.chance(0.1) ? 'error' : 'record',
    ...head,
    ...doc(),
    fields: unique.map((field) => {
      const type = schema(inner, depth - 1)
      return {
        name: field,
        type,
        ...maybe(0.2, () => ({ doc: text() })),
        ...maybe(0.35, () => withDefault(type, scope.odd)),
        ...maybe(0.1, () => ({ order: random.pick(['ascending', 'descending', 'ignore']) })),
        ...maybe(0.1, () => ({ aliases: [random.pick(['g0', 'g1', 'f9'])] })),
        ...maybe(0.1, () => ({ [random.pick(['bar', 'logicalType', 'x'])]: anything() })),
      }
    }),
    ...aliases(),
    ...props(scope),
  }
}
/** A default; none in schemas that are to be used, where one that fits cannot be told. */
function withDefault(type: unknown, odd: boolean): Record<string, unknown> {
  const value = defaultOf(type)
  return odd || !(JSON.stringify(value) ?? '').match(`${NOT_FITTING}|NaN`) ? { default: value } : {}
}
function defaultOf(type: unknown): unknown {
  const of = Array.isArray(type) ? type[0] : type
  const { type: name = of, symbols, size, fields } = Object(of)
  switch (name) {
    case 'null':
      return null
    case 'boolean':
      return random.chance(0.5)
    case 'int':
      return random.below(1000) - 500
    case 'long':
      return random.pick([0, -1, 5_000_000_000])
    case 'float':
    case 'double':
      return random.pick([0, 1, 1.5, -0.25, 1e20, 'NaN', 0.1])
    case 'bytes':
      return random.pick(['', 'ÿ\u0000', 'abc'])
    case 'string':
      return text()
    case 'enum':
      return symbols?.[0]
    case 'fixed':
      return '\u0001'.repeat(size ?? 0)
    case 'array':
      return []
    case 'map':
      return {}
    case 'record':
      return Object.fromEntries(
        (fields ?? []).map((one: { name: string; type: unknown }) => [one.name, defaultOf(one.type)]),
      )
    default:
      return NOT_FITTING
  }
}

const spaced = (value: unknown) => JSON.stringify(value, null, random.pick([0, 0, 0, 2]))
const top = (odd: boolean, depth = 3): unknown => {
  const scope = { space: '', known: new Map<string, string>(), odd }
  return random.chance(0.7) ? record(scope, depth) : schema(scope, depth)
}

const say = (question: unknown) => console.log(JSON.stringify(question))
for (const one of SPECIAL()) say({ kind: 'parse', schema: one })
for (let at = 0; at < PARSED; at++) say({ kind: 'parse', schema: spaced(top(true)) })
for (let at = 0; at < PAIRS; at++) {
  const writer = top(false)
  say({ kind: 'pair', writer: JSON.stringify(writer), reader: JSON.stringify(evolve(writer)), seed: at })
}

/** A schema like another one, changed here and there. */
function evolve(node: unknown): unknown {
  if (Array.isArray(node)) {
    const members = node.map(evolve).filter((one) => !Array.isArray(one))
    if (random.chance(0.15)) members.pop()
    if (random.chance(0.15) && !members.some((one) => Object(one).type === 'fixed'))
      members.push({ type: 'fixed', name: `New${random.below(1e9)}`, size: 2 })
    return members
  }
  if (typeof node === 'string') {
    const promoted = {
      int: ['long', 'float', 'double'],
      long: ['float', 'double'],
      float: ['double'],

      string: ['bytes'],
    }[node]
    if (promoted !== undefined && random.chance(0.15)) return random.pick(promoted)
    return random.chance(0.03) ? ['null', node] : node
  }
  const { type, ...rest } = node as Record<string, unknown>
  switch (type) {
    case 'record': {
      const fields = (rest.fields as { name: string; type: unknown }[]).map((field) => {
        const changed = { ...field, type: evolve(field.type) }
        return random.chance(0.1) ? { ...changed, name: `n_${field.name}`, aliases: [field.name] } : changed
      })
      const kept = fields.filter(() => random.chance(0.93))
      const added = random.chance(0.3)
        ? [
            {
              name: 'added',
              type: random.pick<unknown>(['int', ['null', 'string'], { type: 'array', items: 'long' }, 'double']),
              ...(random.chance(0.8) && { default: null }),
            },
          ].map((field) => ('default' in field ? { ...field, default: defaultOf(field.type) } : field))
        : []
      const name = random.chance(0.05)
        ? { name: `Renamed${random.below(1e9)}`, ...(random.chance(0.5) && { aliases: [rest.name] }) }
        : {}
      return {
        type,
        ...rest,
        ...name,
        fields: random.chance(0.2) ? [...added, ...kept.toReversed()] : [...kept, ...added],
      }
    }
    case 'array':
      return { type, ...rest, items: evolve(rest.items) }
    case 'map':
      return { type, ...rest, values: evolve(rest.values) }
    case 'enum':
      return random.chance(0.2) ? { type, ...rest, symbols: ['X', 'W'] } : { type, ...rest }
    default:
      return { type, ...rest }
  }
}

function SPECIAL(): string[] {
  return [
    '"string"',
    '{"type":"string"}',
    '"nope"',
    '',
    '{',
    '5',
    'null',
    '[]',
    '["null"]',
    '{}',
    '{"type":"record"}',
    '// comment\n"int"',
    '/* c */ {"type": "int" /* d */}',
    '"int" "int"',
    '{"type":{"type":"int"}}',
    '{"type":["null","int"]}',
    '{"type":"array"}',
    '{"type":"map"}',
    '["int",["null"]]',
    '["int","int"]',
    '{"type":"record","name":"A","fields":[]}',
    '{"type":"record","name":"1A","fields":[]}',
    '{"type":"record","name":"A-B","fields":[]}',
    '{"type":"record","name":"a-b.A","fields":[]}',
    '{"type":"record","name":"int","fields":[]}',
    '{"type":"record","name":"n.int","fields":[{"name":"x","type":["null","n.int"]}]}',
    '{"type":"record","name":"é","fields":[]}',
    '{"type":"record","name":"A","fields":[{"name":"é","type":"int"}]}',
    '{"type":"record","name":"A"}',
    '{"type":"record","name":"A","fields":[{"name":"x"}]}',
    '{"type":"record","name":"A","fields":[{"type":"int"}]}',
    '{"type":"record","name":"A","fields":[{"name":"x","type":"int"},{"name":"x","type":"int"}]}',
    '{"type":"enum","name":"E","symbols":["A","A"]}',
    '{"type":"enum","name":"E","symbols":["a-b"]}',
    '{"type":"enum","name":"E","symbols":["A"],"default":"B"}',
    '{"type":"enum","name":"E","symbols":[]}',
    '{"type":"enum","name":"E"}',
    '{"type":"fixed","name":"F","size":-1}',
    '{"type":"fixed","name":"F"}',
    '{"type":"fixed","name":"F","size":1.0}',
    '{"type":"fixed","name":"F","size":3000000000}',
    '{"type":"record","name":"A","fields":[{"name":"x","type":{"type":"enum","name":"E","symbols":["a"]}},{"name":"y","type":{"type":"enum","name":"E","symbols":["a"]}}]}',
    '{"type":"record","name":"A","fields":[{"name":"x","type":{"type":"enum","name":"E","symbols":["a"]}},{"name":"y","type":{"type":"enum","name":"E","symbols":["b"]}}]}',
    '{"type":"record","name":"A","namespace":"n","fields":[{"name":"x","type":{"type":"record","name":"B","namespace":"","fields":[{"name":"a","type":["null","n.A"]},{"name":"b","type":["null","B"]}]}},{"name":"y","type":"B"}]}',
    '{"type":"record","name":"A","fields":[{"name":"b","type":"B"},{"name":"c","type":{"type":"enum","name":"B","symbols":["X"]}}]}',
    '{"type":"record","name":"A","fields":[{"name":"x","type":"int","default":"no"}]}',
    '{"type":"record","name":"A","fields":[{"name":"x","type":"int","default":1.0}]}',
    '{"type":"record","name":"A","fields":[{"name":"x","type":"int","default":3000000000}]}',
    '{"type":"record","name":"A","fields":[{"name":"x","type":"double","default":-0}]}',
    '{"type":"record","name":"A","fields":[{"name":"x","type":"double","default":1e400}]}',
    '{"type":"record","name":"A","fields":[{"name":"x","type":"long","default":123456789012345678901}]}',
    '{"type":"record","name":"A","fields":[{"name":"x","type":"float","default":"Infinity"}]}',
    '{"type":"record","name":"A","fields":[{"name":"x","type":["int","null"],"default":null}]}',
    '{"type":"record","name":"A","fields":[{"name":"x","type":"int","order":"DESCENDING"}]}',
    '{"type":"record","name":"A","fields":[{"name":"x","type":"int","order":"up"}]}',
    '{"type":"record","name":"A","fields":[{"name":"x","type":{"type":"map","values":"int"},"default":{"b":1,"a":2,"10":3,"9":4}}]}',
    '{"type":"int","doc":"gone","size":3,"symbols":[],"name":"gone"}',
    '{"type":"record","name":"A","fields":[],"aliases":["B","x.C",".D"]}',
    '{"type":"record","name":"A","namespace":"n","fields":[],"aliases":["B","n.C","x.D"]}',
    '{"type":"record","name":"A","fields":[],"aliases":"B"}',
    '{"type":"string","x":"\\u0000\\u001f\\u007f\\u2028\\ud83d\\ude00"}',
    '{"type":"string","x":1.0,"y":1E5,"z":1e-5,"w":-0.0,"v":100000000000000000000,"u":-0}',
    '{"type":"string","avro.java.string":"String"}',
    '{"type":"record","name":"A","namespace":5,"fields":[]}',
    '{"type":"record","name":"A","doc":5,"fields":[]}',
  ]
}
