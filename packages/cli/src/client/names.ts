// Which connectors a command is about: names, patterns with `*`, or all.
import { ExitCode } from '../exit-codes.ts'
import { ClientError, usage } from './client-error.ts'
import type { ConnectApi } from './connect-api.ts'

/**
 * The names that arguments stand for, each once, in order. Without `*` an argument is taken as it is, and nobody is asked.
 * @throws ClientError for a pattern that fits nothing, and for no argument at all unless `all`
 */
export async function namesOf(api: ConnectApi, args: readonly string[], all = false): Promise<string[]> {
  if (all && args.length > 0) throw usage('Give names or --all, not both.')
  if (all) return (await api.names()).sort()
  if (args.length === 0) throw usage('Name a connector, or say --all.')
  if (!args.some((one) => one.includes('*'))) return [...new Set(args)]
  const known = (await api.names()).sort()
  return [...new Set(args.flatMap((one) => (one.includes('*') ? matching(one, known) : [one])))]
}

/** True when `name` fits a pattern, in which `*` stands for anything. */
export function fits(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's').test(name)
}

function matching(pattern: string, known: readonly string[]): string[] {
  const found = known.filter((name) => fits(pattern, name))
  if (found.length === 0) throw new ClientError(ExitCode.NOT_FOUND, `No connector's name fits '${pattern}'.`)
  return found
}
