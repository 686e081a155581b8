// The JDBC source against real databases: every mode, offsets, types, and rows that commit late.
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type ConnectorProps, Decimal, type SourceRecord, type SourceTask } from '@millrace/api'
import type { SqlConnection } from '@millrace/kit-sql'
import { MemoryOffsets, sourceConnectorContext, sourceTaskContext } from '@millrace/testkit'
import { type TestDatabase, testDatabases } from '../testing/databases.ts'
import { JdbcSourceConnector } from './connector.ts'

/** A connector with its tasks, polled by hand. */
class Run implements AsyncDisposable {
  readonly offsets: MemoryOffsets
  readonly asked: { reconfigurations: number }
  readonly connector = new JdbcSourceConnector()
  readonly tasks: SourceTask[] = []
  configs: ConnectorProps[] = []

  private constructor(offsets: MemoryOffsets) {
    this.offsets = offsets
    const { context, asked } = sourceConnectorContext({ offsets })
    this.connector.initialize(context)
    this.asked = asked
  }

  static async start(
    database: TestDatabase,
    settings: Record<string, string>,
    offsets = new MemoryOffsets(),
    maxTasks = 1,
  ): Promise<Run> {
    const run = new Run(offsets)
    run.connector.start({ name: 'test', 'poll.interval.ms': '20', ...(await database.props()), ...settings })
    run.configs = await run.connector.taskConfigs(maxTasks)
    for (const configs of run.configs) {
      const task = new (run.connector.taskClass())()
      task.initialize(sourceTaskContext({ configs, offsets }).context)
      await task.start(configs)
      run.tasks.push(task)
    }
    return run
  }

  /** Polls until there are `count` records. */
  async take(count: number): Promise<SourceRecord[]> {
    const records: SourceRecord[] = []
    const deadline = performance.now() + 10_000
    while (records.length < count) {
      assert.ok(performance.now() < deadline, `${records.length} of ${count} records came`)
      for (const task of this.tasks) records.push(...((await task.poll()) ?? []))
    }
    return records
  }

  /** What comes in a number of polls. */
  async polls(count: number): Promise<SourceRecord[]> {
    const records: SourceRecord[] = []
    for (let i = 0; i < count; i++) for (const task of this.tasks) records.push(...((await task.poll()) ?? []))
    return records
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const task of this.tasks) await task.stop()
    await this.connector.stop()
  }
}

const field = (records: readonly SourceRecord[], name: string) =>
  records.map((record) => (record.value as Record<string, unknown>)[name])

