// What can be said of a task's progress, and in which words.
import type { ProgressState } from '../../plane/messages.ts'
import type { Cells } from './marks.ts'
import { STEPS, type Step } from './marks.ts'

/** How a task gets on. */
export interface Verdict {
  readonly state: ProgressState
  /** performance.now() since when it is so. */
  readonly since: number
  /** One sentence; empty when there is nothing to explain. */
  readonly reason: string
}

export const stalled = (since: number, reason: string): Verdict => ({ state: 'stalled', since, reason })
export const idle = (since: number, reason: string): Verdict => ({ state: 'idle', since, reason })

/** True for verdicts that differ in figures at most: newer ones are no news. */
export function isSame(one: Verdict, other: Verdict): boolean {
  const words = ({ reason }: Verdict) => reason.replace(/\d.*$/s, '')
  return one.state === other.state && (one.state === 'running' || words(one) === words(other))
}

/** Looks at a counter from time to time, and tells since when it has not changed. */
export class Stillness {
  #seen = Number.NaN
  #since = performance.now()

  /** performance.now() of the first look that saw this value. */
  since(value: number, now: number): number {
    if (value !== this.#seen) {
      this.#seen = value
      this.#since = now
    }
    return this.#since
  }
}

/** How long something has lasted, and since when: null while it does not. */
export class Lasting {
  #since: number | null = null

  since(now: number, lasts: boolean): number | null {
    if (!lasts) this.#since = null
    else this.#since ??= now
    return this.#since
  }
}

/** `1 min 30 s` */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 1) return `${Math.round(ms)} ms`
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `3 records`, `1 record` */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`
}

/** What a silent thread's notes tell: who runs there now, or else who may. */
export function suspects(cells: Cells, slots: readonly number[]): { readonly slot: number; readonly step: Step }[] {
  const step = (slot: number) => STEPS[cells[slot] ?? 0] ?? 'none'
  const running = cells[0] ?? 0
  if (running !== 0 && slots.includes(running)) return [{ slot: running, step: step(running) }]
  // Nobody's loop: code that a call of a plugin left behind. Whose call is open is a suspect.
  const OWN_CODE: ReadonlySet<Step> = new Set([
    'start()',
    'poll()',
    'put()',
    'preparing a commit',
    'open()',
    'close()',
    'stop()',
  ])
  return slots.map((slot) => ({ slot, step: step(slot) })).filter((one) => OWN_CODE.has(one.step))
}
