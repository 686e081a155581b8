// Where the REST API is and how to get in: options of the command line, then the environment, then the context.
import { readFileSync } from 'node:fs'
import { errorMessage } from '@millrace/api'
import { ExitCode } from '../exit-codes.ts'
import { seconds } from '../numbers.ts'
import { ClientError, usage } from './client-error.ts'
import { type ContextSettings, readContexts } from './contexts.ts'

/** Options that every client command has, as the command line gives them. */
export interface ConnectionOptions {
  readonly url?: string
  readonly context?: string
  readonly user?: string
  readonly cacert?: string
  readonly cert?: string
  readonly key?: string
  readonly insecure?: boolean
  readonly header?: readonly string[]
  readonly timeout?: string
  readonly json?: boolean
  readonly bootstrapServers?: string
}

/** Everything needed to send a request. */
export interface Settings {
  /** Base addresses, none with a slash at its end. More than one: workers of one cluster. */
  readonly urls: readonly URL[]
  readonly headers: Readonly<Record<string, string>>
  readonly tls: {
    readonly ca?: Buffer
    readonly cert?: Buffer
    readonly key?: Buffer
    readonly rejectUnauthorized: boolean
  }
  readonly timeoutMs: number
  readonly bootstrapServers?: string
}

const DEFAULT_URL = 'http://localhost:8083'
/** Longer than the 90 s after which a worker gives up by itself, so that its reason is heard. */
const DEFAULT_TIMEOUT_MS = 100_000

/** Settings of a command. @throws ClientError for a context that is not there, an address that is none, a file that cannot be read */
export function settingsOf(options: ConnectionOptions, env: NodeJS.ProcessEnv = process.env): Settings {
  const context = contextOf(options, env)
  const tlsFile = (name: 'cacert' | 'cert' | 'key') => {
    const path = options[name] ?? context[name]
    return path === undefined ? undefined : readTls(path, name)
  }
  const [ca, cert, key] = [tlsFile('cacert'), tlsFile('cert'), tlsFile('key')]
  const urls = parseUrls(options.url ?? env.CONNECT_URL ?? context.url ?? DEFAULT_URL)
  const authorization = basic(options, context, urls[0]!, env)
  for (const url of urls) {
    url.username = ''
    url.password = ''
  }
  const bootstrapServers = options.bootstrapServers ?? context.bootstrapServers
  return {
    urls,
    headers: { ...authorization, ...lowerCase(context.headers ?? {}), ...parseHeaders(options.header ?? []) },
    tls: {
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
      rejectUnauthorized: !(options.insecure ?? context.insecure ?? false),
    },
    timeoutMs: options.timeout === undefined ? DEFAULT_TIMEOUT_MS : seconds('--timeout', options.timeout),
    ...(bootstrapServers !== undefined && { bootstrapServers }),
  }
}

function contextOf(options: ConnectionOptions, env: NodeJS.ProcessEnv): ContextSettings {
  const wanted = options.context ?? env.MILLRACE_CONTEXT
  // An address given here and now does not take credentials of a context that nobody named: they are for another place.
  if (wanted === undefined && (options.url ?? env.CONNECT_URL) !== undefined) return {}
  const { current, contexts } = readContexts()
  const name = wanted ?? current
  if (name === undefined) return {}
  const found = contexts[name]
  if (found !== undefined) return found
  const known = Object.keys(contexts).join(', ') || 'none'
  throw usage(`There is no context '${name}'; there are: ${known}.`, 'Add it with millrace context set.')
}

function parseUrls(text: string): URL[] {
  return text.split(',').map((one) => {
    const trimmed = one.trim()
    let url: URL
    try {
      url = new URL(/^[a-z]+:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`)
    } catch {
      throw usage(`'${trimmed}' is no address of a REST API; one looks like ${DEFAULT_URL}.`)
    }
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw usage(`'${url.protocol}//${url.host}' is no address of a REST API: only http and https can be.`)
    }
    url.pathname = url.pathname.replace(/\/+$/, '')
    return url
  })
}

function basic(
  options: ConnectionOptions,
  context: ContextSettings,
  url: URL,
  env: NodeJS.ProcessEnv,
): Record<string, string> {
  const [given, ...rest] = (options.user ?? env.CONNECT_USER ?? '').split(':')
  const inUrl = url.username === '' ? undefined : decodeURIComponent(url.username)
  const user = given !== '' ? given : (inUrl ?? context.user)
  if (user === undefined) return {}
  const own = rest.length > 0 ? rest.join(':') : env.CONNECT_PASSWORD
  const fromUrl = url.password === '' ? undefined : decodeURIComponent(url.password)
  const password = own ?? (given === '' && inUrl !== undefined ? fromUrl : undefined) ?? context.password ?? ''
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}

function parseHeaders(lines: readonly string[]): Record<string, string> {
  const entries = lines.map((line) => {
    const at = line.indexOf(':')
    if (at <= 0) throw usage(`The header '${line}' has no colon; one looks like 'X-Tenant: blue'.`)
    return [line.slice(0, at).trim(), line.slice(at + 1).trim()] as const
  })
  return lowerCase(Object.fromEntries(entries))
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function readTls(path: string, option: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new ClientError(ExitCode.START, `Cannot read the file ${path} of --${option}: ${errorMessage(error)}`, {
      cause: error,
    })
  }
}
