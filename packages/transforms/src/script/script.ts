// millrace.Script: one transformation that a user writes, in the configuration or in a file.
import {
  ConfigException,
  type ConfigProblem,
  type ConnectRecord,
  DataException,
  defineConfig,
  errorMessage,
  type MaybePromise,
  type RawConfig,
  RetriableException,
  type Transformation,
} from '@millrace/api'
import type { ScriptContext, ScriptFunction, ScriptObject } from './api.ts'
import { createContext } from './context.ts'
import { checkFile, loadFile, scriptPath } from './file.ts'
import { compileExpression, ScriptSyntaxError } from './inline.ts'
import { thrownPlace } from './places.ts'
import { resultOf } from './result.ts'

const INLINE = 'script'
const FILE = 'script.file'

const CONFIG = defineConfig({
  [INLINE]: {
    type: 'string',
    default: null,
    importance: 'high',
    width: 'long',
    doc: 'The script itself: an expression in JavaScript or TypeScript that is a function (record, context) => result, or an object with apply and, if wanted, open and close. The result is the record, an object with what is to be different, or null to drop the record.',
  },
  [FILE]: {
    type: 'string',
    default: null,
    importance: 'high',
    width: 'long',
    doc: 'A file on each worker whose default export is the script, instead of script: .ts, .mts, .js, .mjs (.cts and .cjs too). It may import other modules.',
  },
})

/** A record to a record, as its author wrote it. */
type Apply = (record: ConnectRecord, context: ScriptContext) => unknown

/** A script that is ready to be opened. */
interface Ready {
  /** For messages: the key, or the file's path. */
  readonly name: string
  /** Its name in traces. */
  readonly file: string
  readonly script: ScriptObject
}

/** Runs a user's script on every record. */
export class Script implements Transformation {
  readonly config = CONFIG
  #apply: Apply = (record) => record
  #context: ScriptContext = createContext({})
  #ready: Ready | null = null

  async validate(configs: RawConfig): Promise<readonly ConfigProblem[]> {
    const chosen = choose(configs)
    if ('message' in chosen) return [chosen]
    try {
      if (chosen.key === INLINE) compileExpression(INLINE, chosen.text)
      else await checkFile(scriptPath(chosen.text.trim()))
      return []
    } catch (error) {
      return [{ key: chosen.key, message: errorMessage(error) }]
    }
  }

  configure(configs: RawConfig): MaybePromise<void> {
    CONFIG.parse(configs)
    const chosen = choose(configs)
    if ('message' in chosen) throw new ConfigException(chosen.message, { configKey: chosen.key })
    this.#context = createContext(configs)
    if (chosen.key === INLINE) return this.#open(inline(chosen.text))
    return fromFile(scriptPath(chosen.text.trim())).then((ready) => this.#open(ready))
  }

  apply(record: ConnectRecord): ConnectRecord | null {
    try {
      const result = this.#apply(record, this.#context)
      return result === record || result === null ? (result as ConnectRecord | null) : resultOf(record, result)
    } catch (error) {
      throw located(this.#ready, error)
    }
  }

  close(): MaybePromise<void> {
    return this.#ready?.script.close?.()
  }

  #open(ready: Ready): MaybePromise<void> {
    const { script } = ready
    this.#ready = ready
    this.#apply = (script.apply as Apply).bind(script)
    return script.open?.(this.#context)
  }
}

/** Where the script is, or what is wrong with where it is said to be. */
function choose(configs: RawConfig): { readonly key: string; readonly text: string } | ConfigProblem {
  const text = configs[INLINE]?.trim() ? configs[INLINE] : undefined
  const file = configs[FILE]?.trim() ? configs[FILE] : undefined
  if (text !== undefined && file !== undefined) {
    return { key: FILE, message: `Both ${INLINE} and ${FILE} are set: leave one of them out.` }
  }
  if (text !== undefined) return { key: INLINE, text }
  if (file !== undefined) return { key: FILE, text: file }
  return { key: INLINE, message: `Missing the script: set ${INLINE} to its text, or ${FILE} to the path of its file.` }
}

function inline(text: string): Ready {
  try {
    const { file, run } = compileExpression(INLINE, text)
    return readyOf(INLINE, INLINE, file, run)
  } catch (error) {
    throw unusable(INLINE, error)
  }
}

async function fromFile(path: string): Promise<Ready> {
  try {
    const { url, exported } = await loadFile(path)
    return readyOf(FILE, path, url, () => exported)
  } catch (error) {
    throw unusable(FILE, error)
  }
}

/** @throws ConfigException for something that is no script */
function readyOf(key: string, name: string, file: string, run: () => unknown): Ready {
  let made: unknown
  try {
    made = run()
  } catch (error) {
    throw new ConfigException(`${placed(name, file, error)}: ${errorMessage(error)}`, { cause: error, configKey: key })
  }
  const script =
    typeof made === 'function' ? { apply: made as ScriptFunction } : (made as ScriptObject | null | undefined)
  if (typeof script !== 'object' || script === null || typeof script.apply !== 'function') {
    const what = key === FILE ? 'its default export' : 'the expression'
    throw new ConfigException(
      `${name}: ${what} must be a function (record, context) => result, or an object with such a function as apply, but it is ${describe(made)}`,
      { configKey: key },
    )
  }
  if (script.apply.constructor.name !== 'AsyncFunction') return { name, file, script }
  throw new ConfigException(
    `${name}: the function is async, but a script must give its result at once: take out async and await. To wait once, before the first record, use an object with open() and apply().`,
    { configKey: key },
  )
}

function describe(made: unknown): string {
  if (made === undefined || made === null) return String(made)
  return Array.isArray(made) ? 'an array' : typeof made === 'object' ? 'an object without apply' : `a ${typeof made}`
}

/** What kept a script from being made, as an error of the configuration. */
function unusable(key: string, error: unknown): unknown {
  if (error instanceof ScriptSyntaxError) return new ConfigException(error.message, { cause: error, configKey: key })
  if (error instanceof ConfigException) return error
  return new ConfigException(`${key}: ${errorMessage(error)}`, { cause: error, configKey: key })
}

/** The error of one record: with the place in the script, and to be tried again where the script says so. */
function located(ready: Ready | null, error: unknown): DataException | RetriableException {
  const where = ready === null ? INLINE : placed(ready.name, ready.file, error)
  const message = `${where}: ${errorMessage(error)}`
  return error instanceof RetriableException
    ? new RetriableException(message, { cause: error })
    : new DataException(message, { cause: error })
}

function placed(name: string, file: string, error: unknown): string {
  const place = thrownPlace(error, file)
  return place === undefined ? name : `${name}:${place.line}:${place.column}`
}
