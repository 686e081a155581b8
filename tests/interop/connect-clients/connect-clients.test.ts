// Clients of Connect's REST API that nobody here wrote take a connector through its life on a worker of ours and on one of Kafka
// Connect: they must not be able to tell the two apart.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import {
  type BrokerService,
  type ConnectJvm,
  startConnectJvm,
  startKafka,
  type TemporaryFolder,
  temporaryFolder,
  whyNoConnectJvm,
} from '@millrace/testkit'
import { Cluster } from '../../distributed/cluster.ts'
import { CONNECT_CLIENTS, type ConnectClient } from './clients.ts'

const run = promisify(execFile)
const CACHE = join(import.meta.dirname, '../../../.cache')
const LIMIT_MS = 120_000
const strict = process.env.MILLRACE_REQUIRE_SERVICES === '1'
const missing = strict ? undefined : await whyNoConnectJvm()

interface Step {
  readonly step: string
  readonly result?: unknown
  readonly never?: string
}

describe('clients of the REST API', { skip: missing, timeout: 600_000 }, () => {
  let folder: TemporaryFolder
  let kafka: BrokerService
  let jvm: ConnectJvm
  let ours: Cluster
  before(async () => {
    folder = await temporaryFolder('millrace-clients-')
    kafka = await startKafka()
    ours = await Cluster.create(folder, kafka.bootstrap, { millrace: 1 })
    const [started] = await Promise.all([startConnectJvm({ bootstrap: kafka.bootstrap }), ours.members[0]!.start()])
    jvm = started
  })
  after(async () => {
    await ours?.[Symbol.asyncDispose]()
    await jvm?.stop()
    await kafka?.stop()
    await folder?.[Symbol.asyncDispose]()
  })

  for (const client of CONNECT_CLIENTS) {
    const absent =
      strict || existsSync(join(CACHE, client.folder)) ? undefined : 'node scripts/install-connect-clients.ts'
    it(`${client.name} ${client.version}`, { skip: absent }, async () => {
      const [here, there] = await Promise.all([steps(client, ours.members[0]!.url), steps(client, jvm.url)])
      assert.deepEqual(
        here.map((one) => one.step),
        there.map((one) => one.step),
      )
      assert.ok(here.length > 20, 'the program came to its end')
      const never = here.find((one) => one.never !== undefined)
      assert.equal(never, undefined)
      for (const [index, step] of here.entries()) {
        // Kafka Connect refuses what comes while it rebalances: that is its moment, and not the client's.
        if (/momentarily|rebalance/i.test(JSON.stringify(there[index]))) continue
        assert.deepEqual(step, there[index], `${client.name}: ${step.step}`)
      }
    })
  }

  /** What a client's program printed, with what must differ made the same. */
  async function steps(client: ConnectClient, url: string): Promise<Step[]> {
    const { command, env } = client.command(CACHE, url, folder.file(`${new URL(url).port}.txt`))
    const [program, ...args] = command
    const { stdout } = await run(program!, args, { env: { ...process.env, ...env }, timeout: LIMIT_MS })
    const alike = stdout
      .replaceAll(new URL(url).host, 'WORKER')
      .replaceAll(folder.path, 'FOLDER')
      .replaceAll(/FOLDER\/\d+\.txt/g, 'FILE')
      .replaceAll(/version(\\?": ?\\?")[\d.]+/g, 'version$1V')
      .replaceAll(/"commit": ?"[^"]+"/g, '"commit":"C"')
      .replaceAll(/"last_modified": ?\d+/g, '"last_modified":1')
    return alike
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Step)
  }
})
