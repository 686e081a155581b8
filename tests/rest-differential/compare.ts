// Compares the answers of two workers to the same calls: `node compare.ts reference.jsonl ours.jsonl` prints what differs.
import { readFileSync } from 'node:fs'
import type { Answer } from './record.ts'

/** Texts that may differ: addresses, folders, versions, ids, times, the words of documentation. */
const FREE: readonly [RegExp, string][] = [
  [/http:\/\/localhost:\d+/g, 'URL'],
  [/localhost:\d+/g, 'WORKER'],
  [/"[^"]*\/(in|out)\.txt"/g, '"$1.txt"'],
  [/"last_modified":\d+/g, '"last_modified":0'],
  [/"(4\.3\.1|0\.1\.0)"/g, '"VERSION"'],
]
const FREE_KEYS = new Set(['version', 'commit', 'kafka_cluster_id', 'documentation', 'trace', 'recommended_values'])

/** One difference: of which call, and in words. */
export interface Difference {
  readonly name: string
  readonly line: string
}

/** Differences of two recordings. */
export function differences(reference: readonly Answer[], ours: readonly Answer[]): Difference[] {
  return reference.flatMap((expected) => {
    const found = ours.find((one) => one.name === expected.name)
    if (found === undefined) return [{ name: expected.name, line: `${expected.name}: not asked` }]
    const lines: string[] = []
    if (found.status !== expected.status) lines.push(`status ${expected.status}, here ${found.status}`)
    if (free(found.location ?? '') !== free(expected.location ?? ''))
      lines.push(`location ${expected.location}, here ${found.location}`)
    lines.push(...bodies(parsed(expected.body), parsed(found.body), ''))
    return lines.map((line) => ({ name: expected.name, line: `${expected.name} (${expected.call}): ${line}` }))
  })
}

function bodies(expected: unknown, found: unknown, path: string): string[] {
  if (Array.isArray(expected) && Array.isArray(found)) {
    const [a, b] = [keyed(expected), keyed(found)]
    if (a !== undefined && b !== undefined) return [...orderOf(a, b, path), ...bodies(a, b, path)]
    if (expected.length === found.length) return expected.flatMap((one, at) => bodies(one, found[at], `${path}[${at}]`))
  }
  if (isObject(expected) && isObject(found)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(found)])
    return [...keys].flatMap((key) => {
      if (FREE_KEYS.has(key)) return []
      if (!(key in found)) return [`${path}.${key} is ${JSON.stringify(expected[key])}, here missing`]
      if (!(key in expected)) return [`${path}.${key} is missing, here ${JSON.stringify(found[key])}`]
      return bodies(expected[key], found[key], `${path}.${key}`)
    })
  }
  const [a, b] = [JSON.stringify(expected), JSON.stringify(found)]
  return a === b ? [] : [`${path} is ${a}, here ${b}`]
}

/** Lists of configuration keys are compared by name, and their order apart. */
function keyed(list: readonly unknown[]): Record<string, unknown> | undefined {
  const names = list.map((one) => {
    if (!isObject(one)) return undefined
    const { name, definition, value } = one as {
      name?: string
      definition?: { name: string }
      value?: { name: string }
    }
    return name ?? definition?.name ?? value?.name
  })
  if (names.length === 0 || names.some((name) => typeof name !== 'string')) return undefined
  return Object.fromEntries(list.map((one, at) => [names[at], one]))
}

function orderOf(expected: object, found: object, path: string): string[] {
  const both = (keys: string[], other: object) => keys.filter((key) => key in other).join(' ')
  const [a, b] = [both(Object.keys(expected), found), both(Object.keys(found), expected)]
  return a === b ? [] : [`${path} is in the order ${a}, here ${b}`]
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(free(body))
  } catch {
    return free(body)
  }
}

function free(text: string): string {
  return FREE.reduce((at, [pattern, replacement]) => at.replace(pattern, replacement), text)
}

if (import.meta.main) {
  const [reference = '', ours = ''] = process.argv.slice(2)
  const read = (path: string) =>
    readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Answer)
  const found = differences(read(reference), read(ours))
  for (const { line } of found) console.log(line)
  console.log(`${found.length} differences`)
}
