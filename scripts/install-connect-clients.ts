// Fetches clients of Connect's REST API that nobody here wrote into .cache/, with pip and Maven: what tests/interop/connect-clients
// runs against our worker. Does nothing for what is there. Needs `python3` with pip, and `mvn`.
import { join } from 'node:path'
import { CONNECT_CLIENTS, HERE } from '../tests/interop/connect-clients/clients.ts'
import { installInto, runProgram } from './install.ts'

const cache = join(import.meta.dirname, '../.cache')

for (const { name, from, version, needs, folder } of CONNECT_CLIENTS) {
  installInto(name, join(cache, folder), (partial) => {
    if (from === 'pip') {
      const pip = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '--target', partial]
      runProgram('python3', ...pip, `${name}==${version}`, ...needs)
    } else {
      const pom = join(HERE, 'pom.xml')
      runProgram('mvn', '-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${partial}`)
    }
  })
}
