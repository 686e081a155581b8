// Cost of making records, without Kafka: `node packages/connectors/generator/bench/poll.ts [records]`, for each template.
import { sourceTaskContext } from '@millrace/testkit'
import { GeneratorSourceConnector } from '../src/connector.ts'
import { TEMPLATES } from '../src/templates/index.ts'

const RECORDS = Number(process.argv[2] ?? 300_000)
const ROUNDS = 3

for (const template of TEMPLATES.keys()) {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const connector = new GeneratorSourceConnector()
    connector.start({ topic: 't', template, count: String(RECORDS) })
    const task = new (connector.taskClass())()
    task.initialize(sourceTaskContext().context)
    await task.start(connector.taskConfigs(1)[0]!)
    const start = process.cpuUsage()
    for (let made = 0; made < RECORDS; ) made += ((await task.poll()) ?? []).length
    const used = process.cpuUsage(start)
    best = Math.min(best, (used.user + used.system) / RECORDS)
  }
  console.log(`${template}: ${best.toFixed(3)} us CPU a record`)
}
