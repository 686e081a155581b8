// millrace quickstart: the main job on the embedded stack, counted while it runs. PostgreSQL -> Kafka -> PostgreSQL and file where
// there is a PostgreSQL, generator -> Kafka -> file elsewhere.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DevStack, startStack } from '../dev/stack.ts'
import { ExitCode } from '../exit-codes.ts'
import { positive } from '../numbers.ts'
import { checkArrival } from '../quickstart/check.ts'
import { createPipeline, type Load, TOPIC } from '../quickstart/pipeline.ts'
import { watchCounts } from '../quickstart/watch.ts'
import { untilStopped } from '../signals.ts'

/** So that a slow machine needs seconds, too. */
const DATABASE_RECORDS = 20_000
const FILE_RECORDS = 200_000

/** Options as the command line gives them. */
export interface QuickstartOptions {
  readonly once?: boolean
  /** Without databases, wherever they could be had. */
  readonly files?: boolean
  /** Left out: as many as a short run takes. */
  readonly records?: string
  readonly rate: string
}

/** Runs the pipeline; with `once`, until every record has arrived and been checked. */
export async function quickstart(options: QuickstartOptions): Promise<void> {
  const given = options.records === undefined ? undefined : positive('--records', options.records)
  const rate = positive('--rate', options.rate)
  const once = options.once === true
  const folder = mkdtempSync(join(tmpdir(), 'millrace-quickstart-'))
  const start = () =>
    startStack({
      dataDir: folder,
      brokerPort: 0,
      restPort: 0,
      workerProps: { 'offset.flush.interval.ms': '1000' },
      // The counts are the point here: logs speak up only when something is wrong.
      logLevel: 'WARN',
    })
  try {
    const why = options.files === true ? '--files was given' : await whyNoDatabase()
    if (why === undefined) {
      const { quickstartDatabases } = await import('./quickstart-databases.ts')
      await quickstartDatabases(start, { once, records: given ?? DATABASE_RECORDS, rate })
    } else {
      if (options.files !== true) console.log(`Without databases: ${why}`)
      await quickstartFiles(start, once ? { records: given ?? FILE_RECORDS } : { rate })
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What launches databases comes with a checkout, and not with the published command. */
async function whyNoDatabase(): Promise<string | undefined> {
  try {
    return (await import('../quickstart/database.ts')).whyNoDatabase()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    return 'they come with a checkout of the project'
  }
}

async function quickstartFiles(start: () => Promise<DevStack>, load: Load): Promise<void> {
  const stack = await start()
  try {
    console.log(
      `A broker on ${stack.bootstrap} and a worker on ${stack.restUrl}, in this process; data in ${stack.dataDir}`,
    )
    await ('records' in load ? once(stack, load.records) : live(stack, load.rate))
  } finally {
    await stack.stop()
  }
}

async function once(stack: DevStack, records: number): Promise<void> {
  const began = performance.now()
  const output = await createPipeline(stack, { records })
  await watchCounts(stack, output, (counts) => counts.arrived >= records)
  const seconds = (performance.now() - began) / 1000
  const result = await checkArrival(output, records)
  console.log(
    `Generated ${records.toLocaleString('en')}, arrived ${result.lines.toLocaleString('en')}: ` +
      `${result.missing} missing, ${result.duplicates} duplicates, ${result.outOfOrder} out of order, in ${seconds.toFixed(1)} s`,
  )
  if (result.missing + result.duplicates + result.outOfOrder > 0) process.exitCode = ExitCode.FINDINGS
  else
    console.log(
      'Next: the same without --once keeps running, for curl and kcat; `millrace dev` waits for your own connectors.',
    )
}

async function live(stack: DevStack, rate: number): Promise<void> {
  const output = await createPipeline(stack, { rate })
  console.log(`
While this runs, try in another terminal:
  curl ${stack.restUrl}/connectors?expand=status
  tail -f ${output}
  curl -X PUT ${stack.restUrl}/connectors/quickstart-sink/pause      then .../resume
  kcat -b ${stack.bootstrap} -t ${TOPIC} -C -e | head
  curl ${stack.restUrl}/metrics
Ctrl-C ends it.
`)
  const stopped = untilStopped().then(() => true)
  await watchCounts(stack, output, () => false, stopped)
}
