// The parser against the server: after each statement both must say the same of every table.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Column } from '@millrace/kit-cdc'
import { type Mysql, startMysql, whyNoMysql } from '@millrace/testkit'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { Catalog } from '../schema/catalog.ts'
import { applyDdl } from './parse.ts'
import { DdlError } from './tokens.ts'

const TYPES =
  `tinyint(1);tinyint unsigned;smallint(5) unsigned zerofill;mediumint;int;int unsigned;integer(4);bigint;bigint unsigned;
float;float(7,3);double;double precision;double(9,2);real;decimal;decimal(10);decimal(20,4) unsigned;numeric(7,0);dec(3,1);fixed(9,9);
bit;bit(17);bool;boolean;char;char(3);character(4);varchar(20);char varying(5);character varying(7);nchar(3);nvarchar(4);national char(2);
national varchar(3);national character varying(6);nchar varchar(3);nchar varying(3);tinytext;text;mediumtext;longtext;long;long varchar;
binary;binary(5);varbinary(9);tinyblob;blob;mediumblob;longblob;long varbinary;date;time;time(3);datetime;datetime(6);timestamp null;
timestamp(2) null;year;year(4);enum('a','b''c','d,e');set('x','y)z');point;geometry;linestring;polygon;multipoint;geometrycollection;
varchar(9) character set latin1;varchar(9) charset cp1251 collate cp1251_bin;char(3) binary;text ascii;char(4) unicode;char(4) byte;
enum('q') character set greek;varchar(5) collate utf8mb4_bin;int1;int2;int3;int4;int8;middleint;float4;float8`
    .split(';')
    .map((type) => type.trim())

/** A look at the server's own tables takes some time, so several types share a statement. */
function inTens(types: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(types.length / 10) }, (_, i) => types.slice(10 * i, 10 * i + 10))
}

const STATEMENTS = [
  "create table t0 (id int auto_increment primary key, `a``b` varchar(10) not null default 'it''s', c text) engine=InnoDB default charset=latin1 comment='x;y'",
  'CREATE TABLE IF NOT EXISTS t0 (other int)',
  'create table inventory.t1 (a int, b int not null, c int, primary key (b, a), key k (c), unique u (c)) collate utf8mb4_bin',
  'create table t2 (a int not null, b int unique not null, c int, unique key u2 (c), constraint chk check (a > 0), constraint fk foreign key (b) references t2 (b))',
  'create table t3 like t0',
  'create or replace table t3 (like t1)',
  'CREATE TABLE t4 (a int /* comment, with ( */ , -- to the end, of line\n b int # another )\n, c int /*!50100 not null */, d int /*M!100100 default 5 */)',
  "create table t5 (id int, g int generated always as (id + 1) virtual, h int as (id * (2)) stored, s varchar(5) default ('a'), n int default -5, m timestamp default current_timestamp on update current_timestamp(), k datetime(3) default now(3), key (id)) partition by hash (id) partitions 4",
  'create table t6 (id int primary key, x int) with system versioning',
  'create sequence seq1 start with 10 increment by 2',
  'alter table t0 add d int',
  'alter table t0 add column e int first, add column (f int not null, g char(3)), add h int after id',
  'alter table t0 modify c mediumtext not null, modify column d bigint first',
  'alter table t0 change c cc varchar(30) character set utf8mb4 after id, change column f ff tinyint',
  'alter table t0 drop d, drop column e',
  'alter table t0 add column if not exists g int, drop column if exists nothing, modify column if exists g char(9)',
  'alter table t0 rename column g to gg',
  "alter table t0 alter gg set default 'z', alter column h set default 7, alter ff drop default",
  'alter table t0 drop primary key, modify id int',
  'alter table t0 add primary key (id)',
  'alter table t0 convert to character set utf8mb4 collate utf8mb4_general_ci',
  'alter table t0 default character set latin1',
  'alter table t0 add column late varchar(4)',
  "alter table t0 add index i1 (h), add unique index u1 (h), add fulltext f1 (cc), engine = innodb, comment 'new', auto_increment=100",
  'alter table t0 rename to t7, add z int',
  'rename table t7 to t8, t2 to t9',
  'rename table t8 to other.t8',
  'alter table other.t8 rename inventory.t10',
  'create table other.plain (a varchar(3), b char(2) collate latin1_bin)',
  'alter database other character set utf8mb4',
  'create table other.later (a varchar(3))',
  'alter ignore table t1 add i int; ',
  'create table nokey (a int not null, b int)',
  'create unique index uq on nokey (b)',
  'create table `weird name` (`key` int, `primary` int, `order` int, `index` int, primary key (`key`))',
  'create table t11 (`id` int(11) NOT NULL AUTO_INCREMENT COMMENT \'a "quoted" (comment), x\', PRIMARY KEY (`id`) USING BTREE, KEY `c` (`id`)) ENGINE=InnoDB AUTO_INCREMENT=5 ROW_FORMAT=DYNAMIC',
  "create table t12 (a varchar(10) invisible default 'x', b serial, c int check (c > 1), d int references t11 (id))",
  'alter table t12 add constraint foo unique (c), add constraint check (c < 100), add check (c <> 5)',
  'alter table t12 drop constraint foo',
  'set statement max_statement_time=10 for create table t13 (a int)',
  'create temporary table temp1 (a int)',
  'truncate table t13',
  'alter table t13 add column b int default 1, algorithm=inplace, lock=none',
  'create table t14 (a int) select 1 as a',
  'drop table if exists t13, t12, missing',
  'drop table other.plain',
  'create view v1 as select * from t1',
  'drop view v1',
  'drop database other',
  ...inTens(TYPES).map(
    (types, i) =>
      `create table ty${i} (${types.map((type, j) => `c${j} ${type}, d${j} ${type} not null comment 'last'`).join()})`,
  ),
  ...inTens(TYPES).map(
    (types, i) =>
      `alter table ty${i} ${types.map((type, j) => `add column e${j} ${type}, change c${j} cc${j} ${type} after d${j}`).join()}`,
  ),
]

