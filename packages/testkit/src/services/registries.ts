// What a schema registry is tested with and against: Apicurio Registry, and the Python client of Confluent.
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { temporaryFolder } from '../folder.ts'
import { until } from '../until.ts'
import { freePorts } from './ports.ts'
import { ServiceProcess } from './process.ts'

/** The version of Apicurio Registry that is installed and started. */
export const APICURIO_VERSION = '3.0.9'
/** The version of `confluent-kafka` for Python. */
export const PYTHON_CLIENT_VERSION = '2.16.0'

/** Where scripts/install-registries.ts puts Apicurio Registry. */
export function apicurioFolder(cache: string): string {
  return join(cache, `apicurio-registry-${APICURIO_VERSION}`)
}

/** Where scripts/install-registries.ts puts the Python client: a folder for PYTHONPATH. */
export function pythonClientFolder(cache: string): string {
  return join(cache, `confluent-kafka-python-${PYTHON_CLIENT_VERSION}-avro-protobuf`)
}

/** A registry that nobody here wrote. */
export interface ApicurioRegistry extends AsyncDisposable {
  /** Of its Confluent-compatible API. */
  readonly url: string
}

/** Why Apicurio cannot be started here, or undefined when it can. APICURIO_URL names a running one. */
export function whyNoApicurio(): string | undefined {
  if (process.env.APICURIO_URL !== undefined || found(apicurioFolder) !== undefined) return undefined
  return missing('Apicurio Registry')
}

/** The folder of Confluent's Python client; undefined when it is not installed. */
export function findPythonClient(): string | undefined {
  return found(pythonClientFolder)
}

/** Why Confluent's Python client cannot be used here, or undefined when it can. */
export function whyNoPythonClient(): string | undefined {
  return findPythonClient() === undefined ? missing("Confluent's Python client") : undefined
}

/** Starts Apicurio with an empty store in memory, or finds the one of APICURIO_URL. @throws Error when there is none, or it does not start */
export async function startApicurio(): Promise<ApicurioRegistry> {
  const running = process.env.APICURIO_URL
  if (running !== undefined) return { url: running, [Symbol.asyncDispose]: async () => {} }
  const home = found(apicurioFolder)
  if (home === undefined) throw new Error(missing('Apicurio Registry'))
  const folder = await temporaryFolder('millrace-apicurio-')
  const [port] = await freePorts(1)
  const settings = {
    'quarkus.http.host': '127.0.0.1',
    'quarkus.http.port': port,
    'apicurio.storage.kind': 'sql',
    'apicurio.storage.sql.kind': 'h2',
  }
  const child = new ServiceProcess({
    command: [
      'java',
      '-Xmx384m',
      ...Object.entries(settings).map(([key, value]) => `-D${key}=${value}`),
      ...['-jar', join(home, `apicurio-registry-app-${APICURIO_VERSION}-runner.jar`)],
    ],
    logFile: folder.file('apicurio.log'),
    cwd: folder.path,
  })
  const stop = async () => {
    await child.end('SIGKILL')
    await folder[Symbol.asyncDispose]()
  }
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`
  child.start()
  try {
    const answers = async () => {
      if (!child.isRunning) throw new Error(child.lastOutput())
      return (await fetch(`${url}/subjects`)).ok
    }
    await until('Apicurio Registry answers', answers, { timeoutMs: 120_000, everyMs: 200 })
    return { url, [Symbol.asyncDispose]: stop }
  } catch (error) {
    const output = child.lastOutput()
    await stop()
    throw new Error(`Apicurio Registry did not start\n${output}`, { cause: error })
  }
}

function found(folderIn: (cache: string) => string): string | undefined {
  for (const start of [process.cwd(), import.meta.dirname]) {
    for (let at = resolve(start); ; at = dirname(at)) {
      const folder = folderIn(join(at, '.cache'))
      if (existsSync(folder)) return folder
      if (at === dirname(at)) break
    }
  }
  return undefined
}

function missing(what: string): string {
  return `${what} is not installed: run node scripts/install-registries.ts`
}
