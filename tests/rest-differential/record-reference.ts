// Records what a worker of the reference answers: `node record-reference.ts standalone|distributed > reference-....jsonl`.
// Starts Apache Kafka and the worker itself. Kept are facts, not words: documentation texts and what is of that run alone go.
// With --against nothing is recorded: what differs from the recording that is kept is printed, which shows how steady it is.
// The standalone recording comes first: the distributed one keeps only what differs from it.
import { startConnectJvm, startKafka, temporaryFolder } from '@millrace/testkit'
import { differences } from './compare.ts'
import { type Answer, record } from './record.ts'
import { onlyDifferent, recorded } from './recordings.ts'

const CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'

/** Starts a reference worker and asks it everything. */
export async function recordReference(mode: 'standalone' | 'distributed'): Promise<Answer[]> {
  await using folder = await temporaryFolder()
  await using kafka = await startKafka({ own: true })
  await using worker = await startConnectJvm({
    bootstrap: kafka.bootstrap,
    mode,
    properties: { 'key.converter': CONVERTER, 'value.converter': CONVERTER },
  })
  return (await record(worker.url, folder.path)).map((answer) => kept(answer, folder.path, worker.workerId))
}

function kept(answer: Answer, folder: string, workerId: string): Answer {
  const same = (text: string) => text.replaceAll(folder, '/data').replaceAll(workerId, 'localhost:8083')
  const location = answer.location === null ? null : same(answer.location)
  return { ...answer, location, body: same(withoutWords(answer.body)) }
}

function withoutWords(body: string): string {
  try {
    return JSON.stringify(
      JSON.parse(body, (key, value: unknown) => {
        if (key === 'documentation') return undefined
        return key === 'kafka_cluster_id' ? 'cluster-id' : value
      }),
    )
  } catch {
    return body
  }
}

if (import.meta.main) {
  const [mode, against] = process.argv.slice(2)
  if (mode !== 'standalone' && mode !== 'distributed') {
    throw new Error('usage: record-reference.ts standalone|distributed [--against]')
  }
  const answers = await recordReference(mode)
  if (against === '--against') {
    for (const { line } of differences(recorded(mode), answers)) console.log(line)
  } else {
    for (const answer of mode === 'standalone' ? answers : onlyDifferent(answers)) {
      process.stdout.write(`${JSON.stringify(answer)}\n`)
    }
  }
}
