// One broker a data folder: the file `lock` names the process that has it. A process that was killed leaves the file behind, so
// what counts is whether that very process (same id, same time of birth) still lives.

import fs from 'node:fs'
import { join, resolve } from 'node:path'

const FILE = 'lock'
/** Folders that brokers of this process have. */
const mine = new Set<string>()

interface Holder {
  readonly pid: number
  /** When the process was born, in the kernel's words; empty where that cannot be told. */
  readonly born: string
}

/**
 * Takes the folder; the result gives it back.
 * @throws Error naming the process that has it
 */
export function lockFolder(directory: string): () => void {
  fs.mkdirSync(directory, { recursive: true })
  const path = join(resolve(directory), FILE)
  const holder = readHolder(path)
  const inUse = holder !== undefined && (holder.pid === process.pid ? mine.has(path) : lives(holder))
  if (inUse) {
    throw new Error(
      `the data folder ${directory} is in use by the broker of process ${holder.pid}; stop that one, or choose another folder`,
    )
  }
  fs.writeFileSync(path, JSON.stringify({ pid: process.pid, born: bornAt(process.pid) } satisfies Holder))
  mine.add(path)
  return () => {
    mine.delete(path)
    fs.rmSync(path, { force: true })
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(fs.readFileSync(path, 'utf8')) as Holder
  } catch {
    return undefined // No file, or one that its writer did not finish: nobody has the folder.
  }
}

function lives(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return bornAt(holder.pid) === holder.born
}

/** Start time of a process from /proc, the 22nd field; the second may hold spaces and ends at the last parenthesis. */
function bornAt(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
