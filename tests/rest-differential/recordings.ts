// What the reference was seen to answer. The distributed worker's recording holds only what differs from the standalone one's.
import { readFileSync } from 'node:fs'
import { differences } from './compare.ts'
import type { Answer } from './record.ts'

export type Mode = 'standalone' | 'distributed'

/** All answers of one kind of worker, in the order of the calls. */
export function recorded(mode: Mode): readonly Answer[] {
  const standalone = read('./reference-4.3.1.jsonl')
  if (mode === 'standalone') return standalone
  const others = new Map(read('./reference-distributed-4.3.1.jsonl').map((one) => [one.name, one]))
  return standalone.map((one) => others.get(one.name) ?? one)
}

/** The answers of a distributed worker that must be kept beside those of a standalone one. */
export function onlyDifferent(answers: readonly Answer[]): Answer[] {
  const different = new Set(differences(recorded('standalone'), answers).map((one) => one.name))
  return answers.filter((one) => different.has(one.name))
}

function read(file: string): Answer[] {
  const lines = readFileSync(new URL(file, import.meta.url), 'utf8')
    .trim()
    .split('\n')
  return lines.map((line) => JSON.parse(line) as Answer)
}
