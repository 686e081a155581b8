// A user for servers that refuse to run as root: PostgreSQL does.
import { spawnSync } from 'node:child_process'
import { chownSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ProcessUser } from '../process.ts'

/** Users to run as, the first that the system knows: it must know one, `initdb` looks up its name. */
const CANDIDATES = ['postgres', 'nobody']

/** Undefined when this process is not root, and a server can run as the same user. */
export function unprivilegedUser(): ProcessUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of CANDIDATES) {
    const [uid, gid] = ['-u', '-g'].map((flag) => {
      const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' })
      return status === 0 ? Number(stdout.trim()) : undefined
    })
    if (uid !== undefined && gid !== undefined) return { uid, gid }
  }
  throw new Error(
    `This runs as root, which PostgreSQL refuses, and the system has no user named ${CANDIDATES.join(' or ')}`,
  )
}

/** Gives a folder or file to a user; nothing without one. */
export function giveTo(user: ProcessUser | undefined, ...paths: readonly string[]): void {
  if (user === undefined) return
  for (const path of paths) chownSync(path, user.uid, user.gid)
}

/** True when every user of the system can read what lies under the path. */
export function isPublic(path: string): boolean {
  const EXECUTE_BY_OTHERS = 0o001
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & EXECUTE_BY_OTHERS) === 0) return false
    if (at === dirname(at)) return true
  }
}
