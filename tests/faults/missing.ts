// What became of the records that a sink was not given: whether they are in their topic, and how those stand that read it.
import { readFileSync } from 'node:fs'
import { examineTopic, readTopic } from '@millrace/testkit'

/** Where to look. */
export interface Search {
  readonly bootstrap: string
  readonly topic: string
  readonly sink: string
  /** Journals of the source and of the sink. */
  readonly sent: string
  readonly received: string
  /** REST addresses of the workers. */
  readonly urls: readonly string[]
}

interface Entry {
  readonly task: number
  readonly seqno: number
  readonly committed?: true
  readonly partition?: number
  readonly offset?: number
}

const ANSWER_MS = 5_000
const METRICS = /lag|partition_count|assigned|status|offset_commit/

/** Text for the message of a test that misses records. Never rejects. */
export async function whatIsMissing(search: Search): Promise<string> {
  const parts = [missing(search), examineTopic(search.bootstrap, search.topic, [`connect-${search.sink}`])]
  for (const url of search.urls) parts.push(worker(url, search.sink))
  const texts = await Promise.all(parts.map((part) => part.catch((error: unknown) => `not to be learnt: ${error}`)))
  return texts.join('\n')
}

/** Looks for each acknowledged record that did not come, as a reader that has nothing to do with the workers finds it. */
async function missing({ bootstrap, topic, sent, received }: Search): Promise<string> {
  const name = (task: unknown, seqno: unknown) => `${task}/${seqno}`
  const came = new Set(journal(received).map((one) => name(one.task, one.seqno)))
  const due = journal(sent).filter((one) => one.committed && !came.has(name(one.task, one.seqno)))
  const [committed, all] = await Promise.all([
    readTopic(bootstrap, topic),
    readTopic(bootstrap, topic, 'read_uncommitted'),
  ])
  const named = (records: typeof all) =>
    new Set(records.map(({ key, value }) => name(key?.readInt32BE(0), value?.readBigInt64BE(0))))
  const [readable, written] = [named(committed), named(all)]
  const groups = new Map<string, Entry[]>()
  for (const one of due) {
    const what = name(one.task, one.seqno)
    const fate = readable.has(what)
      ? 'IN THE TOPIC, NOT READ'
      : written.has(what)
        ? 'ABORTED OR OPEN'
        : 'NOT IN THE TOPIC'
    const key = `task ${one.task} partition ${one.partition} ${fate}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [one])
    else group.push(one)
  }
  const lines = [...groups].map(([key, entries]) => {
    const offsets = entries.map((one) => one.offset ?? -1)
    const numbers = entries.map((one) => one.seqno)
    const range = (some: readonly number[]) => `${Math.min(...some)} to ${Math.max(...some)}`
    return `  ${key}: ${entries.length} records, numbers ${range(numbers)}, offsets ${range(offsets)}`
  })
  return [`${due.length} acknowledged records did not come:`, ...lines].join('\n')
}

function journal(file: string): Entry[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Entry]
      } catch {
        return []
      }
    })
}

/** What a worker says of the sink: its status, its offsets, and the metrics of its reader. */
async function worker(url: string, sink: string): Promise<string> {
  const get = async (path: string) => {
    const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(ANSWER_MS) })
    return response.text()
  }
  const asked = ['status', 'offsets'].map((what) => get(`/connectors/${sink}/${what}`))
  const metrics = get('/metrics').then((text) =>
    text
      .split('\n')
      .filter((line) => line.includes(sink) && METRICS.test(line))
      .join('\n'),
  )
  const texts = await Promise.all(
    [...asked, metrics].map((one) => one.catch((error: unknown) => `no answer: ${error}`)),
  )
  return [`${url} says:`, ...texts].join('\n')
}
