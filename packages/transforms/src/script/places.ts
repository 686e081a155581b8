// Where in a user's script an error arose.
import { fileURLToPath } from 'node:url'
import { errorMessage } from '@millrace/api'

/** Line and column, both from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** What a syntax error says of itself. */
export interface SyntaxPlace extends Place {
  /** Name of the text, as Node names it; empty for a text without a name. */
  readonly file: string
  /** The line itself. */
  readonly text: string
}

const CARETS = /^\s*\^+\s*$/

/** The place that Node writes before the trace of a syntax error: `file:line`, the line, and carets under what is wrong. */
export function syntaxPlace(error: unknown): SyntaxPlace | undefined {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : []
  const header = /^(.*):(\d+)$/.exec(lines[0] ?? '')
  const carets = lines.findIndex((line) => CARETS.test(line))
  if (header === null || carets < 1) return undefined
  const [, file = '', line] = header
  return { file, line: Number(line), column: (lines[carets] as string).indexOf('^') + 1, text: lines[carets - 1] ?? '' }
}

/** `name:2:13: Unexpected token ';'`, and the line with a caret under the place. */
export function syntaxMessage(name: string, error: unknown, place: SyntaxPlace | undefined): string {
  const message = errorMessage(error)
  if (place === undefined) return `${name}: ${message}`
  const caret = `${place.text.slice(0, place.column - 1).replace(/[^\t]/g, ' ')}^`
  return `${name}:${place.line}:${place.column}: ${message}\n${place.text}\n${caret}`
}

/** The innermost frame of a trace that is in the text that Node knows as `file`. */
export function thrownPlace(error: unknown, file: string): Place | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  for (let at = stack.indexOf(`${file}:`); at >= 0; at = stack.indexOf(`${file}:`, at + 1)) {
    const place = /^:(\d+):(\d+)/.exec(stack.slice(at + file.length))
    if (place !== null) return { line: Number(place[1]), column: Number(place[2]) }
  }
  return undefined
}

/** A file as its owner names it, of the URL that Node has for it. */
export function fileName(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file.replace(/\?.*$/, '')) : file
}
