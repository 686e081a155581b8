// A bell: something rings when there may be work, one waiter hears it. A ring nobody waits for is kept until the next wait.

/** Wakes the one caller of {@link wait}. */
export class Bell {
  #rung = false
  #hear: (() => void) | undefined

  ring(): void {
    this.#rung = true
    this.#hear?.()
  }

  /** Resolves at the next ring, at once if it rang since the last wait, after `ms`, or when `signal` aborts. Never rejects. */
  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (!this.#rung && ms > 0 && signal?.aborted !== true) {
      let timer: NodeJS.Timeout | undefined
      let stop: (() => void) | undefined
      try {
        await new Promise<void>((resolve) => {
          stop = resolve
          this.#hear = resolve
          if (ms < 2 ** 31) timer = setTimeout(resolve, Math.ceil(ms))
          signal?.addEventListener('abort', resolve as () => void)
        })
      } finally {
        this.#hear = undefined
        clearTimeout(timer)
        if (stop !== undefined) signal?.removeEventListener('abort', stop)
      }
    }
    this.#rung = false
  }
}