for (const database of testDatabases()) {
  describe(`the JDBC source on ${database.title}`, { skip: database.skip }, () => {
    let hand: Promise<SqlConnection> | undefined
    after(async () => (await hand)?.close())
    const run = async (...statements: string[]) => {
      const connection = await (hand ??= database.connect())
      for (const sql of statements) await connection.execute(sql)
    }
    const serial = {
      sqlite: 'INTEGER PRIMARY KEY',
      postgres: 'SERIAL PRIMARY KEY',
      mysql: 'INT AUTO_INCREMENT PRIMARY KEY',
    }[database.kind]
    const fqn = (table: string) =>
      ({ sqlite: table, postgres: `public.${table}`, mysql: `inventory.${table}` })[database.kind]
    const moment =
      database.kind === 'postgres'
        ? 'TIMESTAMP(6) NOT NULL'
        : database.kind === 'mysql'
          ? 'DATETIME(6) NOT NULL'
          : 'TIMESTAMP NOT NULL'

    it('follows an incrementing column that it finds itself, and resumes', async () => {
      await run(`CREATE TABLE incs (id ${serial}, name TEXT)`, "INSERT INTO incs (name) VALUES ('a'), ('b'), ('c')")
      const offsets = new MemoryOffsets()
      const settings = { mode: 'incrementing', 'table.whitelist': 'incs', 'topic.prefix': 'p-', 'batch.max.rows': '2' }
      {
        await using source = await Run.start(database, settings, offsets)
        const records = await source.take(3)
        assert.deepEqual(field(records, 'name'), ['a', 'b', 'c'])
        const [first] = records
        assert.deepEqual([first?.topic, first?.key, first?.valueSchema?.name], ['p-incs', null, 'incs'])
        assert.deepEqual(first?.sourcePartition, { protocol: '1', table: fqn('incs') })
        assert.deepEqual(first?.sourceOffset, { incrementing: 1 })
        assert.equal(first?.valueSchema?.fields[0]?.schema.optional, false)
        await run("INSERT INTO incs (name) VALUES ('d')")
        assert.deepEqual(field(await source.take(1), 'name'), ['d'])
        offsets.commit(records)
      }
      await using again = await Run.start(database, settings, offsets)
      assert.deepEqual(field(await again.take(1), 'name'), ['d'])
    })

    it('takes over offsets of the older protocol', async () => {
      await run(`CREATE TABLE old (id ${serial}, name TEXT)`, "INSERT INTO old (name) VALUES ('a'), ('b')")
      const offsets = new MemoryOffsets().set({ table: 'old' }, { incrementing: 1 })
      await using source = await Run.start(
        database,
        { mode: 'incrementing', 'incrementing.column.name': 'ID', 'table.whitelist': 'old' },
        offsets,
      )
      assert.deepEqual(field(await source.take(1), 'name'), ['b'])
    })

    it('follows times, and moves an offset only with the last row of a time', async () => {
      await run(
        `CREATE TABLE times (name VARCHAR(9), at ${moment})`,
        "INSERT INTO times VALUES ('a','2024-01-01 00:00:01.5'), ('b','2024-01-01 00:00:02.25'), ('c','2024-01-01 00:00:02.25'), ('d','2024-01-01 00:00:03')",
      )
      const settings = { mode: 'timestamp', 'timestamp.column.name': 'at', 'table.whitelist': 'times' }
      const offsets = new MemoryOffsets()
      {
        await using source = await Run.start(database, settings, offsets)
        const records = await source.take(4)
        assert.deepEqual(field(records, 'name'), ['a', 'b', 'c', 'd'])
        const second = Date.parse('2024-01-01T00:00:01.500Z')
        assert.deepEqual(
          records.map((record) => record.sourceOffset?.timestamp),
          [second, second, second + 750, second + 1500],
        )
        assert.equal(records[2]?.sourceOffset?.timestamp_nanos, 250_000_000)
        offsets.commit(records.slice(0, 2))
      }
      await using again = await Run.start(database, settings, offsets)
      assert.deepEqual(field(await again.take(3), 'name'), ['b', 'c', 'd'])
    })

    it('follows both, which finds rows that change', async () => {
      await run(
        `CREATE TABLE boths (id INT PRIMARY KEY, name VARCHAR(9), at ${moment})`,
        "INSERT INTO boths VALUES (1,'a','2024-01-01 00:00:01'), (2,'b','2024-01-01 00:00:01'), (3,'c','2024-01-01 00:00:01')",
      )
      const settings = {
        mode: 'timestamp+incrementing',
        'incrementing.column.name': 'id',
        'timestamp.column.name': 'at',
        'table.whitelist': 'boths',
      }
      await using source = await Run.start(database, settings)
      assert.deepEqual(field(await source.take(3), 'id'), [1, 2, 3])
      await run(
        "UPDATE boths SET name='z', at='2024-01-01 00:00:02' WHERE id=2",
        "INSERT INTO boths VALUES (4,'d','2024-01-01 00:00:01')",
      )
      const changed = await source.take(2)
      assert.deepEqual(field(changed, 'name'), ['d', 'z'], 'a new row of the last time, and the changed one')
      assert.deepEqual(changed[1]?.sourceOffset, {
        incrementing: 2,
        timestamp: Date.parse('2024-01-01T00:00:02Z'),
        timestamp_nanos: 0,
      })
    })

    it('reads all rows again and again in bulk, and a query', async () => {
      await run('CREATE TABLE bulks (id INT, name VARCHAR(9))', "INSERT INTO bulks VALUES (1,'a'), (2,'b')")
      await using source = await Run.start(database, { mode: 'bulk', 'table.whitelist': 'bulks' })
      const records = await source.take(4)
      assert.deepEqual(field(records, 'id'), [1, 2, 1, 2])
      assert.deepEqual([records[0]?.sourcePartition, records[0]?.sourceOffset], [{ table: 'bulks' }, null])
      const query = {
        query: 'SELECT * FROM (SELECT id, name FROM bulks WHERE id > 0) AS q',
        mode: 'incrementing',
        'incrementing.column.name': 'id',
        'topic.prefix': 'from-query',
      }
      await using queried = await Run.start(database, query)
      const [first, second] = await queried.take(2)
      assert.deepEqual(
        [first?.topic, first?.sourcePartition, second?.sourceOffset],
        ['from-query', { query: 'query' }, { incrementing: 2 }],
      )
    })

    it('says what is wrong with its columns', async () => {
      await run('CREATE TABLE wrong (n INT, name VARCHAR(9))')
      const start = (settings: Record<string, string>) =>
        Run.start(database, { 'table.whitelist': 'wrong', ...settings })
      await assert.rejects(
        start({ mode: 'incrementing', 'incrementing.column.name': 'nr' }),
        /Incrementing column: nr does not exist in table '.*wrong'. It has n, name/,
      )
      await assert.rejects(
        start({ mode: 'incrementing', 'incrementing.column.name': 'n' }),
        /because this column is nullable/,
      )
      await assert.rejects(start({ mode: 'incrementing' }), /no column that the database counts up itself/)
    })

    it('divides tables among tasks, and asks for new configs when one comes', async () => {
      await run(...['one', 'two', 'three'].map((name) => `CREATE TABLE div_${name} (id ${serial})`))
      const settings = { mode: 'incrementing', 'table.include.list': '.*\\bdiv_.*', 'table.poll.interval.ms': '50' }
      await using source = await Run.start(database, settings, new MemoryOffsets(), 2)
      assert.deepEqual(
        source.configs.map((config) => config.tables?.split(',').length),
        [2, 1],
      )
      await run(`CREATE TABLE div_four (id ${serial})`)
      const deadline = performance.now() + 5_000
      while (source.asked.reconfigurations === 0 && performance.now() < deadline) await source.tasks[0]?.poll()
      assert.equal(source.asked.reconfigurations, 1)
    })

    if (database.kind !== 'sqlite') {
      it('misses no row that commits late when it is guarded', async () => {
        await run(`CREATE TABLE late (id ${serial}, name TEXT)`)
        const slow = await database.connect()
        try {
          await slow.begin()
          await slow.execute("INSERT INTO late (name) VALUES ('slow')")
          await run("INSERT INTO late (name) VALUES ('quick')")
          await using guarded = await Run.start(database, {
            mode: 'incrementing',
            'table.whitelist': 'late',
            'late.commit.guard': 'true',
            'poll.interval.ms': '100',
          })
          assert.deepEqual(await guarded.polls(12), [], 'nothing is read past a transaction that runs')
          await slow.commit()
          assert.deepEqual(field(await guarded.take(2), 'name'), ['slow', 'quick'])
        } finally {
          await slow.close()
        }
      })
    }
  })
}

