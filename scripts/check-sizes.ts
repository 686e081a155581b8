// Reports files that have grown too long: above the soft limit in the report, above the hard limit as a failure.
import { readFileSync } from 'node:fs'
import { sourcesOf, workspaces } from './sources.ts'

const SOFT_LINES = 400
const HARD_LINES = 600

/** One line for each file above the hard limit; prints those above the soft limit. */
export function checkSizes(): string[] {
  const sizes = workspaces()
    .flatMap(sourcesOf)
    .map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n').length - 1 }))
  const long = sizes.filter((one) => one.lines > SOFT_LINES).sort((a, b) => b.lines - a.lines)
  for (const one of long) console.log(`     ${one.lines} lines: ${one.file}`)
  return long
    .filter((one) => one.lines > HARD_LINES)
    .map((one) => `${one.file} has ${one.lines} lines, over ${HARD_LINES}: move a responsibility with a name out of it`)
}
