// npm run bench:cluster: how a distributed worker starts with many connectors and creates more, and how a group of three lives
// through the death, the clean stop and the coming of a worker; ours and the JVM's, on one Apache Kafka.
//
//   npm run bench:cluster                                   200 connectors each, ours also 1,000; one failover of each kind
//   npm run bench:cluster -- --only millrace --sizes 200,1000
//   npm run bench:cluster -- --parts failover --rounds 3
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { findKafkaLib, startKafka } from '@millrace/testkit'
import { measureFailover } from './cluster/failover.ts'
import { measureIdleSinks, measureScale } from './cluster/scale.ts'
import type { Make, Placement } from './cluster/worker.ts'
import { JVM_OPTIONS } from './contestants.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    sizes: { type: 'string' },
    parts: { type: 'string', default: 'scale,sinks,failover' },
    rounds: { type: 'string', default: '1' },
  },
})
const parts = values.parts.split(',')
const rounds = Number(values.rounds)

const lib = await findKafkaLib()
const makes: readonly Make[] = [
  { name: 'millrace', command: [resolve('packages/cli/bin/millrace'), 'distributed'], sizes: [200, 1000] },
  {
    name: 'jvm',
    command: ['java', ...JVM_OPTIONS, '-cp', `${lib}/*`, 'org.apache.kafka.connect.cli.ConnectDistributed'],
    sizes: [200],
  },
]

const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
const kafka = await startKafka({ own: true })
const placement: Placement = { folder, bootstrap: kafka.bootstrap }
const results: Record<string, unknown>[] = []
try {
  for (let round = 0; round < rounds; round++) {
    for (const make of makes.filter((one) => values.only === undefined || one.name === values.only)) {
      const sizes = values.sizes?.split(',').map(Number) ?? make.sizes
      if (parts.includes('scale')) for (const size of sizes) keep(await measureScale(make, placement, size))
      if (parts.includes('sinks')) keep(await measureIdleSinks(make, placement, 200))
      if (parts.includes('failover')) keep(await measureFailover(make, placement))
    }
  }
} finally {
  await kafka.stop()
  rmSync(folder, { recursive: true, force: true })
}
const file = `bench/results/cluster-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.json`
writeFileSync(file, `${JSON.stringify({ machine: cpus()[0]?.model, cores: cpus().length, results }, null, 2)}\n`)
console.log(`Raw results: ${file}`)

function keep(result: Record<string, unknown>): void {
  results.push(result)
  console.table(Object.fromEntries(Object.entries(result).map(([what, figure]) => [what, { figure }])))
}
