// Scripts that are files: modules of their own, with imports, one instance for each task.
import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { errorMessage } from '@millrace/api'
import { ScriptSyntaxError } from './inline.ts'
import { fileName, type SyntaxPlace, syntaxMessage, syntaxPlace } from './places.ts'
import { canImportTypeScript, canStripTypes, stripTypes, TYPESCRIPT_NEEDS } from './strip-types.ts'

const JAVASCRIPT = ['.js', '.mjs', '.cjs']
const TYPESCRIPT = ['.ts', '.mts', '.cts']

/** A script's module. */
export interface LoadedFile {
  /** The URL of this instance: its name in traces. */
  readonly url: string
  /** The default export. */
  readonly exported: unknown
}

/** The absolute path of a file, relative ones from where the worker was started. */
export function scriptPath(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : resolve(file)
}

let instances = 0
/** Loads of a file wait for each other: see {@link importAnew}. */
const loads = new Map<string, Promise<unknown>>()

/**
 * Imports a file, anew: its own variables belong to one task. What it imports in turn is shared within a thread.
 * @throws ScriptSyntaxError, or whatever the module throws when it runs
 */
export async function loadFile(path: string): Promise<LoadedFile> {
  requireFile(path)
  const url = `${pathToFileURL(path).href}?millrace=${++instances}`
  const load = (loads.get(path) ?? Promise.resolve()).then(() => importAnew(path, url))
  const settled = load.then(
    () => {},
    () => {},
  )
  loads.set(path, settled)
  try {
    return { url, exported: (await load).default }
  } catch (error) {
    throw syntaxErrorOf(error, path) ?? error
  } finally {
    if (loads.get(path) === settled) loads.delete(path)
  }
}

/** Node keeps modules by their URL, but those of CommonJS by their path: these are forgotten first, and loaded one by one. */
async function importAnew(path: string, url: string): Promise<{ readonly default?: unknown }> {
  delete createRequire(import.meta.url).cache[path]
  return (await import(url)) as { readonly default?: unknown }
}

/** Nothing in node:fs has this name. */
const NOTHING = '__millrace_check__'

/**
 * Parses a file and everything it imports, and finds its default export, without running any of it: a module that imports it,
 * and something that is not there, is linked and fails before the first line runs.
 * @throws ScriptSyntaxError
 */
export async function checkFile(path: string): Promise<void> {
  requireFile(path)
  const { mtimeMs, size } = statSync(path)
  // An unchanged file is parsed once for all checks.
  const url = `${pathToFileURL(path).href}?millrace-check=${mtimeMs}-${size}`
  const script = moduleOf(`export { default } from ${JSON.stringify(url)}`)
  try {
    await import(moduleOf(`import script from ${JSON.stringify(script)}; import { ${NOTHING} } from 'node:fs'`))
  } catch (error) {
    const message = errorMessage(error)
    if (message.includes(NOTHING)) return
    if (message.includes("does not provide an export named 'default'") && message.includes('millrace-check')) {
      throw new ScriptSyntaxError(`${path} has no default export: write export default (record, context) => ...`)
    }
    throw (
      syntaxErrorOf(error, path) ?? new ScriptSyntaxError(`${path}: ${message.replace(/ imported from data:.*$/s, '')}`)
    )
  }
}

function moduleOf(text: string): string {
  return `data:text/javascript,${encodeURIComponent(text)}`
}

function requireFile(path: string): void {
  const kind = extname(path)
  if (![...JAVASCRIPT, ...TYPESCRIPT].includes(kind)) {
    throw new ScriptSyntaxError(
      `${path} is neither JavaScript (${JAVASCRIPT.join(', ')}) nor TypeScript (${TYPESCRIPT.join(', ')})`,
    )
  }
  if (TYPESCRIPT.includes(kind) && !canImportTypeScript) throw new ScriptSyntaxError(`${path}: ${TYPESCRIPT_NEEDS}`)
  try {
    if (statSync(path).isFile()) return
  } catch (error) {
    throw new ScriptSyntaxError(`${path} cannot be read: ${errorMessage(error)}`, { cause: error })
  }
  throw new ScriptSyntaxError(`${path} is not a file`)
}

/** A syntax error in words, with its place in whichever file it is. */
function syntaxErrorOf(error: unknown, path: string): ScriptSyntaxError | undefined {
  if (!(error instanceof SyntaxError)) return undefined
  const told = syntaxPlace(error)
  const name = told === undefined || told.file === '' ? path : fileName(told.file)
  return new ScriptSyntaxError(syntaxMessage(name, error, told ?? placeByParser(path)), { cause: error })
}

/** Node keeps the place of an error in a JavaScript module to itself: its TypeScript parser tells it. */
function placeByParser(path: string): SyntaxPlace | undefined {
  if (!canStripTypes) return undefined
  try {
    stripTypes(readFileSync(path, 'utf8'))
    return undefined
  } catch (error) {
    return syntaxPlace(error)
  }
}
