// The check from the command line: `node src/checker/main.ts --sink FILE... [--source FILE...] [--tasks N --count N] [--exactly-once]`.
// Prints what it found as JSON; the exit code is 1 when a promise is broken.
import { parseArgs } from 'node:util'
import { check } from './check.ts'

const { values } = parseArgs({
  options: {
    source: { type: 'string', multiple: true },
    sink: { type: 'string', multiple: true },
    tasks: { type: 'string' },
    count: { type: 'string' },
    'exactly-once': { type: 'boolean', default: false },
  },
})
const verdict = await check({
  sink: values.sink ?? [],
  exactlyOnce: values['exactly-once'],
  ...(values.source !== undefined && { source: values.source }),
  ...(values.count !== undefined && { expected: { tasks: Number(values.tasks ?? 1), count: Number(values.count) } }),
})
console.log(JSON.stringify(verdict, null, 2))
process.exitCode = verdict.problems.length === 0 ? 0 : 1
