// A time limit over work that cannot be interrupted: the caller goes on, the work is left to end by itself.

/** The result of `work`, or the error of `late` after `ms`; what the abandoned work still gives or throws is dropped. */
export async function withDeadline<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), Math.max(0, Math.min(ms, 2 ** 31 - 1)))
  })
  work.catch(() => {})
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}
