// What the install-*.ts scripts share.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'

/**
 * Fills `folder` unless it is there, in a folder beside it first: a broken download must not look like a whole one. A failure is
 * told and makes the exit code 1, so that one failed part does not keep the others away.
 */
export function installInto(what: string, folder: string, fill: (partial: string) => void): void {
  if (existsSync(folder)) {
    console.log(`${what} is in ${folder}`)
    return
  }
  const partial = `${folder}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  try {
    fill(partial)
    renameSync(partial, folder)
    console.log(`${what} is in ${folder}`)
  } catch (error) {
    console.error(`${what} was not installed: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}

/** @throws Error when the program cannot be started or fails */
export function runProgram(program: string, ...args: readonly string[]): void {
  const { error, status, signal } = spawnSync(program, args, { stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${program} ended with ${status ?? signal}`)
}
