// Cost of the verifiable connectors alone: `node packages/connectors/verifiable/bench/tasks.ts [records]`.
import { OffsetsByPartition, SinkRecord } from '@millrace/api'
import { MemoryOffsets, sourceTaskContext, temporaryFolder } from '@millrace/testkit'
import { check } from '../src/checker/check.ts'
import { VerifiableSinkTask } from '../src/sink/task.ts'
import { VerifiableSourceTask } from '../src/source/task.ts'

const RECORDS = Number(process.argv[2] ?? 500_000)

await using folder = await temporaryFolder()
const source = new VerifiableSourceTask()
source.initialize(sourceTaskContext({ offsets: new MemoryOffsets() }).context)
await source.start({ topic: 't', count: String(RECORDS), file: folder.file('sent'), 'batch.size': '500' })
const sink = new VerifiableSinkTask()
sink.start({ file: folder.file('received') })
await timed('source and sink', async () => {
  for (let made = 0; made < RECORDS; ) {
    const records = (await source.poll()) ?? []
    for (const record of records) source.commitRecord(record, null)
    await sink.put(records.map((one, i) => new SinkRecord('t', 0, null, one.key, null, one.value, made + i)))
    made += records.length
  }
  await sink.preCommit(new OffsetsByPartition())
})
source.stop()
sink.stop()
await timed('check', async () => {
  const verdict = await check({ source: [folder.file('sent')], sink: [folder.file('received')] })
  if (verdict.problems.length > 0) throw new Error(verdict.problems.join(', '))
})

async function timed(name: string, run: () => Promise<void>): Promise<void> {
  const start = process.cpuUsage()
  await run()
  const used = process.cpuUsage(start)
  console.log(`${name}: ${((used.user + used.system) / RECORDS).toFixed(2)} us CPU a record`)
}
