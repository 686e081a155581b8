// When a position is good on another server, and when going on from it would skip changes.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Lineage } from './lineage.ts'
import { nameOf, readLineage, whyNotContinuous } from './lineage.ts'

const promoted: Lineage = { systemId: '7', timeline: 3, end: 5_000, left: new Map([[1, 1_000], [2, 2_000]]) } // biome-ignore format: short

describe('A position', () => {
  for (const [what, name, lsn, problem] of [
    ['of this log', '7/3', 4_000, null],
    ['of this log, at its end', '7/3', 5_000, null],
    ['beyond its end', '7/3', 5_001, /log ends at 0\/1388, before the position 0\/1389/],
    ['of nobody knows which, within the log', null, 4_000, null],
    ['of nobody knows which, beyond its end', null, 5_001, /log ends at/],
    ['before the promotion', '7/2', 2_000, null],
    ['that the promoted standby had not received', '7/2', 2_001, /promoted without all changes.*timeline 2 at 0\/7D0/],
    ['of the timeline before that', '7/1', 1_001, /timeline 1 at 0\/3E8/],
    ['of a timeline that is not its own', '7/4', 10, /not known to come from timeline 4/],
    ['of another server', '8/3', 10, /another one: its system identifier is 7/],
  ] as const) {
    it(`${what} is ${problem === null ? 'gone on from' : 'refused'}`, () => {
      const found = whyNotContinuous(promoted, name, lsn)
      if (problem === null) assert.equal(found, null)
      else assert.match(String(found?.message), problem)
      if (found !== null) assert.match(String(found.context.action), /when_needed/)
    })
  }

  it('is named after the log that a server says it has', async () => {
    const answers: Record<string, object> = {
      IDENTIFY_SYSTEM: { systemid: '7', timeline: 3, xlogpos: '0/1388', dbname: 'x' },
      'TIMELINE_HISTORY 3': { content: Buffer.from('1\t0/3E8\tno recovery target specified\n\n2\t0/7D0\tbefore\n') },
    }
    const asked: string[] = []
    const ask = async (sql: string) => {
      asked.push(sql)
      if (answers[sql] === undefined) throw Object.assign(new Error('no such file'), { code: '58P01' })
      return [answers[sql] as Record<string, unknown>]
    }
    const read = await readLineage(ask, '7/2')
    assert.deepEqual(read, promoted)
    assert.equal(nameOf(read), '7/3')
    // The history is needed only where the timeline is another one, and may be gone.
    for (const name of [null, '7/3']) assert.equal((await readLineage(ask, name)).left, null)
    assert.equal(asked.filter((sql) => sql.startsWith('TIMELINE_HISTORY')).length, 1)
    delete answers['TIMELINE_HISTORY 3']
    const unknown = await readLineage(ask, '7/2')
    assert.match(String(whyNotContinuous(unknown, '7/2', 10)?.message), /not known to come from timeline 2/)
  })
})
