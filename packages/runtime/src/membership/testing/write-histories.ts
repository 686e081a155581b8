// Writes histories as questions for the reference, one a line: node write-histories.ts FIRST_SEED COUNT
import { history } from './histories.ts'

const [first, count] = process.argv.slice(2).map(Number) as [number, number]
for (let seed = first; seed < first + count; seed++) {
  const { rounds, ...rest } = history(seed)
  process.stdout.write(`${JSON.stringify({ ...rest, rounds: rounds.map(({ answer: _, ...question }) => question) })}\n`)
}
