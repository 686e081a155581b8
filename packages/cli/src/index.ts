// The command as a library: what tests and wrappers call.
export { BUILTIN_PLUGIN_MODULES } from './builtin-plugins.ts'
export { ExitCode } from './exit-codes.ts'
export { run } from './run.ts'
