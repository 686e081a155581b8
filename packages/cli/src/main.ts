// The millrace command: what it can do, in the words of its help. Each command's code is loaded when it is used.
import { enableCompileCache } from 'node:module'

// Keeps compiled code (and the stripped types of a checkout) between starts: the second start is several times faster.
enableCompileCache()

const { run } = await import('./run.ts')
await run(process.argv.slice(2))
