// Scripts that stand in a configuration: an expression, JavaScript or TypeScript, compiled once.
import { Script } from 'node:vm'
import { type SyntaxPlace, syntaxMessage, syntaxPlace } from './places.ts'
import { canStripTypes, stripTypes, TYPESCRIPT_NEEDS } from './strip-types.ts'

/** A text that does not compile. The message begins with the text's name, line and column. */
export class ScriptSyntaxError extends Error {}

type Variables = readonly string[] | undefined

let count = 0

/** An expression that compiled; nothing of it has run. */
export interface CompiledExpression {
  /** Its name in traces. */
  readonly file: string
  /** Evaluates it, in the thread's own global scope: this is no sandbox. */
  run(): unknown
}

/**
 * Compiles an expression. `export default` before it is allowed, as are comments around it and a semicolon behind.
 * @param name what it is called in messages: the configuration's key
 * @param variables with names, what runs gives a function of these variables whose result is the expression's
 * @throws ScriptSyntaxError
 */
export function compileExpression(name: string, source: string, variables?: readonly string[]): CompiledExpression {
  // Each has a name of its own in traces, so that frames of one script are not taken for those of another.
  const file = `millrace:${name}:${++count}`
  const script = compiled(name, source.replace(SEMICOLON, blank), file, variables)
  return { file, run: () => (script.runInThisContext() as () => unknown)() }
}

/** As it stands, without the words of a module around it, or without types. */
function compiled(name: string, source: string, file: string, variables: Variables): Script {
  try {
    return wrapped(source, file, variables)
  } catch {
    const text = source.replace(TYPE_IMPORT, blank).replace(EXPORT, blank)
    try {
      return wrapped(text, file, variables)
    } catch (javascript) {
      return withoutTypes(name, text, file, javascript, variables)
    }
  }
}

/** The text is no JavaScript: perhaps it is TypeScript. */
function withoutTypes(name: string, text: string, file: string, javascript: unknown, variables: Variables): Script {
  const more = hint(text, variables)
  let plain: string
  try {
    plain = canStripTypes ? stripTypes(`(\n${text}\n)`).slice(2, -2) : text
  } catch (typescript) {
    const place = syntaxPlace(typescript)
    const told = place === undefined ? undefined : { ...place, line: place.line - 1 }
    throw new ScriptSyntaxError(syntaxMessage(name, typescript, atEnd(text, told)) + more, { cause: typescript })
  }
  try {
    return wrapped(plain, file, variables)
  } catch (error) {
    const shown = plain === text ? javascript : error
    throw new ScriptSyntaxError(syntaxMessage(name, shown, atEnd(text, syntaxPlace(shown))) + more, { cause: shown })
  }
}

/**
 * In parentheses, so that it is an expression and not a block; on lines of their own, so that columns are the user's; in a
 * function, so that it is strict, as a file is.
 */
function wrapped(text: string, filename: string, variables: Variables): Script {
  const inner = variables === undefined ? '() =>' : `() => (${variables.join(', ')}) =>`
  return new Script(`(${inner} { 'use strict'; return (\n${text}\n) })`, { filename, lineOffset: -1 })
}

/** What is probably meant by a text that is no expression. */
function hint(text: string, variables: Variables): string {
  if (!canStripTypes && /[\w)\]]\s*:\s*\w/.test(text)) return `\n${TYPESCRIPT_NEEDS}`
  if (variables !== undefined) return ''
  try {
    new Script(`(function () {\n${text}\n})`)
    return '\nA script is one expression: (record) => { ... }, or (() => { ...; return (record) => { ... } })() with statements before it.'
  } catch {
    return ''
  }
}

/** What is missing at the end is seen at the closing parenthesis: that is the end of the text. */
function atEnd(text: string, place: SyntaxPlace | undefined): SyntaxPlace | undefined {
  const lines = text.split('\n')
  if (place === undefined || place.line <= lines.length) return place
  const last = lines.at(-1) as string
  return { ...place, line: lines.length, column: last.length + 1, text: last }
}

const TYPE_IMPORT = /^[ \t]*import\s+type\s[^;'"]*from\s*(?:'[^'\n]*'|"[^"\n]*")[ \t]*;?/gm
const EXPORT = /^[ \t]*export\s+default\b/m
const SEMICOLON = /;\s*$/

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ')
}
