// Node's own type stripper, where there is one. Types become blanks, so that every line and column stays what it was.
import * as nodeModule from 'node:module'

type Strip = (source: string) => string

/** Node 22.13 and later; loaded by Node when it is first used. */
const strip = (nodeModule as { stripTypeScriptTypes?: Strip }).stripTypeScriptTypes

export const TYPESCRIPT_NEEDS = 'TypeScript in a script needs Node.js 22.18 or later: update it, or write JavaScript.'

/** True where types can be stripped of a text. */
export const canStripTypes = strip !== undefined
/** True where Node imports TypeScript files. */
export const canImportTypeScript = Boolean((process.features as { typescript?: unknown }).typescript)

/**
 * The JavaScript of a TypeScript text.
 * @throws SyntaxError of Node, its stack beginning with line and place, for text that is neither, and for enums and the like
 */
export function stripTypes(source: string): string {
  if (strip === undefined) throw new Error(TYPESCRIPT_NEEDS)
  // Node still calls the function experimental, on standard error: the format of a log is not to be broken by that.
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return strip(source)
  } finally {
    process.emitWarning = emitWarning
  }
}
