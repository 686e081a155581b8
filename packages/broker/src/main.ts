// The broker as a process of its own: `node packages/broker/src/main.ts --data-dir DIR [--port N] [--host H] [--set key=value]`.
// Prints one line on standard output when it is ready, `{"event":"ready","port":...,"bootstrap":"..."}`; logs go to standard error.
import { parseArgs } from 'node:util'
import { startBroker } from './broker.ts'
import { consoleLogger } from './logger.ts'

const USAGE = `Usage: broker --data-dir DIR [options]
  --data-dir DIR         folder for topics and groups; made if it is not there
  --port N               TCP port (default 9092; 0 takes a free one)
  --host H               address to listen on (default 127.0.0.1)
  --advertised-host H    host name told to clients (default: the address)
  --advertised-port N    port told to clients (default: the port)
  --set KEY=VALUE        a broker configuration key, as often as needed
  --debug                log more
`

function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        'data-dir': { type: 'string' },
        port: { type: 'string', default: '9092' },
        host: { type: 'string' },
        'advertised-host': { type: 'string' },
        'advertised-port': { type: 'string' },
        set: { type: 'string', multiple: true, default: [] },
        debug: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
  }
}

const args = readArguments()
if (args.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}
const dataDir = args['data-dir'] ?? fail(`--data-dir is missing\n${USAGE}`)
const port = Number(args.port)
if (!Number.isInteger(port) || port < 0 || port > 65535)
  fail(`--port ${args.port} is not a port; allowed are 0 to 65535`)
const config: Record<string, string> = {}
for (const pair of args.set) {
  const at = pair.indexOf('=')
  if (at < 1) fail(`--set ${pair} is not KEY=VALUE`)
  config[pair.slice(0, at)] = pair.slice(at + 1)
}

try {
  const broker = await startBroker({
    dataDir,
    port,
    ...(args.host === undefined ? {} : { host: args.host }),
    ...(args['advertised-host'] === undefined ? {} : { advertisedHost: args['advertised-host'] }),
    ...(args['advertised-port'] === undefined ? {} : { advertisedPort: Number(args['advertised-port']) }),
    log: consoleLogger(args.debug),
    config,
  })
  const stop = () => void broker.close().then(() => process.exit(0))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  process.stdout.write(`${JSON.stringify({ event: 'ready', port: broker.port, bootstrap: broker.bootstrap })}\n`)
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') fail(`port ${port} is taken; choose another with --port, or 0 for a free one`)
  fail(`the broker cannot start: ${message}`)
}
