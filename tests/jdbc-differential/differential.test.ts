// The same records, given to this project's sink, against what Debezium's JDBC sink 3.5 on the JVM made of them: which fail, the
// tables, their columns and keys, and every cell. The recordings are made by record-reference.ts.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compare } from './compare.ts'
import { startDatabase, whyNot } from './databases.ts'
import { unexplained } from './known-differences.ts'
import { runCases } from './ours.ts'
import { readRecording } from './recording.ts'
import type { Kind } from './tables.ts'

for (const kind of ['postgres', 'mariadb'] satisfies Kind[]) {
  describe(`Debezium's JDBC sink 3.5 and this one on ${kind}`, { skip: whyNot(kind) ?? false }, () => {
    it('make the same tables and rows', async () => {
      await using server = await startDatabase(kind)
      const { outcomes, failures } = await runCases(server, kind)
      const { differences, unseen } = unexplained(kind, compare(readRecording(kind), outcomes))
      assert.deepEqual(differences, [], JSON.stringify(failures, null, 1))
      assert.deepEqual(unseen, [], 'differences that are none any more')
    })
  })
}
