// Basic authentication for the REST API under the reference's class names: users and passwords of a properties file that a
// login configuration file names.
import { createHash, timingSafeEqual } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import {
  ConfigException,
  type ConnectRestExtension,
  errorMessage,
  type RawConfig,
  type RestExtensionContext,
  type RestRequest,
  type RestResponse,
} from '@millrace/api'
import { decodeProperties, parseProperties } from '../../config/properties.ts'
import { parseJaas } from './jaas.ts'

/** Where the login configuration is: the worker's key, named as Java's system property. */
export const LOGIN_CONFIG_KEY = 'java.security.auth.login.config'
/** Environment variables that the reference's scripts pass to Java. */
const OPTION_VARIABLES = ['KAFKA_OPTS', 'JAVA_TOOL_OPTIONS']
const CONTEXT = 'KafkaConnect'
const MODULE = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule'
/** How often a file of users may be looked at for changes. */
const LOOK_AGAIN_MS = 1_000

/** Requests between workers: they are signed, and carry no user (KIP-507, KIP-618). */
const INTERNAL: readonly { readonly method: string; readonly path: RegExp }[] = [
  { method: 'POST', path: /^\/?connectors\/[^/]+\/tasks\/?$/ },
  { method: 'PUT', path: /^\/?connectors\/[^/]+\/fence\/?$/ },
]
const REFUSED: RestResponse = {
  status: 401,
  headers: { 'www-authenticate': 'Basic realm="Kafka Connect", charset="UTF-8"' },
  body: 'User cannot access the resource.',
}

/** `org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension` */
export class BasicAuthSecurityRestExtension implements ConnectRestExtension {
  #users: Users | undefined

  /** @throws ConfigException when there is no login configuration, or it does not name a readable file of users */
  configure(configs: RawConfig): void {
    const path = loginConfig(configs, process.env)
    const module = parseJaas(read(path, 'login configuration'), path).get(CONTEXT)
    if (module === undefined) throw new ConfigException(`The login configuration ${path} has no context ${CONTEXT}.`)
    const [one, ...more] = module
    if (one === undefined || more.length > 0 || one.className !== MODULE) {
      throw new ConfigException(
        `The login configuration ${path} must name one login module in ${CONTEXT}, and only ${MODULE} is there; ` +
          `it names ${module.map(({ className }) => className).join(', ') || 'none'}.`,
      )
    }
    const file = one.options.file?.trim() ?? ''
    if (file === '') throw new ConfigException(`Property Credentials file must be specified: option file in ${path}`)
    this.#users = new Users(file)
  }

  register(context: RestExtensionContext): void {
    const users = this.#users
    if (users === undefined) throw new TypeError('configure comes before register')
    context.onRequest((request) => (isInternal(request) || users.allow(request) ? undefined : REFUSED))
  }
}

/** A file of users, read again when it changes. */
class Users {
  readonly #path: string
  #stamp: string
  #lookedAt = performance.now()
  #digests: ReadonlyMap<string, Buffer>

  /** @throws ConfigException when the file cannot be read */
  constructor(path: string) {
    this.#path = path
    this.#stamp = stampOf(path)
    this.#digests = readUsers(path)
  }

  /** An empty file lets everybody in, as the reference does. */
  allow({ headers }: RestRequest): boolean {
    this.#lookAgain()
    if (this.#digests.size === 0) return true
    const given = credentials(headers.authorization)
    // A user that is not known costs the same work as one that is.
    const expected = this.#digests.get(given?.user ?? '')
    const same = timingSafeEqual(digest(given?.password ?? ''), expected ?? digest('another password'))
    return given !== undefined && expected !== undefined && same
  }

  /** A file that is being written, or gone, leaves the users that are known. */
  #lookAgain(): void {
    const now = performance.now()
    if (now - this.#lookedAt < LOOK_AGAIN_MS) return
    this.#lookedAt = now
    try {
      const stamp = stampOf(this.#path)
      if (stamp === this.#stamp) return
      const digests = readUsers(this.#path)
      // A file cut to nothing is one being written anew: it must not open the worker to all.
      if (digests.size === 0 && this.#digests.size > 0) return
      this.#digests = digests
      this.#stamp = stamp
    } catch {
      // Asked for again at the next request.
    }
  }
}

/** What a worker without settings for it cannot guess. @throws ConfigException */
function loginConfig(configs: RawConfig, env: NodeJS.ProcessEnv): string {
  const own = configs[LOGIN_CONFIG_KEY]?.trim()
  if (own) return own
  for (const name of OPTION_VARIABLES) {
    const found = new RegExp(`-D${LOGIN_CONFIG_KEY.replaceAll('.', '\\.')}=("[^"]*"|\\S+)`).exec(env[name] ?? '')
    if (found?.[1] !== undefined) return found[1].replace(/^"|"$/g, '')
  }
  throw new ConfigException(
    `BasicAuthSecurityRestExtension needs a login configuration. Set ${LOGIN_CONFIG_KEY} in the worker's configuration, ` +
      `or -D${LOGIN_CONFIG_KEY}=FILE in the environment variable KAFKA_OPTS, to a file with: ` +
      `${CONTEXT} { ${MODULE} required file="/path/to/users.properties"; };`,
    { configKey: LOGIN_CONFIG_KEY },
  )
}

function isInternal({ method, path }: RestRequest): boolean {
  return INTERNAL.some((one) => one.method === method && one.path.test(path))
}

function credentials(header: string | string[] | undefined): { user: string; password: string } | undefined {
  const [, encoded] = /^basic ([A-Za-z0-9+/]+={0,2})\s*$/i.exec(typeof header === 'string' ? header : '') ?? []
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon <= 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

function readUsers(path: string): ReadonlyMap<string, Buffer> {
  const users = Object.entries(parseProperties(read(path, 'file of users')))
  return new Map(users.map(([user, password]) => [user, digest(password)]))
}

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? '' : `${stat.ino}-${stat.size}-${stat.mtimeMs}`
}

function digest(password: string): Buffer {
  return createHash('sha256').update(password).digest()
}

function read(path: string, what: string): string {
  try {
    return decodeProperties(readFileSync(path))
  } catch (error) {
    throw new ConfigException(`Cannot read the ${what} ${path} for basic authentication: ${errorMessage(error)}`, {
      cause: error,
    })
  }
}
