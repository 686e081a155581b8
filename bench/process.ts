// A process under measurement: CPU seconds and memory of its whole tree, as the operating system counts them (Linux /proc).
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const TICKS_PER_SECOND = 100

/** CPU seconds (user and system, ended threads included) of a process and its living descendants. */
export function cpuSeconds(pid: number): number {
  return tree(pid).reduce((sum, one) => sum + ticks(one), 0) / TICKS_PER_SECOND
}

/** Resident memory now, in MB, of a process and its descendants. */
export function rssMb(pid: number): number {
  return tree(pid).reduce((sum, one) => sum + statusKb(one, 'VmRSS'), 0) / 1024
}

/** Highest resident memory since {@link resetPeak}, in MB, of a process and its descendants (each one's own peak, added). */
export function peakMb(pid: number): number {
  return tree(pid).reduce((sum, one) => sum + statusKb(one, 'VmHWM'), 0) / 1024
}

/** Forgets the peak so far. */
export function resetPeak(pid: number): void {
  for (const one of tree(pid)) writeFileSync(`/proc/${one}/clear_refs`, '5')
}

/** How many processes the tree has: a launcher that stays behind would show here. */
export function processCount(pid: number): number {
  return tree(pid).length
}

function tree(root: number): number[] {
  const parents = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    const parent = Number(fields(pid)?.[1] ?? -1)
    parents.set(parent, [...(parents.get(parent) ?? []), pid])
  }
  const found: number[] = []
  for (const queue = [root]; queue.length > 0; ) {
    const pid = queue.pop() as number
    found.push(pid)
    queue.push(...(parents.get(pid) ?? []))
  }
  return found
}

/** Fields of /proc/PID/stat after the command name: state, parent, ... */
function fields(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

function ticks(pid: number): number {
  const stat = fields(pid)
  return stat === undefined ? 0 : Number(stat[11]) + Number(stat[12])
}

function statusKb(pid: number, key: string): number {
  try {
    const line = new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return Number(line?.[1] ?? 0)
  } catch {
    return 0
  }
}
