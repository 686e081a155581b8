// What the configuration makes of rows, on a real server: masks, keys, names, transactions, values that cannot be converted.
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { ConnectorProps, Schema, SourceRecord } from '@millrace/api'
import { MemoryOffsets, startPostgres, whyNoPostgres } from '@millrace/testkit'
import { afterOf, propsOf, snapshotOf, sql, startTask } from './testing/task.ts'

const why = whyNoPostgres(18)

describe('The configuration of a capture', { skip: why }, async () => {
  if (why !== undefined) return
  const postgres = await startPostgres({
    version: 18,
    settings: { max_replication_slots: '20', max_wal_senders: '20' },
  })
  after(() => postgres.stop())
  const named = (name: string, more: ConnectorProps): ConnectorProps =>
    propsOf(postgres, {
      'slot.name': name,
      'publication.name': name,
      'publication.autocreate.mode': 'filtered',
      'table.include.list': `public\\.${name}`,
      ...more,
    })
  const isId = (id: number) => (record: SourceRecord) => afterOf(record)?.id === id
  const fieldOf = (schema: Schema | null, name: string) => schema?.fields.find((one) => one.name === name)?.schema
  const rowSchema = (record: SourceRecord) => fieldOf(record.valueSchema, 'after') as Schema

  it('masks, hashes and cuts values in snapshot and stream, and leaves keys as they are', async () => {
    await sql(
      postgres,
      `CREATE TABLE masked (id int, mail varchar(40) PRIMARY KEY, card text, note text, hidden text, n int)`,
      `INSERT INTO masked VALUES (1, 'a@b.c', '4111', 'long\tnote', 'x', 7)`,
    )
    const props = named('masked', {
      'column.mask.with.3.chars': 'public.masked.card',
      'column.truncate.to.4.chars': 'public.masked.note',
      'column.mask.hash.v2.SHA-256.with.salt.s': 'public.masked.mail',
      'column.exclude.list': 'public.masked.hidden',
      'column.propagate.source.type': 'public.masked.n',
    })
    await using run = await startTask(props)
    await run.until((one) => snapshotOf(one) === 'last')
    await sql(postgres, `INSERT INTO masked VALUES (2, 'd@e.f', NULL, 'n', 'y', 8)`, `DELETE FROM masked WHERE id = 1`)
    await run.until((one) => one.value === null)
    const [read, created, deleted, tombstone] = run.records as [SourceRecord, SourceRecord, SourceRecord, SourceRecord]
    const row = afterOf(read)
    assert.deepEqual(Object.keys(row ?? {}), ['id', 'mail', 'card', 'note', 'n'])
    assert.equal(row?.card, '***')
    assert.equal(row?.note, 'long')
    assert.match(String(row?.mail), /^[0-9a-f]{40}$/)
    assert.deepEqual({ ...(read.key as object) }, { mail: 'a@b.c' })
    assert.deepEqual([afterOf(created)?.card, afterOf(created)?.note], ['***', 'n'])
    assert.deepEqual({ ...(created.key as object) }, { mail: 'd@e.f' })
    assert.notEqual(afterOf(created)?.mail, 'd@e.f')
    assert.deepEqual({ ...(deleted.key as object) }, { mail: 'a@b.c' })
    assert.deepEqual({ ...(tombstone.key as object) }, { mail: 'a@b.c' })
    const schema = rowSchema(read)
    assert.deepEqual(fieldOf(schema, 'card')?.parameters?.get('masked'), 'true')
    assert.deepEqual(
      [...(fieldOf(schema, 'n')?.parameters ?? [])],
      [
        ['__debezium.source.column.type', 'INT4'],
        ['__debezium.source.column.length', '10'],
        ['__debezium.source.column.scale', '0'],
        ['__debezium.source.column.name', 'n'],
      ],
    )
  })

  it('takes other keys and names, and leaves out what does not change', async () => {
    await sql(
      postgres,
      `CREATE TABLE named (id int PRIMARY KEY, "a-b" int, c text)`,
      `ALTER TABLE named REPLICA IDENTITY FULL`,
    )
    const props = named('named', {
      'snapshot.mode': 'no_data',
      'message.key.columns': 'public.named:a-b,c',
      'field.name.adjustment.mode': 'avro',
      'topic.naming.strategy': 'io.debezium.schema.SchemaRegexTopicNamingStrategy',
      'topic.regex': 'ref[.]public[.](.*)',
      'topic.replacement': 'all.$1',
      'skip.messages.without.change': 'true',
      'skipped.operations': 'd',
    })
    await using run = await startTask(props)
    await sql(
      postgres,
      `INSERT INTO named VALUES (1, 5, 'x')`,
      `UPDATE named SET c = 'x'`,
      `DELETE FROM named`,
      `INSERT INTO named VALUES (2, 6, 'y')`,
    )
    await run.until(isId(2))
    assert.deepEqual(
      run.records.map((one) => [one.topic, { ...(one.key as object) }, afterOf(one)?.id]),
      [1, 2].map((id) => [
        'all.named',
        { a_b: 4 + id, c: id === 1 ? 'x' : 'y', __dbz__physicalTableIdentifier: 'ref.public.named' },
        id,
      ]),
    )
  })

  it('leaves out or fails at a value that cannot be converted', async () => {
    await sql(
      postgres,
      `CREATE TABLE numbers (id int PRIMARY KEY, d numeric(8,2))`,
      `INSERT INTO numbers VALUES (1, 'NaN')`,
    )
    {
      await using run = await startTask(named('numbers', {}))
      await run.until(isId(1))
      assert.equal(afterOf(run.records[0] as SourceRecord)?.d, null)
      assert.match(JSON.stringify(run.log.lines), /Failed to properly convert data value for 'public.numbers.d'/)
      await sql(postgres, `INSERT INTO numbers VALUES (2, 'NaN'), (3, 1.5)`)
      await run.until(isId(3))
      assert.deepEqual(
        run.records.map((one) => String(afterOf(one)?.d)),
        ['null', 'null', '1.50'],
      )
    }
    const strict = { 'slot.name': 'strict', 'event.converting.failure.handling.mode': 'fail' }
    await using run = await startTask(named('numbers', strict))
    assert.match(String(await run.failure()), /public\.numbers/)
  })

  it('counts the events of a transaction on through a restart in its middle', async () => {
    await sql(postgres, `CREATE TABLE counted (id int PRIMARY KEY)`)
    const props = named('counted', {
      'snapshot.mode': 'no_data',
      'provide.transaction.metadata': 'true',
      // The slot stays where it is: what is asked for again is still there.
      'lsn.flush.mode': 'manual',
    })
    const orders = (records: readonly SourceRecord[]) =>
      records
        .filter((one) => afterOf(one) !== null)
        .map((one) => (one.value as { transaction: { total_order: number } }).transaction.total_order)
    const isEnd = (one: SourceRecord) => (one.value as { status?: string } | null)?.status === 'END'
    const countOf = (one: SourceRecord | undefined) => (one?.value as { event_count: number } | undefined)?.event_count
    const offsets = new MemoryOffsets()
    {
      await using first = await startTask(props)
      await sql(postgres, `INSERT INTO counted SELECT generate_series(1, 5)`)
      await first.until(isEnd)
      assert.deepEqual(orders(first.records), [1, 2, 3, 4, 5])
      assert.equal(countOf(first.records.find(isEnd)), 5)
      offsets.commit([first.records.find(isId(3)) as SourceRecord])
    }
    await using second = await startTask(props, offsets)
    await second.until(isEnd)
    assert.deepEqual(orders(second.records), [4, 5])
    assert.equal(countOf(second.records.find(isEnd)), 5)
  })
})
