// Tables of every type of column, each with rows of edges.
import type { MysqlFlavor } from '@millrace/testkit'

/** A table beside its key `id`, and rows as literals by column. */
export interface TypeTable {
  readonly name: string
  readonly columns: string
  readonly options?: string
  readonly rows: readonly Readonly<Record<string, string>>[]
}

/** The tables that a server can have. */
export function tablesOf(flavor: MysqlFlavor): TypeTable[] {
  const isMariaDb = flavor !== 'mysql-5.5'
  return [...EVERYWHERE, ...(isMariaDb ? [...MODERN, ...MARIADB] : [])]
}

/** The same literal for several columns. */
function all(names: string, literal: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, literal]))
}

const INTEGERS = 'ti tiu t1 t1u si siu mi miu i iu iz b bu bo i3'
const FLOATS = 'f f24 f53 f73 d d104 r dpr fu du'
const TEXTS = 'c vc tt tx mt lt'
const CHARSETS =
  'utf8mb4 utf8 latin1 latin2 latin5 latin7 ascii ucs2 utf16 utf32 cp1250 cp1251 cp1256 cp1257 cp850 cp852 cp866 koi8r koi8u greek hebrew macroman macce sjis cp932 ujis eucjpms gb2312 gbk big5 euckr tis620 dec8 hp8 swe7 armscii8 keybcs2 geostd8'.split(
    ' ',
  )
const BINARIES = 'bn vb tb bl mb lb'
const BITS = [1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64]

