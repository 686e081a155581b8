// The same statements, shown to this connector, against what Debezium 3.5 on the JVM made of them: schemas, keys, values,
// headers, schema changes and the schema history, record by record. The recordings are made by record-reference.ts.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import type { SourceRecord } from '@millrace/api'
import { plugins } from '@millrace/connector-mysql'
import { type MysqlFlavor, startMysql, temporaryFolder, whyNoMysql } from '@millrace/testkit'
import { createConnection } from 'mysql2/promise'
import { unexplained } from '../debezium-common/known.ts'
import { type Line, linesOf, readRecording, writeRecording } from '../debezium-common/lines.ts'
import { type ConnectorType, startTask } from '../debezium-common/task.ts'
import { compare } from './compare.ts'
import { KNOWN, KNOWN_OF_OLD } from './known-differences.ts'
import { classOf, fileHistory, propsOf } from './props.ts'
import { LAST_TABLE, scriptOf } from './statements.ts'

for (const flavor of ['mariadb-10.11', 'mariadb-11.4', 'mysql-5.5'] satisfies MysqlFlavor[]) {
  const recording = new URL(`./debezium-3.5.0-${flavor}.jsonl.gz`, import.meta.url)
  const why = whyNoMysql(flavor) ?? (existsSync(recording) ? undefined : `${recording.pathname} is not there`)
  describe(`Debezium 3.5 and this connector on ${flavor}`, { skip: why }, () => {
    it('write the same records', async () => {
      const theirs = readRecording(recording)
      const ours = await ourLines(flavor)
      if (process.env.OURS !== undefined) writeRecording(process.env.OURS + flavor, ours)
      const isOld = flavor === 'mysql-5.5'
      const { differences, unseen } = unexplained(compare(theirs, ours), isOld ? [...KNOWN, ...KNOWN_OF_OLD] : KNOWN)
      assert.equal(differences.length, 0, inspect(differences.slice(0, 20)))
      // A server without JSON and fractions of seconds shows less.
      if (!isOld) assert.deepEqual(unseen, [], 'differences that are none any more')
    })
  })
}

/** What this connector makes of the statements. */
async function ourLines(flavor: MysqlFlavor): Promise<Line[]> {
  const { setup, changes } = scriptOf(flavor)
  await using server = await startMysql({ flavor })
  await using folder = await temporaryFolder()
  const { host, port, user, password, database } = server
  const client = await createConnection({ host, port, user, password, database })
  for (const one of setup) await client.query(one)
  const type = await plugins.find((one) => one.className === classOf(flavor))?.load()
  const historyFile = folder.file('history')
  await using run = await startTask(type as unknown as ConnectorType, propsOf(server, fileHistory(historyFile)))
  const isLast = (id: number) => (record: SourceRecord) =>
    record.topic === `ref.inventory.${LAST_TABLE}` && (record.key as { id: number }).id === id
  await run.until(isLast(1))
  for (const one of changes) await client.query(one)
  await run.until(isLast(2))
  client.destroy()
  const history = readFileSync(historyFile, 'utf8').trim().split('\n')
  return [
    ...(await linesOf(run.records)),
    ...history.map((line) => ({ topic: 'ref-history', key: null, value: JSON.parse(line), headers: [] })),
  ]
}
