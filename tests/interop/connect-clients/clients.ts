// The clients of Connect's REST API that the tests run: which, where from, and how they are started.
import { join } from 'node:path'

/** A client that nobody here wrote, with the program that takes a connector through its life by it. */
export interface ConnectClient {
  readonly name: string
  readonly from: 'pip' | 'maven'
  readonly version: string
  /** What it needs and does not ask for, as pip takes it. */
  readonly needs: readonly string[]
  /** Folder in .cache/ that scripts/install-connect-clients.ts fills. */
  readonly folder: string
  /** The command that runs the program against a worker; what it connects writes to `file`. */
  command(
    cache: string,
    url: string,
    file: string,
  ): { readonly command: readonly string[]; readonly env: NodeJS.ProcessEnv }
}

/** Holds the programs, and the pom.xml with the version of the Java client. */
export const HERE = import.meta.dirname

export const CONNECT_CLIENTS: readonly ConnectClient[] = [
  python('kafka-connect-py', '1.0.0', 'kafka-connect-py.py'),
  python('kafka-connect-api', '0.5.10', 'kafka-connect-api.py'),
  python('kafkaconnect', '1.3.1', 'kafkaconnect-rubin.py', 'requests==2.34.2', 'click==8.5.1'),
  {
    name: 'org.sourcelab:kafka-connect-client',
    from: 'maven',
    version: '4.0.4',
    needs: [],
    folder: 'connect-client-sourcelab-4.0.4',
    command(cache, url, file) {
      const classpath = join(cache, this.folder, '*')
      const program = join(HERE, 'SourceLabRun.java')
      return { command: ['java', '-XX:TieredStopAtLevel=1', '-cp', classpath, program, url, file], env: {} }
    },
  },
]

function python(name: string, version: string, program: string, ...needs: readonly string[]): ConnectClient {
  return {
    name,
    from: 'pip',
    version,
    needs,
    folder: `connect-client-${name}-${version}`,
    command(cache, url, file) {
      const env = { PYTHONPATH: join(cache, this.folder), PYTHONDONTWRITEBYTECODE: '1' }
      return { command: ['python3', join(HERE, program), url, file], env }
    },
  }
}
