// Fetches what the tests of the schema registry compare with into .cache/: Apicurio Registry from Maven Central (109 MB), which
// nobody here wrote, and Confluent's Python client with pip. Does nothing for what is there. Needs `mvn`, `tar`, `python3`, `pip`.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { APICURIO_VERSION, apicurioFolder, PYTHON_CLIENT_VERSION, pythonClientFolder } from '@millrace/testkit'
import { installInto, runProgram } from './install.ts'

const cache = join(import.meta.dirname, '../.cache')

installInto('Apicurio Registry', apicurioFolder(cache), (folder) => {
  const artifact = `io.apicurio:apicurio-registry-app:${APICURIO_VERSION}:tar.gz:all`
  runProgram('mvn', '-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`)
  for (const archive of readdirSync(folder).filter((name) => name.endsWith('.tar.gz'))) {
    runProgram('tar', 'xzf', join(folder, archive), '-C', folder)
    rmSync(join(folder, archive))
  }
})
installInto("Confluent's Python client", pythonClientFolder(cache), (folder) => {
  const wanted = `confluent-kafka[avro,json,protobuf,schemaregistry]==${PYTHON_CLIENT_VERSION}`
  runProgram('python3', '-m', 'pip', 'install', '-q', '--disable-pip-version-check', '--target', folder, wanted)
})
