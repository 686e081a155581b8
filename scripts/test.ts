// npm test: runs every test of the workspaces. Where Apache Kafka's jars are at hand, one broker is started for all suites
// and named in KAFKA_BOOTSTRAP; elsewhere the suites that need it are skipped, counted and named.
// Arguments are files or globs to run instead of all. With MILLRACE_REQUIRE_SERVICES=1 a skipped test is a failure.
import { globSync } from 'node:fs'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { sharedKafka } from './shared-kafka.ts'

const EVERYTHING = [
  'packages/*/src/**/*.test.ts',
  'packages/connectors/*/**/*.test.ts',
  'packages/kits/*/**/*.test.ts',
  'tests/**/*.test.ts',
]
const FILE_TIMEOUT_MS = 15 * 60_000

const patterns = process.argv.slice(2)
const files = globSync(patterns.length > 0 ? patterns : EVERYTHING, { exclude: ['**/node_modules/**'] }).sort()
if (files.length === 0) {
  console.error(`No test file matches ${patterns.join(' ')}`)
  process.exit(1)
}

const skipped: string[] = []
const kafka = await sharedKafka()
let failures = 0
const stream = run({ files, concurrency: 2, timeout: FILE_TIMEOUT_MS, env: { ...process.env, ...kafka.env } })
stream.on('test:fail', () => failures++)
stream.on('test:pass', (test) => {
  if (test.skip !== undefined) skipped.push(`${test.name}${typeof test.skip === 'string' ? `: ${test.skip}` : ''}`)
})
stream.compose(spec).pipe(process.stdout)
await new Promise((resolve) => stream.on('end', resolve))
await kafka.stop()

if (skipped.length > 0) {
  const strict = process.env.MILLRACE_REQUIRE_SERVICES === '1'
  console.log(`\n${skipped.length} skipped${strict ? ', and none may be here' : ''}:`)
  for (const one of skipped) console.log(`  ${one}`)
  if (strict) failures++
}
process.exitCode = failures === 0 ? 0 : 1
