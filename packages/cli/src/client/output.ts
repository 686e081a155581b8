// What client commands print: a table or sentences for people, JSON for programs.
import { tableLines } from '../output/table.ts'

/** Where a command's results go. */
export interface Output {
  readonly json: boolean
  /** Prints JSON, when that is asked for. */
  data(value: unknown): void
  /** Prints a line for people. */
  line(text: string): void
  /** Prints a table for people. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): void
}

/** Writes to standard output; with `json`, only what {@link Output.data} is given. */
export function output(json: boolean | undefined): Output {
  const people = json !== true
  return {
    json: !people,
    data: (value) => {
      if (!people) console.log(JSON.stringify(value, null, 2))
    },
    line: (text) => {
      if (people) console.log(text)
    },
    table: (head, rows) => {
      if (people) console.log(tableLines([head, ...rows]).join('\n'))
    },
  }
}

/** The first line of a trace, and the last cause, which mostly is what happened. */
export function traceSummary(trace: string): string {
  const lines = trace.split('\n')
  const cause = lines.findLast((line) => line.startsWith('Caused by: '))
  const first = lines[0]?.trim() ?? ''
  return cause === undefined ? first : `${first} / ${cause.trim()}`
}
