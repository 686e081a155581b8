// Finding the clients that nobody here wrote. A test whose client is not installed is skipped, by name, and counted.
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const here = dirname(fileURLToPath(import.meta.url))
export const run = promisify(execFile)

/**
 * A package of this folder's own package.json, or undefined with the test skipped when `npm ci --prefix tests/interop` was not
 * run. What it exports is not typed here: these packages are not part of the workspace.
 */
// biome-ignore lint/suspicious/noExplicitAny: a package that the compiler must not need
export async function clientPackage(t: TestContext, name: string): Promise<any> {
  try {
    const path = createRequire(join(here, 'package.json')).resolve(name)
    return await import(pathToFileURL(path).href)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    t.skip(`${name} is not installed: npm ci --prefix tests/interop`)
    return undefined
  }
}

/** True when `command` can be run; else the test is skipped. */
export async function hasCommand(t: TestContext, command: string, ...args: readonly string[]): Promise<boolean> {
  try {
    await run(command, args)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    t.skip(`${command} is not installed`)
    return false
  }
}
