// The same statements, shown to this connector, against what Debezium 3.5 on the JVM made of them: schemas, keys, values,
// headers, record by record. The recording is made by record-reference.ts.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SourceRecord } from '@millrace/api'
import { type PostgresVersion, startPostgres, until, whyNoPostgres } from '@millrace/testkit'
import pg from 'pg'
import { compare } from '../debezium-common/compare.ts'
import { unexplained } from '../debezium-common/known.ts'
import { linesOf, readRecording } from '../debezium-common/lines.ts'
import { KNOWN } from './known-differences.ts'
import { propsOf, startTask } from './ours.ts'
import { CHANGES, SETUP } from './statements.ts'

const RECORDING = new URL('./debezium-3.5.0.jsonl.gz', import.meta.url)

for (const version of [15, 18] satisfies PostgresVersion[]) {
  describe(`Debezium 3.5 and this connector on PostgreSQL ${version}`, { skip: whyNoPostgres(version) }, () => {
    it('write the same records', async () => {
      const theirs = readRecording(RECORDING)
      await using postgres = await startPostgres({ version })
      const client = new pg.Client({ connectionString: postgres.url })
      client.on('error', () => {})
      await client.connect()
      for (const one of SETUP) await client.query(one)
      await using run = await startTask(propsOf(postgres, { 'status.update.interval.ms': '50' }))
      await run.until((one) => snapshotOf(one) === 'last')
      for (const one of CHANGES) {
        // What a relation message does not say is asked of the catalogue, which must not be further already.
        if (one.startsWith('ALTER')) await caughtUp(client)
        await client.query(one)
      }
      await run.until((one) => (one.value as { after?: { id?: unknown } } | null)?.after?.id === 999)
      await client.end()
      const { differences, unseen } = unexplained(compare(theirs, await linesOf(run.records)), KNOWN)
      assert.deepEqual(differences, [])
      assert.deepEqual(unseen, [], 'differences that are none any more')
    })
  })
}

/** The stream has confirmed all that is in the log now. */
async function caughtUp(client: pg.Client): Promise<void> {
  const [now] = (await client.query(`SELECT pg_current_wal_lsn()::text AS lsn`)).rows
  await until('the stream has caught up', async () => {
    const slots = await client.query(`SELECT FROM pg_replication_slots WHERE confirmed_flush_lsn >= '${now.lsn}'`)
    return slots.rowCount === 1
  })
}

function snapshotOf(record: SourceRecord): string | undefined {
  return (record.value as { source?: { snapshot?: string } } | null)?.source?.snapshot
}
