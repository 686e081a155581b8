// Memory of the start: modules are read, compiled and forgotten, and a quarter of the heap is garbage that an idle process
// would keep for ever, because nothing makes it collect. One collection after the start gives it back (5 MB of 78).
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const AFTER_MS = 1_000

type Collect = (options: { readonly type: 'major'; readonly execution: 'sync'; readonly flavor: 'last-resort' }) => void

/** Collects once, a moment after the start. Keeps no process alive. */
export function giveBackAfterStart(): void {
  setTimeout(collect, AFTER_MS).unref()
}

/** The collector is not for programs to call; a new context is the one way to it without a flag on the command line. */
function collect(): void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as Collect | undefined
  setFlagsFromString('--no-expose-gc')
  gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