describe('types of the JDBC source', () => {
  for (const database of testDatabases(['postgres', 'mysql'])) {
    it(`keeps every digit of ${database.title}`, { skip: database.skip }, async () => {
      const connection = await database.connect()
      const isPostgres = database.kind === 'postgres'
      try {
        await connection.execute(
          `CREATE TABLE digits (id INT PRIMARY KEY, big BIGINT, exact NUMERIC(30,4), small NUMERIC(5,0), f DOUBLE PRECISION, d DATE, t TIME(3), ts ${isPostgres ? 'TIMESTAMP(6)' : 'DATETIME(6)'}, b ${isPostgres ? 'BYTEA' : 'VARBINARY(9)'}, flag BOOLEAN, txt TEXT)`,
        )
        const bytes = isPostgres ? "'\\x00ff'" : "x'00ff'"
        await connection.execute(
          `INSERT INTO digits VALUES (1, 9223372036854775807, -12345678901234567890123456.7891, 77, 0.1, '1500-01-01', '23:59:59.999', '2024-02-29 12:34:56.789012', ${bytes}, TRUE, 'ü😀'), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
        )
        const settings = {
          mode: 'incrementing',
          'incrementing.column.name': 'id',
          'table.whitelist': 'digits',
          'date.calendar.system': 'PROLEPTIC_GREGORIAN',
        }
        await using source = await Run.start(database, {
          ...settings,
          'timestamp.granularity': 'nanos_string',
          'numeric.mapping': 'best_fit',
        })
        const [first, second] = await source.take(2)
        assert.deepEqual(first?.value, {
          id: 1,
          big: 9223372036854775807n,
          exact: new Decimal(-123456789012345678901234567891n, 4),
          // DECIMAL is no NUMERIC to the JVM's driver of MySQL, and is never mapped.
          small: isPostgres ? 77 : new Decimal(77n, 0),
          f: 0.1,
          d: new Date('1500-01-01T00:00:00Z'),
          t: new Date(86_399_999),
          ts: '1709210096789012000',
          b: Buffer.from([0, 255]),
          flag: isPostgres ? true : 1,
          txt: 'ü😀',
        })
        assert.deepEqual(Object.values(second?.value as object).slice(1), new Array(10).fill(null))
        assert.equal(
          first?.valueSchema?.fields
            .find((one) => one.name === 'exact')
            ?.schema.parameters?.get('connect.decimal.precision'),
          '30',
        )
      } finally {
        await connection.close()
      }
    })
  }
})
