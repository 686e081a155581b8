// Questions with bytes of their own: what writers may do, and what readers must bear.

const P3 = 'syntax = "proto3";\n'
const P2 = 'syntax = "proto2";\n'
const ALL = `${P3}message M {
  int32 a = 1;
  repeated int32 l = 2;
  M m = 3;
  oneof o {
    string s = 4;
    M n = 5;
  }
  map<string, int32> p = 6;
  string t = 7;
  bool b = 8;
  enum E {
    X = 0;
    Y = 1;
  }
  E e = 9;
  uint32 u = 10;
  int64 w = 11;
}
`
const OLD = `${P2}message M {
  optional int32 a = 1;
  required string r = 2;
  optional E e = 3 [default = Y];
  repeated E l = 4;
  optional string t = 5;
  enum E {
    X = 1;
    Y = 2;
  }
}
`
const DATE = `${P3}import "google/type/date.proto";\nmessage M {\n  google.type.Date d = 1;\n}\n`
const TIME = `${P3}import "google/type/timeofday.proto";\nmessage M {\n  google.type.TimeOfDay d = 1;\n}\n`
const STAMP = `${P3}import "google/protobuf/timestamp.proto";\nmessage M {\n  google.protobuf.Timestamp d = 1;\n}\n`
const DECIMAL = `${P3}import "confluent/type/decimal.proto";\nmessage M {\n  confluent.type.Decimal d = 1;\n}\n`
const STRUCT = `${P3}import "google/protobuf/struct.proto";\nmessage M {\n  google.protobuf.Value d = 1;\n}\n`

const asked = (text: string, ...hexes: readonly string[]) =>
  hexes.map((hex) => ({ text, of: 'M', hex: hex.replaceAll(' ', '') }))

/** A day's message in a field. */
const day = (year: string, month: string, rest: string) => {
  const inner = `08${year}10${month}18${rest}`
  return `0a${(inner.length / 2).toString(16).padStart(2, '0')}${inner}`
}

export const BY_HAND = [
  ...asked(
    ALL,
    '',
    '08 01 08 02',
    '12 02 01 02 10 03 12 00',
    '1a 02 08 01 1a 04 10 07 08 05',
    '22 01 61 2a 02 08 01',
    '2a 02 08 01 22 01 61',
    '2a 02 10 01 2a 02 10 02',
    '2a 02 10 01 22 00 2a 02 10 02',
    '32 00 32 03 0a 01 61 32 05 0a 01 61 10 05',
    '3a 01 ff',
    '3a 03 ef bf bd',
    '40 80 01 40 00',
    '40 ff ff ff ff ff ff ff ff ff 01',
    '48 05',
    '48 ff ff ff ff ff ff ff ff ff 01',
    '50 ff ff ff ff ff ff ff ff ff 01',
    '50 ff ff ff ff 0f',
    '58 ff ff ff ff ff ff ff ff ff 01',
    '58 ff ff ff ff ff ff ff ff ff 02',
    '58 80 80 80 80 80 80 80 80 80 01',
    '08 80 80 80 80 80 80 80 80 80 01',
    '08 ff ff ff ff ff ff ff ff ff ff 01',
    '88 80 00 05',
    '0d 01 02 03 04',
    '0a 01 05',
    '9b 06 08 01 9c 06',
    '9b 06 08 01 a4 06',
    '9b 06 08 01',
    '0c',
    '0e',
    '00 01',
    '1a 05 08 01',
    '08',
    'f8 ff ff ff 0f 01',
    '82 7d 03 61 62 63',
  ),
  ...asked(
    OLD,
    '12 00',
    '08 01',
    '12 01 ff',
    '12 00 18 05',
    '12 00 18 01 18 07',
    '12 00 20 01 20 09 22 02 02 08',
    '12 00 2a 01 ff',
  ),
  ...asked(
    DATE,
    '0a 00',
    day('e80f', '02', '1d'),
    day('e70f', '02', '1d'),
    day('ae0c', '0a', '04'),
    day('ae0c', '0a', '05'),
    day('ae0c', '0a', '0e'),
    day('ae0c', '0a', '0f'),
    day('dc0b', '02', '1d'),
    day('ec0e', '02', '1d'),
    day('01', '01', '01'),
    day('00', '01', '01'),
    day('8f4e', '0c', '1f'),
    day('e80f', '0d', '01'),
    day('e80f', '00', '01'),
    day('e80f', '04', '1f'),
  ),
  ...asked(
    TIME,
    '0a 00',
    '0a 02 08 18',
    '0a 02 08 17',
    '0a 02 18 3c',
    '0a 02 10 3c',
    '0a 06 20 ff 93 eb dc 03',
    '0a 06 20 80 94 eb dc 03',
  ),
  ...asked(
    STAMP,
    '0a 00',
    '0a 0b 08 ff ff ff ff ff ff ff ff ff 01',
    '0a 02 10 01',
    '0a 0b 10 ff ff ff ff ff ff ff ff ff 01',
    '0a 07 08 80 cd f4 f8 d7 07',
    '0a 06 10 80 94 eb dc 03',
  ),
  ...asked(
    DECIMAL,
    '0a 00',
    '0a 03 0a 01 7b',
    '0a 05 0a 01 7b 18 02',
    '0a 07 0a 01 63 10 01 18 01',
    '0a 07 0a 01 5f 10 01 18 01',
    '0a 07 0a 01 9d 10 01 18 01',
    '0a 08 0a 02 03 e7 10 02 18 05',
    '0a 07 0a 01 00 10 01 18 05',
    '0a 09 0a 01 7b 10 ff ff ff ff 0f',
  ),
  ...asked(
    STRUCT,
    '0a 00',
    '0a 02 08 00',
    '0a 03 1a 01 61',
    '0a 0f 2a 0d 0a 0b 0a 01 6b 12 06 32 04 0a 02 20 01',
    '0a 09 11 00 00 00 00 00 00 f8 3f',
  ),
]
