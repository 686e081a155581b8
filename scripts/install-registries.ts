// Fetches what the tests of the schema registry compare with into .cache/: Apicurio Registry from Maven Central (109 MB), which
// nobody here wrote, and Confluent's Python client with pip. Does nothing for what is there. Needs `mvn`, `tar`, `python3`, `pip`.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { APICURIO_VERSION, apicurioFolder, PYTHON_CLIENT_VERSION, pythonClientFolder } from '@millrace/testkit'

const cache = join(import.meta.dirname, '../.cache')

install('Apicurio Registry', apicurioFolder(cache), (folder) => {
  const artifact = `io.apicurio:apicurio-registry-app:${APICURIO_VERSION}:tar.gz:all`
  run('mvn', '-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`)
  for (const archive of readdirSync(folder).filter((name) => name.endsWith('.tar.gz'))) {
    run('tar', 'xzf', join(folder, archive), '-C', folder)
    rmSync(join(folder, archive))
  }
})
install("Confluent's Python client", pythonClientFolder(cache), (folder) => {
  const wanted = `confluent-kafka[avro,json,protobuf,schemaregistry]==${PYTHON_CLIENT_VERSION}`
  run('python3', '-m', 'pip', 'install', '-q', '--disable-pip-version-check', '--target', folder, wanted)
})

/** Into a folder beside it first: a broken download must not look like a whole one. */
function install(what: string, folder: string, fill: (partial: string) => void): void {
  if (existsSync(folder)) {
    console.log(`${what} is in ${folder}`)
    return
  }
  const partial = `${folder}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  try {
    fill(partial)
    renameSync(partial, folder)
    console.log(`${what} is in ${folder}`)
  } catch (error) {
    console.error(`${what} was not installed: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}

function run(program: string, ...args: readonly string[]): void {
  const { error, status, signal } = spawnSync(program, args, { stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${program} ended with ${status ?? signal}`)
}
