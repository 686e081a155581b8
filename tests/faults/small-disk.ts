// A disk so small that it is full at once, and grows when asked. Needs the right to mount: root, mostly.
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from '@millrace/testkit'

const run = promisify(execFile)

/** A file system in memory, of a size that can be changed while it is used. */
export class SmallDisk implements AsyncDisposable {
  readonly path: string
  readonly #remove: () => Promise<void>

  private constructor(path: string, remove: () => Promise<void>) {
    this.path = path
    this.#remove = remove
  }

  /** Mounts one of `kib` KiB. @throws Error when that is not allowed here */
  static async mount(kib: number): Promise<SmallDisk> {
    const folder = await temporaryFolder('millrace-disk-')
    const path = folder.file('disk')
    try {
      await mkdir(path)
      await run('mount', ['-t', 'tmpfs', '-o', `size=${kib}k,mode=700`, 'millrace-test', path])
    } catch (error) {
      await folder[Symbol.asyncDispose]()
      throw error
    }
    return new SmallDisk(path, async () => {
      // Whoever was killed a moment ago may still hold a file: a lazy unmount goes through all the same.
      await run('umount', ['--lazy', path])
      await folder[Symbol.asyncDispose]()
    })
  }

  /** Why there cannot be one; undefined when there can. */
  static async whyNot(): Promise<string | undefined> {
    try {
      await using _disk = await SmallDisk.mount(64)
      return undefined
    } catch (error) {
      const reason = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error)
      return `a small disk cannot be mounted here: ${reason}`
    }
  }

  /** Path of a file on it. */
  file(name: string): string {
    return join(this.path, name)
  }
  /** Gives it another size; what is on it stays. */
  async resize(kib: number): Promise<void> {
    await run('mount', ['-o', `remount,size=${kib}k`, this.path])
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.#remove()
  }
}
