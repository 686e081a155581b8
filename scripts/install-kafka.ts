// Fetches the jars of Apache Kafka and the JVM's Kafka Connect from Maven Central into .cache/, where tests and the contest
// find them. Does nothing when they are there. Needs `mvn` and a Java of 17 or newer.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

const POM = resolve(import.meta.dirname, '../packages/testkit/kafka/pom.xml')
const version = /<kafka\.version>([^<]+)</.exec(readFileSync(POM, 'utf8'))?.[1]
if (version === undefined) throw new Error(`${POM} names no kafka.version`)
const lib = resolve(import.meta.dirname, `../.cache/kafka-${version}/lib`)

if (existsSync(resolve(lib, `kafka_2.13-${version}.jar`))) console.log(`Apache Kafka ${version} is in ${lib}`)
else install()

function install(): void {
  // Into a folder beside it first: a broken download must not look like a whole one.
  const partial = `${lib}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(dirname(lib), { recursive: true })
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${partial}`]
  const result = spawnSync('mvn', ['-q', '-B', '-f', POM, ...goal], { stdio: 'inherit' })
  if (result.error !== undefined || result.status !== 0) {
    const why = result.error?.message ?? `mvn ended with ${result.status ?? result.signal}`
    console.error(`Apache Kafka ${version} was not installed: ${why}. Install Maven and Java 17, and try again.`)
    process.exitCode = 1
    return
  }
  rmSync(lib, { recursive: true, force: true })
  renameSync(partial, lib)
  console.log(`Apache Kafka ${version} is in ${lib}`)
}
