// Texts of .proto files, what is read from them, and what is refused.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SchemaParseException } from '../language.ts'
import {
  type LinkedMessage,
  linkProto,
  PROTOBUF,
  type ProtoMessage,
  parseProto,
  readProto,
  WELL_KNOWN_PATHS,
} from './index.ts'

function message(text: string, name: string, references?: ReadonlyMap<string, string>): LinkedMessage {
  const found = linkProto(readProto(text), references).byName.get(name)
  assert.ok(found?.kind === 'message', name)
  return found
}
const fieldsOf = (linked: LinkedMessage) => linked.fields.map(({ name, type }) => `${name}: ${nameOf(type)}`)
const nameOf = (type: LinkedMessage['fields'][number]['type']) =>
  type.kind === 'scalar' ? type.scalar : type.type.fullName

test('all that a file may declare is kept in its order', () => {
  const file = readProto(`
    // A comment
    syntax = "proto2"; /* and
    another */ package a.b;
    import "c.proto"; import public "d//e.proto";
    option java_package = "x" 'y\\n';
    option (own).deep.(er.still) = { one: 1, two { three: [true, -inf] } two <four: "x">; [a.ext]: NAME };
    message M {
      reserved 1, 3 to 5, 9 to max; reserved "old", 'older';
      extensions 100 to 199, 1000 [verification = UNVERIFIED];
      required int32 first = 0x11 [default = -5, json_name = "f"];
      repeated group Inner = 18 { optional string s = 1; }
      oneof choice { option (x) = 1; string a = 19; M b = 20; }
      map<string, M> by = 21;
      enum E { option allow_alias = true; A = 0; B = -1; reserved 7 to max; }
      extend .a.b.M { optional int32 more = 150; }
      ;
    }
    service S { option deprecated = true; rpc R (stream M) returns (.a.b.M) { option idempotency_level = IDEMPOTENT; } }
  `)
  assert.equal(file.packageName, 'a.b')
  assert.deepEqual(file.imports, [
    { path: 'c.proto', kind: 'plain' },
    { path: 'd/e.proto', kind: 'public' },
  ])
  assert.deepEqual(file.options[0], { name: 'java_package', value: { kind: 'string', text: 'xy\n' } })
  assert.equal(file.options[1]?.name, '(own).deep.(er.still)')
  const own = file.options[1]?.value
  assert.ok(own?.kind === 'message')
  assert.deepEqual(
    own.fields.map(([name, value]) => [name, value.kind]),
    [
      ['one', 'number'],
      ['two', 'list'],
      ['[a.ext]', 'name'],
    ],
  )
  const m = file.types[0] as ProtoMessage
  assert.deepEqual(m.reserved, [
    [1, { first: 3, last: 5 }, { first: 9, last: null }],
    ['old', 'older'],
  ])
  assert.deepEqual(
    m.fields.map(({ name, number, label, type, mapKey, oneof, group }) => [
      name,
      number,
      label,
      type,
      mapKey,
      oneof,
      group,
    ]),
    [
      ['first', 17, 'required', 'int32', null, null, false],
      ['inner', 18, 'repeated', 'Inner', null, null, true],
      ['a', 19, null, 'string', null, 'choice', false],
      ['b', 20, null, 'M', null, 'choice', false],
      ['by', 21, null, 'M', 'string', null, false],
    ],
  )
  assert.deepEqual(
    m.types.map(({ kind, name }) => [kind, name]),
    [
      ['message', 'Inner'],
      ['enum', 'E'],
    ],
  )
  assert.equal(m.extensions[0]?.name, '.a.b.M')
  assert.deepEqual(file.services[0]?.methods[0], {
    name: 'R',
    request: 'M',
    response: '.a.b.M',
    requestStreams: true,
    responseStreams: false,
    options: [{ name: 'idempotency_level', value: { kind: 'name', text: 'IDEMPOTENT' } }],
  })
})

test('names are found from the inside out, over imports and their public imports', () => {
  const references = new Map([
    [
      'one.proto',
      'syntax = "proto3"; package one; import public "two.proto"; import "three.proto"; message One { three.T t = 1; }',
    ],
    ['two.proto', 'syntax = "proto3"; package two; message Two { enum E { Z = 0; } }'],
    ['three.proto', 'syntax = "proto3"; package three; message T {}'],
  ])
  const text = (field: string) => `syntax = "proto3"; package one.more; import "one.proto";
    message Outer { message Two {} message In { ${field} x = 1; } } message In {}`
  const found = (field: string) => fieldsOf(message(text(field), 'one.more.Outer.In', references))[0]
  assert.equal(found('Two'), 'x: one.more.Outer.Two')
  assert.equal(found('In'), 'x: one.more.Outer.In')
  assert.equal(found('.one.more.In'), 'x: one.more.In')
  assert.equal(found('One'), 'x: one.One')
  assert.equal(found('two.Two.E'), 'x: two.Two.E')
  assert.equal(found('map<int32, two.Two>'), 'x: two.Two')
  assert.throws(() => found('three.T'), /three\.T of one\.more\.Outer\.In\.x is not declared/)
  assert.throws(() => message(text('One'), 'one.more.Outer.In'), /one\.proto is not among the references/)
})

