// The reader against real servers: every column type, large events, compressed events and columns, resuming by GTID.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Mysql, startMysql, whyNoMysql } from '@millrace/testkit'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { PLAIN_FORMS } from './column-forms.ts'
import { EventType } from './event-type.ts'
import { readAnnotateRows, readMariaDbGtid, readQuery } from './events.ts'
import { type BinlogEvent, BinlogReader } from './reader.ts'
import { type RowChange, RowDecoder, rowEventKind } from './rows.ts'
import type { BinlogStart } from './server-connection.ts'
import { readTableMap } from './table-map.ts'

const PATIENCE_MS = 20_000
/** A server ends the stream of a reader whose number comes again, and takes its time. */
let serverId = 4_711

for (const flavor of ['mariadb-10.11', 'mariadb-11.4', 'mysql-5.5'] as const) {
  describe(`binlog of ${flavor}`, { skip: whyNoMysql(flavor) }, () => {
    let server: Mysql
    let sql: Connection
    const isMariaDb = flavor !== 'mysql-5.5'
    before(async () => {
      server = await startMysql({ flavor })
      const { host, port, user, password, database } = server
      sql = await createConnection({ host, port, user, password, database, multipleStatements: true })
      sql.on('error', () => {})
    })
    after(async () => {
      sql.destroy()
      await server[Symbol.asyncDispose]()
    })

    /** Changes made by `work`, and the events they came in. */
    async function changesOf(work: () => Promise<void>): Promise<{ rows: RowChange[]; events: BinlogEvent[] }> {
      const start = await position(sql)
      await work()
      const end = await position(sql)
      const events = await readTo(server, start, end)
      return { events, rows: rowsOf(events) }
    }

    it('gives every column as the server holds it', async () => {
      const { rows } = await changesOf(async () => {
        await sql.query(TYPES_TABLE)
        await sql.query(TYPES_ROWS)
      })
      assert.deepEqual(
        rows.map(({ after }) => after),
        TYPES_EXPECTED,
      )
    })

    it('gives texts in their character sets', async () => {
      const sets = [
        'latin1',
        'utf8',
        'ucs2',
        'gbk',
        'sjis',
        'cp1251',
        'greek',
        ...(isMariaDb ? ['utf8mb4', 'utf16'] : []),
      ]
      const texts: Record<string, string> = {
        gbk: '中文',
        sjis: 'カナ',
        cp1251: 'Привет',
        greek: 'αβγ',
        utf8mb4: 'a😀',
        utf16: '😀b',
      }
      const { rows } = await changesOf(async () => {
        await sql.query('SET NAMES utf8mb4')
        const columns = sets.map(
          (set) => `${set} varchar(300) CHARACTER SET ${set}, t_${set} text CHARACTER SET ${set}`,
        )
        await sql.query(`CREATE TABLE sets (${columns.join()})`)
        const values = sets.flatMap((set) => [texts[set] ?? 'é€', texts[set] ?? 'é€'])
        await sql.query('INSERT INTO sets VALUES (?)', [values])
      })
      if (isMariaDb)
        assert.deepEqual(
          rows[0]?.after,
          sets.flatMap((set) => [texts[set] ?? 'é€', texts[set] ?? 'é€']),
        )
      else assert.ok((rows[0]!.after as Buffer[]).every((value) => Buffer.isBuffer(value)))
    })

    it('gives updates and deletes with the row before', async () => {
      const { rows } = await changesOf(async () => {
        await sql.query('CREATE TABLE moves (id int PRIMARY KEY, name varchar(20)) CHARACTER SET latin1')
        await sql.query("INSERT INTO moves VALUES (1,'a'),(2,NULL)")
        await sql.query('UPDATE moves SET id = id + 10')
        await sql.query('DELETE FROM moves WHERE id = 12')
      })
      const id = ({ before, after }: RowChange) => [before?.[0] ?? null, after?.[0] ?? null]
      assert.deepEqual(rows.map(id), [
        [null, 1],
        [null, 2],
        [1, 11],
        [2, 12],
        [12, null],
      ])
    })

    it('puts events of more than 16 MB together', async () => {
      const { rows } = await changesOf(async () => {
        await sql.query('SET GLOBAL max_allowed_packet = 268435456')
        const { host, port, user, password, database } = server
        const wide = await createConnection({ host, port, user, password, database })
        await wide.query('CREATE TABLE large (id int, data longblob)')
        await wide.query("INSERT INTO large VALUES (1, REPEAT('0123456789abcdef', 2200000)), (2, 'x')")
        wide.destroy()
      })
      const [id, data] = rows[0]!.after as [number, Buffer]
      assert.equal(id, 1)
      assert.equal(data.length, 35_200_000)
      assert.equal(data.subarray(-16).toString(), '0123456789abcdef')
      assert.deepEqual(rows[1]!.after, [2, Buffer.from('x')])
    })

    it('follows the server into the next file', async () => {
      const start = await position(sql)
      await sql.query('FLUSH LOGS')
      await sql.query('CREATE TABLE later (id int)')
      await sql.query('INSERT INTO later VALUES (7)')
      const events = await readTo(server, start, await position(sql))
      assert.deepEqual(
        rowsOf(events).map(({ after }) => after),
        [[7]],
      )
      assert.notEqual(events.at(-1)!.file, events[0]!.file)
    })

    it('leaves no reader behind that the next of its number would wait for', async () => {
      const start = await position(sql)
      await sql.query('CREATE TABLE backlog (data longblob)')
      for (let row = 0; row < 30; row++) await sql.query("INSERT INTO backlog VALUES (REPEAT('x', 1000000))")
      const end = await position(sql)
      const number = serverId++
      const gone = await openAt(server, { kind: 'position', ...start }, number)
      await gone.wait(PATIENCE_MS, AbortSignal.timeout(PATIENCE_MS))
      gone.close()
      const next = await openAt(server, { kind: 'position', ...start }, number)
      const events = await collect(next, (event) => event.file === end.file && event.nextPosition >= end.position)
      assert.equal(rowsOf(events).length, 30)
    })

    it('tells when a file is not there any more', async () => {
      const reader = await openAt(server, { kind: 'position', file: 'binlog.000099', position: 4 })
      await assert.rejects(
        collect(reader, () => false),
        { name: 'BinlogServerError', errno: 1236 },
      )
    })

    if (isMariaDb) mariaDbTests(() => ({ server, sql }), changesOf)
  })
}

