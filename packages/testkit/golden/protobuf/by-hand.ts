// Questions about what random files do not have: odd options, groups, extensions, names that hide each other, refusals.

const parse = (schema: string, references: Readonly<Record<string, string>> = {}) => ({
  kind: 'parse',
  schema,
  references,
})
const pair = (writer: string, reader: string, references: Readonly<Record<string, string>> = {}) => ({
  kind: 'pair',
  writer,
  reader,
  references,
})
const p3 = (body: string) => `syntax = "proto3"; ${body}`

const SCALAR_TYPES = [
  'int32',
  'int64',
  'uint32',
  'bool',
  'sint32',
  'sint64',
  'string',
  'bytes',
  'fixed32',
  'sfixed32',
  'fixed64',
  'sfixed64',
  'float',
  'double',
  'E',
  'N',
  'map<string, int32>',
]
const field = (type: string) => p3(`message M { ${type} f = 1; } message N {} enum E { Z = 0; }`)

/** Descriptors that protoc made of files with most of what such files may have. */
const DESCRIPTORS = [
  [
    'CgdhLnByb3RvEg5tYWRlLmJ5LnByb3RvYxofZ29vZ2xlL3Byb3RvYnVmL3RpbWVzdGFtcC5wcm90bxoZZ29vZ2xlL3Byb3RvYnVmL2FueS5wcm',
    '90byLLAwoBTRIMCgFhGAEgASgFUgFhEhEKAWIYAiABKAlIAVIBYogBARISCgFjGAMgAygDQgQQABgBUgFjEjkKCHNvbWVfbWFwGAQgAygLMh4u',
    'bWFkZS5ieS5wcm90b2MuTS5Tb21lTWFwRW50cnlSB3NvbWVNYXASIwoBbhgFIAEoCzITLm1hZGUuYnkucHJvdG9jLk0uTkgAUgFuEiEKAWUYBi',
    'ABKA4yES5tYWRlLmJ5LnByb3RvYy5FSABSAWUSKwoBdBgHIAEoCzIaLmdvb2dsZS5wcm90b2J1Zi5UaW1lc3RhbXBSBHdoZW4aTwoMU29tZU1h',
    'cEVudHJ5EhAKA2tleRgBIAEoCVIDa2V5EikKBXZhbHVlGAIgASgLMhMubWFkZS5ieS5wcm90b2MuTS5OUgV2YWx1ZToCOAEaZAoBThImCgFuGA',
    'EgASgLMhMubWFkZS5ieS5wcm90b2MuTS5OSABSAW6IAQESJAoBaRgCIAEoDjIWLm1hZGUuYnkucHJvdG9jLk0uTi5JblIBaSILCgJJbhIFCgFa',
    'EABCBAoCX25CCAoGY2hvaWNlQgQKAl9iSgQIMhAzSgQIPBBGSgkI6AcQgICAgAJSA29sZCpBCgFFEgUKAUEQABIFCgFCEAESCQoBQxABGgIIAR',
    'oCEAEiFgj7//////////8BEP///////////wEiBAgJEAkqAUQyPAoBUxIyCgFSEhEubWFkZS5ieS5wcm90b2MuTRoTLm1hZGUuYnkucHJvdG9j',
    'Lk0uTiIDkAICMAEaA4gCAUIJCgVjb20ueEgCUAFiBnByb3RvMw==',
  ].join(''),
  [
    'CgdiLnByb3RvIssBCgFNEhAKAWEYASACKAU6Ai01UgFhEhgKAXMYAiABKAk6BmEgImIiCkICCAFSAXMSEgoBZBgDIAEoAToELWluZlIBZBIUCg',
    'FlGAQgASgOMgIuRToBQlICZWUSFgoBZhgFIAEoCDoEdHJ1ZUICMABSAWYSEQoBeRgGIAEoDDoDYWJjUgF5Eg4KAXgYByABKAVIAFIBeCoFCGQQ',
    'yAEqBgisAhCtAioJCOgHEICAgIACMhYKBG1vcmUSAi5NGGQgASgFUgRtb3JlQgMKAW8qEQoBRRIFCgFBEAASBQoBQhABOhgKBW5hbWVzEgIuTR',
    'hlIAMoCVIFbmFtZXM=',
  ].join(''),
  [
    'CgdjLnByb3RvEgFjGhRjb25mbHVlbnQvbWV0YS5wcm90byJGCgFNEhYKAXMYASABKAlCCIJEBRoDUElJUgFzOimCRCYKAWQSDgoJcHJlY2lzaW',
    '9uEgExEgYKAWsSAXYaAXgiBgoBchoBZWIGcHJvdG8z',
  ].join(''),
]

