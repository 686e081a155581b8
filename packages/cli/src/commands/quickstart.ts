// millrace quickstart: the main job on the embedded stack. Generator -> Kafka -> file, counted while it runs.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DevStack, startStack } from '../dev/stack.ts'
import { ExitCode } from '../exit-codes.ts'
import { positive } from '../numbers.ts'
import { checkArrival } from '../quickstart/check.ts'
import { createPipeline, TOPIC } from '../quickstart/pipeline.ts'
import { watchCounts } from '../quickstart/watch.ts'
import { untilStopped } from '../signals.ts'

/** Options as the command line gives them. */
export interface QuickstartOptions {
  readonly once?: boolean
  readonly records: string
  readonly rate: string
}

/** Runs the pipeline; with `once`, until every record has arrived and been checked. */
export async function quickstart(options: QuickstartOptions): Promise<void> {
  const records = positive('--records', options.records)
  const rate = positive('--rate', options.rate)
  const folder = mkdtempSync(join(tmpdir(), 'millrace-quickstart-'))
  const stack = await startStack({
    dataDir: folder,
    brokerPort: 0,
    restPort: 0,
    workerProps: { 'offset.flush.interval.ms': '1000' },
    // The counts are the point here: logs speak up only when something is wrong.
    logLevel: 'WARN',
  })
  try {
    console.log(`A broker on ${stack.bootstrap} and a worker on ${stack.restUrl}, in this process; data in ${folder}`)
    await (options.once === true ? once(stack, records) : live(stack, rate))
  } finally {
    await stack.stop()
    rmSync(folder, { recursive: true, force: true })
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
