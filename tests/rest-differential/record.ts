// Sends the calls of calls.ts to one worker and prints its answers: `node record.ts http://host:port folder > answers.jsonl`.
import { writeFileSync } from 'node:fs'
import { type Call, calls } from './calls.ts'

/** What is compared of an answer. */
export interface Answer {
  readonly name: string
  readonly call: string
  readonly status: number
  readonly contentType: string | null
  readonly location: string | null
  readonly body: string
}

const PATIENCE_MS = 15_000

/** Sends all calls in order. Files of the connectors are made in `folder`. */
export async function record(url: string, folder: string): Promise<Answer[]> {
  writeFileSync(`${folder}/in.txt`, 'one\ntwo\nthree\n')
  const answers: Answer[] = []
  for (const call of calls(folder)) answers.push(await patiently(url, call))
  return answers
}

async function patiently(url: string, call: Call): Promise<Answer> {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const answer = await send(url, call)
    if (call.wait === undefined || answer.body.includes(call.wait) || performance.now() > until) return answer
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function send(url: string, call: Call): Promise<Answer> {
  const { method, path, body } = call
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    ...(body !== undefined && {
      headers: { 'content-type': call.contentType ?? 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  })
  return {
    name: call.name,
    call: `${method} ${path}`,
    status: response.status,
    contentType: response.headers.get('content-type'),
    location: response.headers.get('location'),
    body: await response.text(),
  }
}

if (import.meta.main) {
  const [url, folder] = process.argv.slice(2)
  if (url === undefined || folder === undefined) throw new Error('usage: record.ts http://host:port folder')
  for (const answer of await record(url, folder)) process.stdout.write(`${JSON.stringify(answer)}\n`)
}