export const MADE_BY_HAND: readonly object[] = [
  // What stands where
  parse(''),
  parse('// Only a comment'),
  parse('syntax = "proto3";'),
  parse(p3('package a.b.c; enum E { A = 0; } message M {} enum F { B = 0; } message N {}')),
  parse(
    p3(
      'import weak "google/protobuf/any.proto"; import public "google/type/date.proto"; import "google/protobuf/any.proto"; import "google/protobuf/any.proto"; message M {}',
    ),
  ),
  parse(
    'message M { optional group G = 1 { optional int32 b = 3; optional int32 a = 2; } oneof o { group H = 4 { optional int32 c = 5; } int32 d = 6; } }',
  ),
  parse(
    'message M { extensions 100 to 199; } extend M { optional int32 b = 101; optional int32 a = 100; } extend M { repeated M c = 102; } message O { extend .M { optional O o = 103; } }',
  ),
  parse(
    'message M { extensions 4, 20 to 30, 9 to 9, 1000 to max [declaration = { number: 1000, full_name: ".a.b", type: "int32" }, verification = DECLARATION]; }',
  ),
  parse(
    p3(
      'message M { reserved 9, 3 to 5, 5 to 5, 1000 to max; reserved "b", "a"; reserved 2; } enum E { reserved "X", 7, -5 to -1; A = 0; }',
    ),
  ),
  parse(
    p3(
      'service S { option deprecated = true; rpc A (M) returns (stream M) { option idempotency_level = NO_SIDE_EFFECTS; option deprecated = false; } rpc B (stream .M) returns (M) {} ; } service T {} message M {}',
    ),
  ),
  parse(
    p3(
      'message M { message N { message O { enum E { A = 0; } E e = 1; } O o = 1; } N.O.E e = 2; .M.N n = 1; map<int32, N.O> m = 3; }',
    ),
  ),
  parse(p3('message M {;;; int32 a = 1;; } ;')),
  parse(p3('message M { int32 a = 0x0A; int32 b = 1; }')),
  parse(
    p3(
      'message message_ { string syntax = 1; string package = 2; string rpc = 3; string returns = 4; string to = 5; string stream = 6; }',
    ),
  ),
  parse(
    p3(
      'message M { oneof b { int32 x = 5; int32 w = 4; } oneof a { int32 z = 3; option (my.opt) = 1; } optional int32 y = 2; }',
    ),
  ),
  // Options
  parse(
    p3(
      'import "google/protobuf/descriptor.proto"; package o; message Opt { string s = 1; repeated string r = 2; Opt sub = 3; int32 i = 4; } extend google.protobuf.MessageOptions { Opt one = 50001; repeated Opt many = 50002; string text = 50003; repeated int32 nums = 50004; } message A { option (one).s = "a"; option (one).sub.i = 1; option (o.one).sub.s = "b"; option (.o.one).r = "x"; option (one).r = "y"; option (many) = { s: "1" }; option (many) = { i: 2 }; option (text) = "t"; option (nums) = 1; option (nums) = 2; }',
    ),
  ),
  parse(
    p3(
      'import "confluent/meta.proto"; message A { option (confluent.message_meta).doc = "d"; option (confluent.message_meta).tags = "t1"; option (confluent.message_meta).tags = "t2"; option (confluent.message_meta).params = { key: "k1", value: "v" }; option (confluent.message_meta).params = { key: "k2", value: "v" }; string s = 1 [(confluent.field_meta).tags = "PII", (confluent.field_meta).doc = "x", deprecated = true]; }',
    ),
  ),
  parse(
    p3(
      'option (a).b.c = 1; option (a).(b.c).d = 2; option a.b.c = { x: 1; y: "z", z { w: [1, 2] } z { w: 3 } }; option l = [1]; option m = [1, 2]; option n = [{ a: 1 }]; option e = []; option q = {};',
    ),
  ),
  parse(p3(`option s = 'it''s' " and" '\\x41\\102\\n\\t\\a\\b\\f\\v\\r\\\\\\'\\"\\?'; message M {}`)),
  parse(p3('option u = "é日😀"; message M { string s = 1 [(x) = "\\303\\251"]; }')),
  parse(
    p3(
      'option n1 = 1.5; option n2 = -1e10; option n3 = 1e-7; option n4 = 0x1F; option n5 = 010; option n6 = -0; option n7 = 12345678901234567890; option n8 = 1.0005; option n9 = 2.5e3; option na = -inf; option nb = 0.0005; option nc = 100.; option nd = 1.5f; option ne = -0.0001; option nf = 123456789.987654321; option ng = 1e30; option nh = 0.0625; message M {}',
    ),
  ),
  parse(
    'message M { optional float a = 1 [default = 1.10]; optional bytes b = 2 [default = "abc", deprecated = true]; optional E e = 3 [json_name = "j", default = B]; optional bool c = 4 [default = true, packed = false]; } enum E { A = 0; B = 1; }',
  ),
  parse(
    p3(
      'message M { int32 a = 1 [json_name = "a", json_name = "b"]; repeated int32 b = 2 [packed = false, (z) = 1, (a.b) = 2]; }',
    ),
  ),
  parse(p3('message M { int32 a = 1 [features.field_presence = IMPLICIT, features = { enum_type: OPEN }]; }')),
  ...DESCRIPTORS.map((text) => parse(text)),
  // Names
  parse(
    p3(
      'package a.b; message a { message b { message C {} C c = 1; .a.b.C d = 2; a e = 3; } } message C { C c = 1; a.b.C d = 2; b.C e = 3; }',
    ),
  ),
  parse(p3('package x; import "one.proto"; message M { y.One a = 1; One b = 2; .x.y.One.In c = 3; One.In d = 4; }'), {
    'one.proto': p3('package x.y; message One { message In {} } enum Two { T = 0; }'),
    'two.proto': p3('package x; message One { message In {} }'),
  }),
  parse(p3('message M { Missing m = 1; }')),
  parse(p3('message M { map<string, Missing> m = 1; }')),
  parse('extend Missing { optional int32 a = 1; }'),
  parse(p3('service S { rpc A (Missing) returns (Missing); }')),
  parse(p3('import "missing.proto"; message M {}')),
  parse(p3('message M { google.protobuf.Timestamp t = 1; }')),
  parse(
    p3('message M { repeated Inner e = 1; message Inner { option map_entry = true; string key = 1; M value = 2; } }'),
  ),
  // Refusals
  parse('message M { int32 a = 1; }'),
  parse('syntax = "proto4";'),
  parse(p3('message M { required int32 a = 1; }')),
  parse(p3('message M { repeated map<string, string> a = 1; }')),
  parse(p3('message M { int32 a; }')),
  parse(p3('message M { int32 a = x; }')),
  parse(p3('message M { int32 a = 1')),
  parse(p3('message M {} message M {}')),
  parse(p3('message M {} syntax = "proto3";')),
  parse(p3('/* open')),
  parse(p3('option a = "open')),
  parse('not a schema'),
  parse('{"type": "string"}'),
  parse('AAAA'),
  // Pairs
  ...SCALAR_TYPES.flatMap((from) => SCALAR_TYPES.map((to) => pair(field(from), field(to)))),
  ...['', 'optional ', 'repeated '].flatMap((from) =>
    ['', 'optional ', 'repeated '].flatMap((to) =>
      ['int32', 'string', 'double', 'N', 'E'].map((type) => pair(field(from + type), field(to + type))),
    ),
  ),
  pair('message M { optional int32 a = 1; }', 'message M { optional int32 a = 1; required int32 b = 2; }'),
  pair('message M { required int32 a = 1; required string b = 2; }', 'message M { optional int32 a = 1; }'),
  pair(p3('package a; message M {}'), p3('package b; message M {}')),
  pair(
    p3('package a; message M { N n = 1; } message N { int32 a = 1; }'),
    p3('package b; message M { N n = 1; } message N { string a = 1; }'),
  ),
  pair(p3('message M { oneof o { int32 a = 1; int32 b = 2; } }'), p3('message M { int32 a = 1; int32 b = 2; }')),
  pair(p3('message M { int32 a = 1; int32 b = 2; }'), p3('message M { oneof o { int32 a = 1; int32 b = 2; } }')),
  pair(p3('message M { int32 a = 1; int32 b = 2; }'), p3('message M { int32 b = 2; oneof o { int32 a = 1; } }')),
  pair(
    p3('message M { int32 a = 1; oneof o { int32 b = 2; } }'),
    p3('message M { oneof o { int32 a = 1; int32 b = 2; } }'),
  ),
  pair(
    p3('message M { oneof o { int32 a = 1; int32 b = 2; } }'),
    p3('message M { oneof p { int32 a = 1; string b = 2; int32 c = 3; } }'),
  ),
  pair(
    p3('message M { oneof o { int32 a = 1; int32 b = 2; } oneof p { int32 c = 3; } }'),
    p3('message M { oneof o { int32 a = 1; int32 c = 3; } }'),
  ),
  pair(p3('message M { oneof o { int32 a = 1; int32 b = 2; } }'), p3('message M { int32 c = 3; }')),
  pair(p3('message M { map<string, int32> m = 1; }'), p3('message M { map<string, int64> m = 1; }')),
  pair(p3('message M { map<string, int32> m = 1; }'), p3('message M { map<int32, string> m = 1; }')),
  pair(p3('message M { map<string, N> m = 1; } message N {}'), p3('message M { map<string, O> m = 1; } message O {}')),
  pair(
    p3('message M { map<string, int32> m = 1; }'),
    p3(
      'message M { repeated Entry m = 1; message Entry { option map_entry = true; string key = 1; int32 value = 2; } }',
    ),
  ),
  pair(
    p3('message M { A.N n = 1; message A { message N {} } }'),
    p3('message M { B.N n = 1; message B { message N {} } }'),
  ),
  pair(p3('message M { Missing n = 1; }'), p3('message M { Absent n = 1; }')),
  pair(p3('message M { google.protobuf.Timestamp t = 1; }'), p3('message M { google.protobuf.Duration t = 1; }')),
  pair(p3('import "b.proto"; message M { B b = 1; }'), p3('message M { B b = 1; message B { int32 x = 1; } }'), {
    'b.proto': p3('message B { string x = 1; }'),
  }),
  pair(
    p3('import "b.proto"; message M { q.B b = 1; }'),
    p3('package q; message M { B b = 1; } message B { string x = 1; B deep = 2; C c = 3; } message C { int32 y = 1; }'),
    { 'b.proto': p3('package q; message B { string x = 1; B deep = 2; C c = 3; } message C { string y = 1; }') },
  ),
  pair(
    p3('message M { message N { int32 a = 1; message O { int32 b = 1; } } }'),
    p3('message M { message N { string a = 1; message O { string b = 1; } } }'),
  ),
  pair(
    p3('message A {} message B {} enum E { Z = 0; Y = 1; X = 2; }'),
    p3('message B {} message A {} message C {} enum E { Z = 0; W = 1; V = 3; } enum F { U = 0; }'),
  ),
  pair(p3('message A {} message B {} enum E { Z = 0; }'), p3('message A {}')),
]
