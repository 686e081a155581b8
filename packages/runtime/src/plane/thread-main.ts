// Entry of a pool thread. Keeps compiled code between starts, as the command does for the main thread, then loads the host.
import { enableCompileCache } from 'node:module'

enableCompileCache()
await import('./thread-host-main.ts')
