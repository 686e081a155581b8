// Undoing a start, whole and once.

/** Runs the steps in reverse order, one after another, at the first call. */
export function stopOnce(undo: readonly (() => unknown)[]): () => Promise<void> {
  let stopped: Promise<void> | undefined
  const stop = async () => {
    for (const step of [...undo].reverse()) await step()
  }
  return () => (stopped ??= stop())
}