const EVERYWHERE: readonly TypeTable[] = [
  {
    name: 't_integers',
    columns: `ti tinyint, tiu tinyint unsigned, t1 tinyint(1), t1u tinyint(1) unsigned, si smallint, siu smallint unsigned, mi mediumint, miu mediumint unsigned,
      i int, iu int unsigned, iz int(8) unsigned zerofill, b bigint, bu bigint unsigned, bo boolean, i3 int3`,
    rows: [
      {
        ti: '-128',
        tiu: '0',
        t1: '-128',
        t1u: '0',
        si: '-32768',
        siu: '0',
        mi: '-8388608',
        miu: '0',
        i: '-2147483648',
        iu: '0',
        iz: '0',
        b: '-9223372036854775808',
        bu: '0',
        bo: 'false',
        i3: '-1',
      },
      {
        ti: '127',
        tiu: '255',
        t1: '127',
        t1u: '255',
        si: '32767',
        siu: '65535',
        mi: '8388607',
        miu: '16777215',
        i: '2147483647',
        iu: '4294967295',
        iz: '4294967295',
        b: '9223372036854775807',
        bu: '18446744073709551615',
        bo: 'true',
        i3: '1',
      },
      { ...all(INTEGERS, '1'), bu: '9223372036854775808', b: '9007199254740993' },
      { ...all(INTEGERS, '0'), b: '-9007199254740993' },
      all(INTEGERS, 'NULL'),
      {},
    ],
  },
  {
    name: 't_decimals',
    columns: `de decimal(10,2), dd decimal, d65 decimal(65,30), d5 decimal(5,0), du decimal(8,3) unsigned, nu numeric(30,5), fx fixed(6,6), dz decimal(9,4) zerofill, dc dec(1), d18 decimal(18,9), d19 decimal(19,0)`,
    rows: [
      {
        de: '12345678.91',
        dd: '1234567890',
        d65: '12345678901234567890123456789012345.123456789012345678901234567890',
        d5: '99999',
        du: '12345.678',
        nu: '1234567890123456789012345.12345',
        fx: '0.999999',
        dz: '1.5',
        dc: '9',
        d18: '123456789.987654321',
        d19: '9223372036854775807',
      },
      {
        de: '-12345678.91',
        dd: '-1',
        d65: '-99999999999999999999999999999999999.999999999999999999999999999999',
        d5: '-99999',
        du: '0',
        nu: '-0.00001',
        fx: '-0.000001',
        dz: '0',
        dc: '-9',
        d18: '-0.000000001',
        d19: '-9999999999999999999',
      },
      all('de dd d65 d5 du nu fx dz dc d18 d19', '0'),
      { de: '0.01', d65: '0.000000000000000000000000000001', du: '0.001', d18: '1000000000.000000001' },
      {},
    ],
  },
  {
    name: 't_floats',
    columns: `f float, f24 float(24), f53 float(53), f73 float(7,3), d double, d104 double(10,4), r real, dpr double precision, fu float unsigned, du double unsigned`,
    rows: [
      all(FLOATS, '1.5'),
      {
        f: '3.4028234e38',
        f24: '-3.4028234e38',
        f53: '1.7976931348623157e308',
        f73: '9999.999',
        d: '-1.7976931348623157e308',
        d104: '-999999.9999',
        r: '2.2250738585072014e-308',
        dpr: '0.1',
        fu: '0.1',
        du: '1e300',
      },
      {
        f: '0.1',
        f24: '16777217',
        f53: '0.1',
        f73: '1234.567',
        d: '1e-320',
        d104: '0.00005',
        r: '123456789.123456789',
        dpr: '-0.0',
        fu: '1e-40',
        du: '9007199254740993',
      },
      all(FLOATS, '0'),
      all(FLOATS, 'NULL'),
    ],
  },
  {
    name: 't_bits',
    columns: BITS.map((n) => `b${n} bit(${n})`).join(', '),
    rows: [
      Object.fromEntries(BITS.map((n) => [`b${n}`, `b'${'1'.repeat(n)}'`])),
      Object.fromEntries(BITS.map((n) => [`b${n}`, `b'1${'0'.repeat(n - 1)}'`])),
      Object.fromEntries(BITS.map((n) => [`b${n}`, `b'0'`])),
      { b1: '1', b16: '513', b64: '1' },
      {},
    ],
  },
  {
    name: 't_texts',
    columns: `c char(10), vc varchar(50), tt tinytext, tx text, mt mediumtext, lt longtext, nc nchar(5), nv nvarchar(5), cb char(5) binary, tn text(300), lv long varchar`,
    rows: [
      { ...all(TEXTS, `'plain'`), nc: `'né'`, nv: `'né'`, cb: `'AbC'`, tn: `'tn'`, lv: `'lv'` },
      { ...all(TEXTS, `''`), nc: `''`, nv: `''`, cb: `''`, tn: `''`, lv: `''` },
      all(TEXTS, `'ä€😀日本'`),
      all(TEXTS, `'q"u''o\\\\t\\n\\t\\0e'`),
      { c: `'trail  '`, vc: `'trail  '`, tx: `REPEAT('x', 70000)`, mt: `REPEAT('é', 70000)` },
      all(TEXTS, 'NULL'),
    ],
  },
  {
    name: 't_charsets',
    columns: CHARSETS.map((name) => `c_${name} varchar(40) character set ${name}`).join(', '),
    rows: [
      all(CHARSETS.map((one) => `c_${one}`).join(' '), `'plain ASCII 0'`),
      // What a set cannot hold the server writes as a question mark.
      all(CHARSETS.map((one) => `c_${one}`).join(' '), `'äöüß éñ ł € ± § ÀÁ'`),
      all(CHARSETS.map((one) => `c_${one}`).join(' '), `'Привет мир Ґ'`),
      all(CHARSETS.map((one) => `c_${one}`).join(' '), `'日本語 漢字 カナ 中文 한국'`),
      all(CHARSETS.map((one) => `c_${one}`).join(' '), `'Ελλάδα שלום مرحبا สวัสดี'`),
      {},
    ],
  },
  {
    name: 't_binaries',
    columns: `bn binary(4), vb varbinary(300), tb tinyblob, bl blob, mb mediumblob, lb longblob, bb varchar(10) character set binary, b0 binary, lvb long varbinary`,
    rows: [
      { ...all(BINARIES, `'ab'`), bb: `'bb'`, b0: `'x'`, lvb: `'l'` },
      {
        bn: `x'00ff0000'`,
        vb: `x'00ff0000'`,
        tb: `x'00ff'`,
        bl: `x'deadbeef'`,
        mb: `x''`,
        lb: `x'00'`,
        bb: `x'80ff'`,
        b0: `x'00'`,
        lvb: `x'ff'`,
      },
      { bn: `'abcd'`, vb: `REPEAT(x'ab', 300)`, bl: `REPEAT(x'00ff', 20000)`, mb: `REPEAT('m', 70000)` },
      all(BINARIES, `''`),
      all(BINARIES, 'NULL'),
    ],
  },
  {
    name: 't_enums',
    columns: `e enum('a','b','c'), e2 enum('it''s','co,mma','"q"','ünï','') NOT NULL DEFAULT 'co,mma', e3 enum('x','y') character set latin1, s set('x','y','z'), s2 set('ä','b c') NOT NULL DEFAULT 'b c', e4 enum('one') DEFAULT NULL, s64 set(${Array.from({ length: 64 }, (_, i) => `'m${i}'`).join(',')})`,
    rows: [
      { e: `'a'`, e2: `'it''s'`, e3: `'y'`, s: `'x'`, s2: `'ä'`, e4: `'one'`, s64: `'m0'` },
      { e: `'c'`, e2: `'co,mma'`, e3: `'x'`, s: `'x,z'`, s2: `'ä,b c'`, s64: `'m0,m31,m32,m63'` },
      { e: `'b'`, e2: `'ünï'`, s: `''`, s2: `''`, s64: `'m63'` },
      { e2: `''`, s: `'z,y,x'` },
      { e: `'nonsense'`, s: `'nonsense'` },
      { e: '2', s: '5' },
      {},
    ],
  },
  {
    name: 't_times',
    columns: `da date, tm time, dt datetime, ts timestamp NULL, ye year`,
    rows: [
      { da: `'2024-02-29'`, tm: `'12:34:56'`, dt: `'2024-02-29 12:34:56'`, ts: `'2024-02-29 12:34:56'`, ye: '2024' },
      { da: `'1000-01-01'`, tm: `'-838:59:59'`, dt: `'1000-01-01 00:00:00'`, ts: `'1970-01-01 00:00:01'`, ye: '1901' },
      { da: `'9999-12-31'`, tm: `'838:59:59'`, dt: `'9999-12-31 23:59:59'`, ts: `'2038-01-19 03:14:07'`, ye: '2155' },
      { da: `'1582-10-04'`, tm: `'-00:00:01'`, dt: `'1582-10-15 00:00:00'`, ye: '1970' },
      { da: `'1969-12-31'`, tm: `'00:00:00'`, dt: `'1969-12-31 23:59:59'`, ts: `'2001-09-09 01:46:40'` },
      {},
    ],
  },
  {
    name: 't_zeros',
    columns: `da date, dn date NOT NULL, dt datetime, dtn datetime NOT NULL, ts timestamp NULL, tsn timestamp NOT NULL DEFAULT '2020-01-01 00:00:00'`,
    rows: [
      {
        da: `'0000-00-00'`,
        dn: `'0000-00-00'`,
        dt: `'0000-00-00 00:00:00'`,
        dtn: `'0000-00-00 00:00:00'`,
        ts: `'0000-00-00 00:00:00'`,
        tsn: `'0000-00-00 00:00:00'`,
      },
      { da: `'2024-00-00'`, dn: `'2024-01-00'`, dt: `'2024-00-10 01:02:03'`, dtn: `'2024-01-00 00:00:00'` },
      { da: `'0001-01-01'`, dn: `'0099-12-31'`, dt: `'0001-01-01 00:00:00'`, dtn: `'0999-12-31 23:59:59'` },
    ],
  },
  {
    name: 't_shapes',
    columns: `pt point, ls linestring, po polygon, mp multipoint, ml multilinestring, mpo multipolygon, gc geometrycollection, ge geometry`,
    rows: [
      {
        pt: `GeomFromText('POINT(1.5 -2)')`,
        ls: `GeomFromText('LINESTRING(0 0,1 1,2 0)')`,
        po: `GeomFromText('POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,2 1,2 2,1 2,1 1))')`,
        mp: `GeomFromText('MULTIPOINT(0 0,1 1)')`,
        ml: `GeomFromText('MULTILINESTRING((0 0,1 1),(2 2,3 3))')`,
        mpo: `GeomFromText('MULTIPOLYGON(((0 0,1 0,1 1,0 0)))')`,
        gc: `GeomFromText('GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))')`,
        ge: `GeomFromText('POINT(7 8)')`,
      },
      { pt: `GeomFromText('POINT(0 0)', 4326)`, ge: `GeomFromText('LINESTRING(0 0,1 1)', 3857)` },
      {},
    ],
  },
]