describe('DDL on MariaDB 10.11', { skip: whyNoMysql('mariadb-10.11') }, () => {
  let server: Mysql
  let sql: Connection
  before(async () => {
    server = await startMysql()
    const { host, port, user, password, database } = server
    sql = await createConnection({ host, port, user, password, database, multipleStatements: true })
    await sql.query('CREATE DATABASE other CHARACTER SET latin1; SET sql_mode = "ANSI"; SET sql_mode = ""')
  })
  after(async () => {
    sql.destroy()
    await server[Symbol.asyncDispose]()
  })

  it('knows the tables that the server has, after each of many statements', async () => {
    const catalog = new Catalog()
    catalog.charsets.set('other', 'latin1')
    const [[row]] = await sql.query<RowDataPacket[]>('SELECT @@character_set_server AS charset')
    catalog.serverCharset = String(row!.charset)
    for (const statement of STATEMENTS) {
      await sql.query(statement)
      try {
        applyDdl(statement, 'inventory', catalog)
      } catch (error) {
        throw new Error(`Cannot read: ${statement}`, { cause: error })
      }
      assert.deepEqual(ours(catalog), await theirs(sql), statement)
    }
    assert.ok(catalog.tables.size > 15)
  })

  it('reads what SHOW CREATE TABLE says', async () => {
    const catalog = new Catalog()
    const [tables] = await sql.query<RowDataPacket[]>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'inventory' AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')",
    )
    for (const { name } of tables) {
      const [[shown]] = await sql.query<RowDataPacket[]>(`SHOW CREATE TABLE \`${name}\``)
      applyDdl(String(shown!['Create Table']), 'inventory', catalog)
    }
    assert.deepEqual(ours(catalog), await theirs(sql))
  })
})

describe('DDL', () => {
  const catalogOf = (...statements: string[]) => {
    const catalog = new Catalog()
    for (const statement of statements) applyDdl(statement, 'd', catalog)
    return catalog
  }
  it('keeps defaults, generated columns and enumerations as the history has them', () => {
    const { columns } = catalogOf(
      "CREATE TABLE t (a int DEFAULT '5', b enum('x','it''s') DEFAULT 'x', c int AS (1), d int DEFAULT NULL, e timestamp DEFAULT now(), f bit(2) DEFAULT b'10', g int unsigned auto_increment key)",
    ).table('d', 't')!
    const seen = columns.map(({ hasDefault, defaultExpression, generated, enumValues }) => [
      hasDefault,
      defaultExpression,
      generated,
      enumValues.join(),
    ])
    assert.deepEqual(seen, [
      [true, '5', false, ''],
      [true, 'x', false, "'x','it''s'"],
      [false, null, true, ''],
      [true, null, false, ''],
      [true, '1970-01-01 00:00:00', false, ''],
      [true, '10', false, ''],
      [false, null, true, ''],
    ])
  })
  it('takes a unique key without null for the key of a table that has none', () => {
    assert.deepEqual(
      catalogOf('CREATE TABLE t (a int, b int NOT NULL, UNIQUE (a), UNIQUE x (b))').table('d', 't')!.primaryKey,
      ['b'],
    )
    assert.deepEqual(
      catalogOf('CREATE TABLE t (b int NOT NULL)', 'CREATE UNIQUE INDEX i ON t (b)').table('d', 't')!.primaryKey,
      ['b'],
    )
  })
  it('tells where it cannot read a statement', () => {
    assert.throws(
      () => catalogOf('CREATE TABLE t (a int'),
      (error) => error instanceof DdlError && /expected \) at offset 21/.test(error.message),
    )
    assert.throws(() => catalogOf("CREATE TABLE t (a int COMMENT 'x)"), /has no end/)
    assert.throws(() => catalogOf('CREATE TABLE t AS SELECT 1'), /made of a query/)
  })
  it('passes over statements about other things', () => {
    for (const statement of [
      'GRANT ALL ON x TO y',
      'CREATE FUNCTION f() RETURNS int RETURN 1',
      'FLUSH TABLES',
      'ANALYZE TABLE t',
      '',
    ]) {
      assert.deepEqual(applyDdl(statement, 'd', new Catalog()), [])
    }
  })
})