type ChangesOf = (work: () => Promise<void>) => Promise<{ rows: RowChange[]; events: BinlogEvent[] }>

function mariaDbTests(at: () => { server: Mysql; sql: Connection }, changesOf: ChangesOf): void {
  it('reads compressed events and columns', async () => {
    const { sql } = at()
    const { rows, events } = await changesOf(async () => {
      await sql.query('SET GLOBAL log_bin_compress = ON')
      await sql.query(
        'CREATE TABLE packed (id int, plain varchar(600), t text COMPRESSED, v varchar(400) COMPRESSED, b blob COMPRESSED)',
      )
      await sql.query("INSERT INTO packed VALUES (1, REPEAT('p', 500), REPEAT('é', 3000), REPEAT('ab', 150), 'short')")
      await sql.query("UPDATE packed SET id = 2, t = REPEAT('x', 400)")
      await sql.query('SET GLOBAL log_bin_compress = OFF')
    })
    assert.ok(events.some(({ header }) => header.type === EventType.UPDATE_ROWS_COMPRESSED_V1))
    assert.deepEqual(rows[1]?.before, [1, 'p'.repeat(500), 'é'.repeat(3000), 'ab'.repeat(150), Buffer.from('short')])
    assert.equal(rows[1]?.after?.[2], 'x'.repeat(400))
    assert.ok(statements(events).some((one) => one.startsWith('CREATE TABLE packed')))
  })

  it('goes on after a GTID', async () => {
    const { server, sql } = at()
    await sql.query('CREATE TABLE gtids (id int)')
    const [[row]] = await sql.query<RowDataPacket[]>('SELECT @@gtid_current_pos AS position')
    await sql.query('INSERT INTO gtids VALUES (1)')
    const end = await position(sql)
    const reader = await openAt(server, { kind: 'mariadb-gtid', position: String(row!.position) })
    const events = await collect(reader, (event) => event.file === end.file && event.nextPosition >= end.position)
    reader.close()
    assert.deepEqual(
      rowsOf(events).map(({ after }) => after),
      [[1]],
    )
    const gtid = events.find(({ header }) => header.type === EventType.MARIADB_GTID)!
    const [domain, id, sequence] = String(row!.position).split('-')
    assert.equal(readMariaDbGtid(gtid.body, gtid.header.serverId).gtid, `${domain}-${id}-${BigInt(sequence!) + 1n}`)
  })

  it('gives the statements behind the rows', async () => {
    const { sql } = at()
    const { events } = await changesOf(async () => {
      await sql.query('CREATE TABLE annotated (id int)')
      await sql.query('INSERT INTO annotated VALUES (5) /* é */')
    })
    const annotations = events.filter(({ header }) => header.type === EventType.ANNOTATE_ROWS)
    assert.deepEqual(
      annotations.map(({ body }) => readAnnotateRows(body)),
      ['INSERT INTO annotated VALUES (5) /* é */'],
    )
  })
}

interface Place {
  readonly file: string
  readonly position: number
}

async function position(sql: Connection): Promise<Place> {
  const [[row]] = await sql.query<RowDataPacket[]>('SHOW MASTER STATUS')
  return { file: String(row!.File), position: Number(row!.Position) }
}

