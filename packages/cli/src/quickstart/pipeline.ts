// The quickstart's pipeline, created as a user would: two POSTs to the REST API.
import { join } from 'node:path'
import { ConnectException } from '@millrace/api'
import type { DevStack } from '../dev/stack.ts'

export const TOPIC = 'orders'
const STRING_CONVERTER = 'org.apache.kafka.connect.storage.StringConverter'

/** How many records, or how many a second for ever. */
export type Load = { readonly records: number } | { readonly rate: number }

/** Creates source and sink; returns the file in which the sink writes a JSON line per order. */
export async function createPipeline(stack: DevStack, load: Load): Promise<string> {
  const output = join(stack.dataDir, 'orders.jsonl')
  await createConnector(stack, 'quickstart-source', {
    'connector.class': 'GeneratorSource',
    topic: TOPIC,
    template: 'orders',
    ...('records' in load ? { count: String(load.records) } : { rate: String(load.rate) }),
  })
  await createConnector(stack, 'quickstart-sink', {
    'connector.class': 'FileStreamSink',
    topics: TOPIC,
    file: output,
    // The bytes in Kafka are JSON: taken as text, each line of the file is that JSON.
    'key.converter': STRING_CONVERTER,
    'value.converter': STRING_CONVERTER,
  })
  return output
}

/** POST /connectors. @throws ConnectException with what the worker answered */
export async function createConnector(
  stack: DevStack,
  name: string,
  config: Readonly<Record<string, string>>,
): Promise<void> {
  const response = await fetch(`${stack.restUrl}/connectors`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, config }),
  })
  if (!response.ok)
    throw new ConnectException(`Creating connector ${name} failed with ${response.status}: ${await response.text()}`)
}