test('presence, packing and names in JSON follow the syntax and its options', () => {
  const facts = (text: string) =>
    message(text, 'M').fields.map((field) =>
      [
        field.jsonName,
        field.repeated && 'repeated',
        field.required && 'required',
        field.hasPresence && 'presence',
        field.packed && 'packed',
      ]
        .filter(Boolean)
        .join(' '),
    )
  assert.deepEqual(
    facts(`message M { optional int32 a_b = 1; required M c = 2; repeated int32 d = 3; repeated int32 e = 4 [packed = true];
      map<string, bytes> f = 5; repeated string _g1_h = 6 [json_name = "own"]; oneof o { bool i = 7; } }`),
    ['aB presence', 'c required presence', 'd repeated', 'e repeated packed', 'f', 'own repeated', 'i presence'],
  )
  assert.deepEqual(
    facts(`syntax = "proto3"; message M { int32 a = 1; optional int32 b = 2; repeated bool c = 3; repeated bool d = 4 [packed = false];
      M e = 5; repeated string f = 6; oneof o { int32 g = 7; } }`),
    ['a', 'b presence', 'c repeated packed', 'd repeated', 'e presence', 'f repeated', 'g presence'],
  )
  assert.deepEqual(
    facts(`edition = "2023"; option features.field_presence = IMPLICIT;
      message M { int32 a = 1; int32 b = 2 [features.field_presence = EXPLICIT]; repeated int32 c = 3;
      repeated int32 d = 4 [features = { repeated_field_encoding: EXPANDED }]; int32 e = 5 [features.field_presence = LEGACY_REQUIRED]; }`),
    ['a', 'b presence', 'c repeated packed', 'd repeated', 'e required presence'],
  )
})

test('editions have a text and a descriptor of their own', () => {
  const text =
    'edition = "2023";\n\nmessage M {\n  reserved old, older;\n\n  int32 a = 1 [features.field_presence = IMPLICIT];\n}\n'
  const parsed = parseProto(text)
  assert.equal(parsed.canonicalText, text)
  const read = parseProto(PROTOBUF.format?.(parsed, 'serialized') as string)
  assert.deepEqual([read.file.syntax, read.file.edition], ['editions', '2023'])
  assert.equal(read.linked.messages[0]?.fields[0]?.hasPresence, false)
})

test('all well-known files can be imported', () => {
  const text = `syntax = "proto3"; ${WELL_KNOWN_PATHS.map((path) => `import "${path}";`).join(' ')}
    message M { google.protobuf.Timestamp a = 1; confluent.type.Decimal b = 2; google.type.Money c = 3; }`
  assert.deepEqual(fieldsOf(message(text, 'M')), [
    'a: google.protobuf.Timestamp',
    'b: confluent.type.Decimal',
    'c: google.type.Money',
  ])
})

test('what is wrong is told with its place', () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['message', /line 1, column 8: a name is expected, not the end of the text/],
    ['message M {\n  int32 a = 1;\n}', /line 2, column 3: the field lacks its label/],
    ['syntax = "proto3"; message M { required int32 a = 1; }', /'required' stands in proto2 only/],
    ['syntax = "proto4";', /neither proto2 nor proto3/],
    ['message M {} message M {}', /line 1, column 14: M is declared twice/],
    ['message M { map<float, int32> m = 1; }', /float cannot be the type of a map's keys/],
    ['message M { optional int32 a = 99999999999; }', /does not fit 32 bits/],
    ['/* open', /line 1, column 1: the comment is not closed/],
    ['option a = "x', /the text is not closed/],
    ['package a; package b;', /named twice/],
    ['garbage', /a declaration is expected, not 'garbage'/],
    [`${'message M { '.repeat(100)}`, /nesting is deeper/],
    [`option a = ${'['.repeat(100000)}`, /nesting is deeper/],
  ]
  for (const [text, why] of refused) {
    assert.throws(
      () => readProto(text),
      (error) => error instanceof SchemaParseException && why.test(error.message),
      text.slice(0, 100),
    )
  }
  const unlinked: readonly (readonly [string, RegExp])[] = [
    ['message M { optional int32 a = 1; optional int32 b = 1; }', /two fields of M have the number 1/],
    ['message M { optional int32 a = 1; optional int32 a = 2; }', /two fields of M have the name a/],
    ['message M { optional int32 a = 19001; }', /19001/],
    ['message M { message N {} enum N { A = 0; } }', /M\.N is declared twice/],
    ['syntax = "proto3"; enum E { A = 1; }', /must be 0 in proto3/],
    ['enum E { A = 1; B = 1; }', /two values of E have the number 1/],
  ]
  for (const [text, why] of unlinked) assert.throws(() => linkProto(readProto(text)), why, text)
})
