// millrace context: names for workers, with their addresses and credentials.

import { ExitCode } from '../../exit-codes.ts'
import { ClientError, usage } from '../client-error.ts'
import { type ContextSettings, contextsPath, readContexts, writeContexts } from '../contexts.ts'
import { output } from '../output.ts'
import { HIDDEN } from '../secrets.ts'
import { type ConnectionOptions, settingsOf } from '../settings.ts'

/** Lists them. */
export function listContexts(options: { readonly json?: boolean }): void {
  const { current, contexts } = readContexts()
  const rows = Object.entries(contexts).map(([name, { password, headers, ...rest }]) => ({
    name,
    current: name === current,
    ...rest,
    ...(password !== undefined && { password: HIDDEN }),
    ...(headers !== undefined && { headers: Object.fromEntries(Object.keys(headers).map((key) => [key, HIDDEN])) }),
  }))
  const out = output(options.json)
  out.data(rows)
  out.table(
    ['', 'NAME', 'URL', 'USER', 'BROKERS'],
    rows.map((row) => [row.current ? '*' : '', row.name, row.url ?? '', row.user ?? '', row.bootstrapServers ?? '']),
  )
}

/** Stores one from the connection options, in place of a former one of that name; the first becomes the current one. */
export function setContext(name: string, options: ConnectionOptions): void {
  if (options.url === undefined) throw usage('A context needs an address: --url.')
  // What does not fit is said now, not at the first use.
  const { context: _other, ...own } = options
  settingsOf(own)
  const [user, ...password] = options.user?.split(':') ?? []
  const headers = (options.header ?? []).map((line) => {
    const at = line.indexOf(':')
    return [line.slice(0, at).trim(), line.slice(at + 1).trim()]
  })
  const stored = {
    url: options.url,
    user,
    password: password.length === 0 ? undefined : password.join(':'),
    cacert: options.cacert,
    cert: options.cert,
    key: options.key,
    insecure: options.insecure,
    headers: headers.length === 0 ? undefined : (Object.fromEntries(headers) as Record<string, string>),
    bootstrapServers: options.bootstrapServers,
  }
  const given = Object.fromEntries(Object.entries(stored).filter(([, value]) => value !== undefined)) as ContextSettings
  const { current, contexts } = readContexts()
  writeContexts({ current: current ?? name, contexts: { ...contexts, [name]: given } })
  console.log(`${name}: stored in ${contextsPath()}`)
}

/** Makes one the current one. */
export function useContext(name: string): void {
  const { contexts } = readContexts()
  requireContext(contexts, name)
  writeContexts({ current: name, contexts })
  console.log(`${name}: used from now on`)
}

/** Forgets one. */
export function deleteContext(name: string): void {
  const { current, contexts } = readContexts()
  requireContext(contexts, name)
  const { [name]: _gone, ...rest } = contexts
  writeContexts({ ...(current !== undefined && current !== name && { current }), contexts: rest })
  console.log(`${name}: forgotten`)
}

function requireContext(contexts: Readonly<Record<string, ContextSettings>>, name: string): void {
  if (name in contexts) return
  const known = Object.keys(contexts).join(', ') || 'none'
  throw new ClientError(ExitCode.NOT_FOUND, `There is no context '${name}'; there are: ${known}.`)
}
