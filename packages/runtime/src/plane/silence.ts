// A thread that does not answer: how long, and who is to be told.
import type { ThreadEvent } from './messages.ts'

type SilentEvent = Extract<ThreadEvent, { readonly event: 'threadSilent' }>

/** Asks a thread from time to time, one question at a time. */
export class Silence {
  readonly #tell: (event: ThreadEvent) => void
  /** performance.now() of the question that is open; 0 for none. */
  #askedAt = 0
  #told = false

  constructor(tell: (event: ThreadEvent) => void) {
    this.#tell = tell
  }

  /** Asks, or tells how long the last question has been open. @param about who runs there, and who may keep it busy */
  ask(question: () => Promise<unknown>, about: () => Pick<SilentEvent, 'tasks' | 'suspects'>): void {
    if (this.#askedAt > 0) {
      this.#told = true
      this.#tell({ event: 'threadSilent', silentMs: performance.now() - this.#askedAt, ...about() })
      return
    }
    this.#askedAt = performance.now()
    const answered = () => {
      this.#askedAt = 0
      if (this.#told) this.#tell({ event: 'threadSilent', silentMs: 0, tasks: about().tasks, suspects: [] })
      this.#told = false
    }
    // A thread that died has other news.
    question().then(answered, answered)
  }
}