type Seen = Record<string, { columns: (string | boolean | null)[][]; key: string[] }>

function ours(catalog: Catalog): Seen {
  const tables = [...catalog.tables.values()].map((table) => [
    table.id.text,
    { columns: table.columns.map(oneOfOurs), key: table.primaryKey },
  ])
  return Object.fromEntries(tables.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)))
}

function oneOfOurs(column: Column): (string | boolean | null)[] {
  return [
    column.name,
    column.optional,
    serverType(column),
    column.charsetName === 'utf8' ? 'utf8mb3' : column.charsetName,
  ]
}

/** The server's name of a type that has several. */
function serverType({ typeName }: Column): string {
  const base = typeName.replace(/ (UN)?SIGNED| ZEROFILL/g, '').toLowerCase()
  return SYNONYMS[base] ?? base
}

const SYNONYMS: Readonly<Record<string, string>> = {
  bool: 'tinyint',
  boolean: 'tinyint',
  int1: 'tinyint',
  int2: 'smallint',
  int3: 'mediumint',
  middleint: 'mediumint',
  int4: 'int',
  integer: 'int',
  int8: 'bigint',
  'double precision': 'double',
  real: 'double',
  float8: 'double',
  float4: 'float',
  dec: 'decimal',
  fixed: 'decimal',
  numeric: 'decimal',
  character: 'char',
  nchar: 'char',
  'national char': 'char',
  'char varying': 'varchar',
  'character varying': 'varchar',
  nvarchar: 'varchar',
  'national varchar': 'varchar',
  'national character varying': 'varchar',
  'nchar varchar': 'varchar',
  'nchar varying': 'varchar',
  long: 'mediumtext',
  'long varchar': 'mediumtext',
  'long varbinary': 'mediumblob',
}

async function theirs(sql: Connection): Promise<Seen> {
  const [rows] = await sql.query<RowDataPacket[]>(
    `SELECT CONCAT(c.table_schema, '.', c.table_name) AS name, c.column_name AS col, c.is_nullable = 'YES' AS optional, c.data_type AS type,
       c.character_set_name AS charset, t.table_type AS kind FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema IN ('inventory','other') AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1, c.ordinal_position`,
  )
  const [keys] = await sql.query<RowDataPacket[]>(
    `SELECT CONCAT(table_schema, '.', table_name) AS name, index_name AS i, column_name AS col, non_unique AS shared, nullable = 'YES' AS optional
     FROM information_schema.statistics WHERE table_schema IN ('inventory','other') ORDER BY 1, index_name = 'PRIMARY' DESC, 2, seq_in_index`,
  )
  const seen: Seen = {}
  for (const { name, col, optional, type, charset } of rows) {
    seen[name] ??= { columns: [], key: [] }
    seen[name].columns.push([col, optional === 1, type, charset])
  }
  for (const [name, table] of Object.entries(seen)) {
    const primary = keys.filter((key) => key.name === name && key.i === 'PRIMARY')
    const uniques = [
      ...new Set(keys.filter((key) => key.name === name && Number(key.shared) === 0).map((key) => key.i)),
    ]
    const whole = uniques.map((index) => keys.filter((key) => key.name === name && key.i === index))
    const chosen =
      primary.length > 0 ? primary : (whole.find((columns) => columns.every((key) => key.optional === 0)) ?? [])
    table.key = chosen.map((key) => key.col)
  }
  return seen
}
