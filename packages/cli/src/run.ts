// Parses the command line and runs one command; turns errors into messages and exit codes.
import { Command, CommanderError } from 'commander'
import { ClientError } from './client/client-error.ts'
import { ExitCode } from './exit-codes.ts'
import { describeError } from './output/errors.ts'
import { version } from './version.ts'

const ABOUT =
  'Kafka Connect for Node.js: moves data between Apache Kafka and other systems, driven by configuration alone.'

// Not part of the description, whose lines are wrapped: these are to be copied.
const FIRST_PIPELINE = `
A first pipeline in one minute, with a broker of its own:
  millrace dev
and in another terminal:
  curl -X POST localhost:8083/connectors -H 'content-type: application/json' -d '{"name": "orders",
    "config": {"connector.class": "GeneratorSource", "topic": "orders", "rate": "10"}}'
  curl localhost:8083/connectors/orders/status

MILLRACE_TRACE=1 shows where an error comes from.`

/** Runs the command that `args` names. Sets `process.exitCode`; throws nothing. */
export async function run(args: readonly string[]): Promise<void> {
  const program = build()
  try {
    // A worker does not pay for what only clients need.
    if (!program.commands.some((one) => one.name() === args[0])) {
      const { registerClient } = await import('./client/register.ts')
      registerClient(program)
    }
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? ExitCode.OK : ExitCode.USAGE
    } else {
      console.error(describeError(error))
      process.exitCode = error instanceof ClientError ? error.exitCode : ExitCode.START
    }
  }
}

function build(): Command {
  const program = new Command('millrace')
  program
    .description(ABOUT)
    .version(version(), '-v, --version')
    .addHelpText('after', FIRST_PIPELINE)
    .exitOverride()
    .showHelpAfterError('(millrace --help tells more)')
  program.showSuggestionAfterError(true)

  program
    .command('standalone')
    .description('run a worker of one process; offsets are kept in a file')
    .argument('<worker>', 'worker configuration: .properties or .json')
    .argument('[connectors...]', 'connector configurations: .properties or .json, created at the start')
    .addHelpText(
      'after',
      `
Example:
  millrace standalone worker.properties file-source.json
where worker.properties has at least
  bootstrap.servers=localhost:9092
  key.converter=org.apache.kafka.connect.storage.StringConverter
  value.converter=org.apache.kafka.connect.json.JsonConverter
  offset.storage.file.filename=connect.offsets

Exit codes: 0 stopped on request, 1 wrong usage, 2 could not start, 3 failed later.`,
    )
    .action(async (worker: string, connectors: string[]) => {
      const { standalone } = await import('./commands/standalone.ts')
      await standalone(worker, connectors)
    })

  program
    .command('distributed')
    .description('run a worker of a cluster; configurations, offsets and states are kept in Kafka')
    .argument('<worker>', 'worker configuration: .properties or .json')
    .addHelpText(
      'after',
      `
Example:
  millrace distributed worker.properties
where worker.properties has at least
  bootstrap.servers=localhost:9092
  group.id=connect-cluster
  key.converter=org.apache.kafka.connect.storage.StringConverter
  value.converter=org.apache.kafka.connect.json.JsonConverter
  config.storage.topic=connect-configs
  offset.storage.topic=connect-offsets
  status.storage.topic=connect-status
Workers with the same group.id and topics share the work, those of Apache Kafka Connect too. Connectors are created over REST.

Exit codes: 0 stopped on request, 1 wrong usage, 2 could not start, 3 failed later.`,
    )
    .action(async (worker: string) => {
      const { distributed } = await import('./commands/distributed.ts')
      await distributed(worker)
    })

  program
    .command('registry')
    .description('run a schema registry; schemas are kept in a topic of any Kafka')
    .argument('<config>', "configuration with the reference's keys: .properties or .json")
    .addHelpText(
      'after',
      `
Example:
  millrace registry registry.properties
where registry.properties has at least
  kafkastore.bootstrap.servers=localhost:9092
and may have
  listeners=http://0.0.0.0:8081
  kafkastore.topic=_schemas
  schema.compatibility.level=backward
Instances over one topic elect the one that writes; the others answer reads and send writes on to it.

Exit codes: 0 stopped on request, 1 wrong usage, 2 could not start.`,
    )
    .action(async (config: string) => {
      const { registry } = await import('./commands/registry.ts')
      await registry(config)
    })

  program
    .command('dev')
    .description(
      'run a broker, a worker and a schema registry in one process, for development: data in a folder, ports printed',
    )
    .argument('[connectors...]', 'connector configurations to create at the start')
    .option('-d, --data <folder>', 'where broker, offsets and files live', 'millrace-data')
    .option('-b, --broker-port <port>', 'port of the broker (0: any free one)', '9092')
    .option('-r, --rest-port <port>', 'port of the REST API (0: any free one)', '8083')
    .option('-s, --registry-port <port>', 'port of the schema registry (default: 8081 if free; 0: any free one)')
    .option('--exit-after <seconds>', 'stop by itself after this long (for scripts)')
    .action(async (connectors: string[], options: Record<string, string>) => {
      const { dev } = await import('./commands/dev.ts')
      await dev(connectors, options)
    })

  const plugins = program
    .command('plugins')
    .description('list the plugins that come with millrace and those of a worker configuration')
    .option('-w, --worker <file>', 'worker configuration whose plugins are listed too')
    .option('--json', 'print JSON')
    .action(async (options: { worker?: string; json?: boolean }) => {
      const { plugins } = await import('./commands/plugins.ts')
      await plugins(options)
    })
  plugins
    .command('manifest')
    .description(
      'write into the package.json of a package which plugins it has, so that workers need not run its code to know',
    )
    .argument('<folder>', 'folder of the package')
    .option('--check', 'write nothing; exit code 1 when the manifest is not what the code says')
    .action(async (folder: string, options: { check?: boolean }) => {
      const { pluginManifest } = await import('./commands/plugins.ts')
      await pluginManifest(folder, options)
    })

  program
    .command('validate')
    .description('check connector configurations without starting them; exit code 4 when one has errors')
    .argument('<connectors...>', 'connector configurations: .properties or .json')
    .option('-w, --worker <file>', 'worker configuration: its converters and plugins apply')
    .option('--json', 'print the whole answer as JSON')
    .action(async (connectors: string[], options: { worker?: string; json?: boolean }) => {
      const { validate } = await import('./commands/validate.ts')
      await validate(connectors, options)
    })

  program
    .command('quickstart')
    .description(
      'run a real pipeline, database to Kafka to database and file, on the embedded broker, with live counts',
    )
    .option('--once', 'move a fixed number of records, check that every one arrived, print the counts and exit')
    .option('-n, --records <count>', 'how many records with --once (20000, with --files 200000)')
    .option('--rate <records>', 'records per second without --once', '1000')
    .option('--files', 'generator to Kafka to file, without databases')
    .action(async (options: { once?: boolean; files?: boolean; records?: string; rate: string }) => {
      const { quickstart } = await import('./commands/quickstart.ts')
      await quickstart(options)
    })

  return program
}