const FRACTIONS = [0, 1, 2, 3, 4, 5, 6]
const fractions = (literal: string) => (name: string) =>
  Object.fromEntries(FRACTIONS.map((n) => [`${name}${n}`, literal]))

const MODERN: readonly TypeTable[] = [
  {
    name: 't_fractions',
    columns: FRACTIONS.map((n) => `tm${n} time(${n}), dt${n} datetime(${n}), ts${n} timestamp(${n}) NULL`).join(', '),
    rows: [
      {
        ...fractions(`'12:34:56.123456'`)('tm'),
        ...fractions(`'2024-02-29 12:34:56.123456'`)('dt'),
        ...fractions(`'2024-02-29 12:34:56.123456'`)('ts'),
      },
      {
        ...fractions(`'-838:59:58.999999'`)('tm'),
        ...fractions(`'1000-01-01 00:00:00.000001'`)('dt'),
        ...fractions(`'1970-01-01 00:00:01.900000'`)('ts'),
      },
      {
        ...fractions(`'-00:00:00.100001'`)('tm'),
        ...fractions(`'9999-12-31 23:59:58.900000'`)('dt'),
        ...fractions(`'2038-01-19 03:14:06.499999'`)('ts'),
      },
      {
        ...fractions(`'00:00:00'`)('tm'),
        ...fractions(`'1969-12-31 23:59:58.500000'`)('dt'),
        ...fractions(`'2001-09-09 01:46:40.000000'`)('ts'),
      },
      {},
    ],
  },
  {
    name: 't_json',
    columns: 'js json, jn json NOT NULL',
    rows: [
      { js: `'{"a": 1, "b": [true, null, "é"], "c": {"d": 1.5}}'`, jn: `'{}'` },
      { js: `'[]'`, jn: `'"text"'` },
      { js: `'null'`, jn: `'12345678901234567890'` },
      { jn: `'[1, -1, 1e10, "\\\\u00e9 \\\\"q\\\\""]'` },
    ],
  },
  {
    name: 't_computed',
    columns: `a int, b int AS (a * 2) VIRTUAL, c int AS (a + 1) STORED, d varchar(20) AS (concat('x', a)) PERSISTENT, e decimal(10,2) GENERATED ALWAYS AS (a / 3) STORED`,
    rows: [{ a: '1' }, { a: '-5' }, {}],
  },
]

const MARIADB: readonly TypeTable[] = [
  {
    name: 't_mariadb',
    columns: `u uuid, inv int INVISIBLE DEFAULT 5, o varchar(10) DEFAULT (concat('a', 'b'))`,
    rows: [
      { u: `'76019d1a-ad2e-4b22-96e9-1a6d6543c818'`, inv: '7' },
      { u: `'00000000-0000-0000-0000-000000000000'` },
      {},
    ],
  },
]
