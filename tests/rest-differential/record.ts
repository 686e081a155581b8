// Sends the calls of calls.ts and config-calls.ts to one worker: `node record.ts http://host:port folder > answers.jsonl` prints
// its answers as they are; record-reference.ts starts a reference worker, asks it, and keeps what may be kept.
import { writeFileSync } from 'node:fs'
import { type Call, calls } from './calls.ts'
import { configCalls } from './config-calls.ts'

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
  for (const call of allCalls(folder)) answers.push(await patiently(url, call))
  return answers
}

/** Every call, in order. */
export function allCalls(folder: string): readonly Call[] {
  return [...calls(folder), ...configCalls(folder)]
}

async function patiently(url: string, call: Call): Promise<Answer> {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const answer = await send(url, call)
    const there = call.wait === undefined || answer.body.includes(call.wait)
    const gone = call.gone === undefined || !answer.body.includes(call.gone)
    const done = there && gone && !isTransient(answer)
    if (done || performance.now() > until) return answer
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** What a group that rebalances answers, or one whose tasks have not ended yet: the same call succeeds a moment later. */
function isTransient({ status, body }: Answer): boolean {
  if (status === 409) return !body.includes('already exists')
  return body.includes('can be safely retried') || body.includes('because a rebalance is expected')
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
    body: call.valuesOnly === true ? valuesOf(await response.text()) : await response.text(),
  }
}

/** Values that differ from their defaults, errors and hidden keys of a validation; other answers stay as they are. */
function valuesOf(body: string): string {
  const { configs, ...rest } = JSON.parse(body) as { readonly configs?: readonly Validated[] }
  if (configs === undefined) return body
  const values: Record<string, string | null> = {}
  const errors: Record<string, readonly string[]> = {}
  const hidden: string[] = []
  for (const { definition, value } of configs) {
    if (value.value !== (definition?.default_value ?? null)) values[value.name] = value.value
    if (value.errors.length > 0) errors[value.name] = value.errors
    if (!value.visible) hidden.push(value.name)
  }
  return JSON.stringify({ ...rest, values, errors, hidden })
}

interface Validated {
  readonly definition: { readonly default_value: string | null } | null
  readonly value: {
    readonly name: string
    readonly value: string | null
    readonly errors: readonly string[]
    readonly visible: boolean
  }
}

if (import.meta.main) {
  const [url, folder] = process.argv.slice(2)
  if (url === undefined || folder === undefined) throw new Error('usage: record.ts http://host:port folder')
  for (const answer of await record(url, folder)) process.stdout.write(`${JSON.stringify(answer)}\n`)
}
