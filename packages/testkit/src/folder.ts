// Temporary folders that go away with their test.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A fresh folder; `await using folder = await temporaryFolder()` removes it at the end of the block. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string
  /** The path of something inside. */
  file(name: string): string
}

/** Makes a folder under the system's temporary one. With MILLRACE_KEEP set it stays, and where it is is printed. */
export async function temporaryFolder(prefix = 'millrace-'): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), prefix))
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.asyncDispose]: async () => {
      if (process.env.MILLRACE_KEEP) console.error(`Kept: ${path}`)
      else await rm(path, { recursive: true, force: true })
    },
  }
}