function openAt(server: Mysql, start: BinlogStart, number = serverId++): Promise<BinlogReader> {
  const { host, port, user, password } = server
  const connection = { host, port, user, password }
  return BinlogReader.open({ connection, start, serverId: number, heartbeatMs: 1_000, statements: true })
}

async function readTo(server: Mysql, start: Place, end: Place): Promise<BinlogEvent[]> {
  const reader = await openAt(server, { kind: 'position', ...start })
  const events = await collect(reader, (event) => event.file === end.file && event.nextPosition >= end.position)
  return events
}

async function collect(reader: BinlogReader, last: (event: BinlogEvent) => boolean): Promise<BinlogEvent[]> {
  try {
    return await collected(reader, last)
  } finally {
    reader.close()
  }
}

async function collected(reader: BinlogReader, last: (event: BinlogEvent) => boolean): Promise<BinlogEvent[]> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const events: BinlogEvent[] = []
  for (;;) {
    const event = reader.next()
    if (event === undefined) {
      assert.ok(!signal.aborted, 'the events came in time')
      await reader.wait(1_000, signal)
      continue
    }
    events.push(event)
    if (last(event)) return events
  }
}

function rowsOf(events: readonly BinlogEvent[]): RowChange[] {
  const decoders = new Map<number, RowDecoder>()
  return events.flatMap(({ header, body }) => {
    if (header.type === EventType.TABLE_MAP) {
      const map = readTableMap(body)
      decoders.set(map.tableId, new RowDecoder(map, { forms: () => PLAIN_FORMS, hints: () => undefined }))
    }
    const kind = rowEventKind(header.type)
    return kind === undefined ? [] : decoders.get(body.readUIntLE(0, 6))!.decode(body, kind)
  })
}

function statements(events: readonly BinlogEvent[]): string[] {
  return events.flatMap(({ header, body }) => {
    const compressed = header.type === EventType.QUERY_COMPRESSED
    return compressed || header.type === EventType.QUERY ? [readQuery(body, compressed).sql] : []
  })
}

const TYPES_TABLE = `CREATE TABLE types (
  t tinyint, s smallint, m mediumint, i int, b bigint, f float, d double, n decimal(5,2), w decimal(40,10),
  day date, at datetime, stamp timestamp NULL, span time, y year, bits bit(10), flag bit(1), e enum('a','b'), st set('x','y','z'),
  bin binary(4), vb varbinary(10), bl blob)`
const TYPES_ROWS = `SET sql_mode=''; SET time_zone='+00:00'; INSERT INTO types VALUES
  (-128,-32768,-8388608,-2147483648,-9223372036854775808,-1.5,1e300,-123.45,-123456789012345678901234567890.0123456789,
   '2024-02-29','9999-12-31 23:59:59','2038-01-19 03:14:07','-838:59:59',2155,b'1000000001',b'1','b','x,z','ab\\0','v','blob'),
  (127,32767,8388607,2147483647,9223372036854775807,1.5,-0.1,999.99,0.0000000001,
   '1000-01-01','1000-01-01 00:00:00','1970-01-01 00:00:01','838:59:59',1901,b'0',b'0','a','','','',''),
  (0,0,0,0,9007199254740993,0,0,0,0,'0000-00-00','0000-00-00 00:00:00','0000-00-00 00:00:00','00:00:00',0,NULL,NULL,'q',NULL,NULL,NULL,NULL),
  (NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL)`
const at = (text: string) => ({ seconds: Date.parse(`${text}Z`) / 1000, microseconds: 0 })
const TYPES_EXPECTED = [
  [
    -128,
    -32768,
    -8388608,
    -2147483648,
    -9223372036854775808n,
    -1.5,
    1e300,
    '-123.45',
    '-123456789012345678901234567890.0123456789',
    19782,
    at('9999-12-31T23:59:59'),
    at('2038-01-19T03:14:07'),
    -3_020_399_000_000,
    2155,
    Buffer.from([2, 1]),
    Buffer.from([1]),
    2,
    5n,
    Buffer.from('ab\0\0'),
    Buffer.from('v'),
    Buffer.from('blob'),
  ],
  [
    127,
    32767,
    8388607,
    2147483647,
    9223372036854775807n,
    1.5,
    -0.1,
    '999.99',
    '0.0000000001',
    -354285,
    at('1000-01-01T00:00:00'),
    at('1970-01-01T00:00:01'),
    3_020_399_000_000,
    1901,
    Buffer.from([0, 0]),
    Buffer.from([0]),
    1,
    0n,
    Buffer.alloc(4),
    Buffer.alloc(0),
    Buffer.alloc(0),
  ],
  [
    0,
    0,
    0,
    0,
    9007199254740993n,
    0,
    0,
    '0.00',
    '0.0000000000',
    null,
    null,
    null,
    0,
    0,
    null,
    null,
    0,
    null,
    null,
    null,
    null,
  ],
  Array(21).fill(null),
]
