// Texts that are nearly schemas: each is read, or refused with a SchemaParseException; none crashes or hangs.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { Random } from '@millrace/testkit'
import { SchemaParseException } from '../language.ts'
import { PROTOBUF, type ProtoFile, parseProto, printProto, readProto } from './index.ts'

const FILE = new URL('../../../testkit/golden/protobuf/golden.jsonl.gz', import.meta.url)
const CASES = gunzipSync(readFileSync(FILE))
  .toString()
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as { schema?: string; references: Record<string, string>; bytes?: string | null })
const TOKENS = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    '<',
    '>',
    ';',
    ',',
    '=',
    '.',
    ':',
    '"',
    "'",
    '\\',
    '/*',
    '*/',
    '//',
    '-',
    '+',
    '\n',
  ],
  ...[
    'message',
    'enum',
    'option',
    'oneof',
    'map',
    'group',
    'extend',
    'reserved',
    'extensions',
    'to',
    'max',
    'repeated',
  ],
  ...[
    '0',
    '0x',
    '1e',
    '99999999999',
    '\\x',
    '\\U00110000',
    '\u0000',
    '\ud800',
    'é',
    'import "a.proto";',
    'stream',
    'rpc',
  ],
]

/** Reads a text, and does with it all that can be done. */
function tried(text: string, references: ReadonlyMap<string, string>): boolean {
  let file: ProtoFile
  try {
    file = readProto(text)
  } catch (error) {
    if (!(error instanceof SchemaParseException)) throw error
    return false
  }
  // What is read has a text that says the same.
  const printed = printProto(file)
  assert.equal(printProto(readProto(printed)), printed, text)
  try {
    const parsed = parseProto(text, references)
    const normal = PROTOBUF.normalize(parsed).canonicalText
    assert.doesNotThrow(() => readProto(normal), normal)
    PROTOBUF.incompatibilities(parsed, parsed)
    PROTOBUF.format?.(parsed, 'serialized')
    assert.equal(parsed.linked.file, parsed.file)
    return true
  } catch (error) {
    if (error instanceof assert.AssertionError || !(error instanceof SchemaParseException)) throw error
    return false
  }
}

test('mutated texts are read or refused', () => {
  const random = new Random(7)
  const texts = CASES.filter(({ schema }) => schema !== undefined)
  let read = 0
  for (let at = 0; at < 2000; at++) {
    const { schema = '', references } = random.pick(texts)
    let text = schema
    for (let changes = random.below(3); changes >= 0; changes--) text = mutated(text, random)
    if (tried(text, new Map(Object.entries(references)))) read++
  }
  assert.ok(read > 100 && read < 1900, `${read} of 2000 were read`)
})

function mutated(text: string, random: Random): string {
  const at = random.below(text.length + 1)
  const length = random.below(random.chance(0.3) ? 40 : 3)
  switch (random.below(4)) {
    case 0:
      return text.slice(0, at) + text.slice(at + length)
    case 1:
      return text.slice(0, at) + random.pick(TOKENS) + text.slice(at)
    case 2:
      return text.slice(0, at) + random.pick(TOKENS) + text.slice(at + length)
    default: {
      const from = random.below(text.length + 1)
      return text.slice(0, at) + text.slice(from, from + length) + text.slice(at)
    }
  }
}

test('mutated descriptors are read or refused', () => {
  const random = new Random(8)
  const serialized = CASES.filter(({ bytes }) => typeof bytes === 'string')
  let read = 0
  for (let at = 0; at < 1000; at++) {
    const { bytes, references } = random.pick(serialized)
    const changed = Buffer.from(bytes as string, 'base64')
    for (let changes = random.below(4); changes >= 0; changes--) {
      changed[random.below(changed.length)] = random.below(256)
    }
    const text = changed.subarray(0, random.chance(0.2) ? random.below(changed.length) : undefined).toString('base64')
    if (tried(text, new Map(Object.entries(references)))) read++
  }
  assert.ok(read > 10 && read < 950, `${read} of 1000 were read`)
})

test('what grows without bounds is refused or read in time', () => {
  const repeated = (piece: string) => piece.repeat(200_000)
  const many = (line: (at: number) => string) => Array.from({ length: 6000 }, (_, at) => line(at)).join(' ')
  const texts = [
    ...['{', '[', '(', '/*', '"', '\\', 'message M {', 'a.', '//\n', ';', '/**/', '0', '-'].map(repeated),
    ...['{', '[', '{ a: [', '{ a {', '<'].map((piece) => `option o = ${repeated(piece)}`),
    `message M { ${'oneof o { group G = 1 { '.repeat(50_000)}`,
    `message ${repeated('M')} {}`,
    `option a = "${repeated('\\x41')}";`,
    ...[
      (at: number) => `option (confluent.file_meta).tags = "${at}";`,
      (at: number) => `option (confluent.file_meta) = { tags: "${at}", params { key: "${at}" } };`,
      (at: number) => `message M${at} {}`,
      (at: number) => `enum E${at} { Z${at} = 0; }`,
      (at: number) => `extend google.protobuf.FileOptions { int32 f${at} = ${at + 1}; }`,
      (at: number) => `import "${at}.proto";`,
    ].map((line) => `syntax = "proto3"; ${many(line)}`),
    `option o = { ${many(() => 'a: 1')} };`,
    `syntax = "proto3"; message M { ${many((at) => `oneof o${at} { int32 f${at} = ${at + 1}; }`)} }`,
    `message M { ${many((at) => `repeated group G${at} = ${at + 1} {}`)} }`,
    `message M { ${many((at) => `reserved ${at};`)} ${many((at) => `extensions ${at};`)} }`,
    `syntax = "proto3"; message M { ${Array.from({ length: 6000 }, (_, at) => `int32 f${at} = ${at + 1};`).join('')} }`,
  ]
  const started = performance.now()
  for (const text of texts) tried(text, new Map())
  // What takes the square of the length takes minutes.
  assert.ok(performance.now() - started < 60_000)
})

test('schemas whose messages all name each other are compared in time', () => {
  const names = Array.from({ length: 14 }, (_, at) => `M${at}`)
  const body = (type: string) =>
    names.map(
      (name) =>
        `message ${name} { ${type} own = 99; ${names.map((one, at) => `${one} f${at} = ${at + 1};`).join(' ')} }`,
    )
  const schema = (type: string) =>
    parseProto(
      'syntax = "proto3"; package p; import "all.proto"; message Top { M0 m = 1; }',
      new Map([['all.proto', `syntax = "proto3"; package p; ${body(type).join(' ')}`]]),
    )
  const found = PROTOBUF.incompatibilities(schema('int32'), schema('string'))
  assert.ok(found.length > 0)
})
