// The client commands in the words of their help. Each command's code is loaded when it is used.
import { type Command, Option } from 'commander'
import type { ActionOptions, DeleteOptions, RestartOptions } from './commands/actions.ts'
import type { ApplyOptions, FilesOptions } from './commands/apply.ts'
import type { DescribeOptions } from './commands/describe.ts'
import type { GetOptions } from './commands/get.ts'
import type { LogsOptions } from './commands/logs.ts'
import type { ChangeOptions, OffsetsOptions, SetOptions, UndoOptions } from './commands/offsets.ts'
import type { TopOptions } from './commands/top.ts'
import type { State } from './connect-api.ts'
import { registerDlq } from './register-dlq.ts'
import type { ConnectionOptions } from './settings.ts'

const CONNECTION = 'Connection:'
const GROUP = 'Client commands, for any Connect REST API:'
const CODES =
  'Exit codes: 0 done, 1 wrong usage, 2 a file cannot be used, 4 findings, 5 no worker answers, 6 refused, 7 not found.'

/** Adds the client commands. */
export function registerClient(program: Command): void {
  registerReading(program)
  registerFiles(program)
  registerChanging(program)
  registerOffsets(program)
  registerDlq(program, client, collect, GROUP)
  registerWatching(program)
  registerShell(program)
}

/** A command with the options that all have: where the REST API is, how to get in, JSON. */
function client(program: Command, usage: string, description: string, help = ''): Command {
  const command = program.command(usage).description(description).helpGroup(GROUP)
  const connection = (flags: string, about: string) => new Option(flags, about).helpGroup(CONNECTION)
  return command
    .option('--json', 'print JSON')
    .addOption(
      connection(
        '-u, --url <urls>',
        'REST API; several of one cluster with commas (CONNECT_URL, http://localhost:8083)',
      ),
    )
    .addOption(connection('--context <name>', 'what millrace context set has stored (MILLRACE_CONTEXT)'))
    .addOption(connection('--user <name[:password]>', 'basic authentication (CONNECT_USER, CONNECT_PASSWORD)'))
    .addOption(connection('--cacert <file>', 'certificates to trust, PEM'))
    .addOption(connection('--cert <file>', 'certificate of this client, PEM'))
    .addOption(connection('--key <file>', 'its private key, PEM'))
    .addOption(connection('--insecure', 'trust any certificate'))
    .addOption(
      connection('-H, --header <line>', "one more header, as 'X-Tenant: blue'; may be repeated").argParser(collect),
    )
    .addOption(connection('--timeout <seconds>', 'how long to wait for one answer (100)'))
    .addHelpText('after', `${help}\n${CODES}`)
}

function collect(value: string, all: readonly string[] | undefined): readonly string[] {
  return [...(all ?? []), value]
}

function registerReading(program: Command): void {
  client(program, 'get', 'list connectors, tasks, plugins, topics, loggers, worker')
    .argument('[what]', 'connectors, tasks, plugins, topics, loggers or worker', 'connectors')
    .argument('[names...]', "only these; * stands for anything: 'orders-*'")
    .option('--failed', 'only connectors and tasks that have failed')
    .option('-a, --all', 'plugins: converters, transformations and predicates too')
    .action(async (what: string, names: string[], options: GetOptions) => {
      const { get } = await import('./commands/get.ts')
      await get(what, names, options)
    })

  client(
    program,
    'describe',
    'tell everything of a connector: state, traces, configuration without secrets, topics, offsets',
  )
    .argument('<names...>', 'connectors, or plugins with --plugin')
    .option('--plugin', 'the settings of a plugin')
    .action(async (names: string[], options: DescribeOptions) => {
      const { describe } = await import('./commands/describe.ts')
      await describe(names, options)
    })
}

const FORMS = `
A file is JSON, YAML (one or several documents) or properties, and describes connectors as
  {"name": ..., "config": {...}}    also with "initial_state" (when created) or "state" (always)
  {"name": ..., "connector.class": ..., ...}
a list of these, what GET /connectors?expand=info answers, or a Strimzi KafkaConnector.
`

function registerFiles(program: Command): void {
  const files = (name: string, about: string, help: string) =>
    client(program, name, about, FORMS + help)
      .option('-f, --filename <path>', 'file or folder; - is standard input; may be repeated', collect)
      .option('-R, --recursive', 'folders within folders, too')
      .option('--prune', 'connectors that no file describes are to be deleted')
      .option('--prune-only <pattern>', "of these only names that fit: 'team-a-*'")

  files('diff', 'show how files and cluster differ, secrets hidden', '\nExit code 4 when they differ.').action(
    async (options: FilesOptions) => {
      const { diff } = await import('./commands/apply.ts')
      await diff(options)
    },
  )

  files('plan', 'show what apply would do, validated by the worker', '\nExit code 4 when a configuration has errors.')
    .option('--no-validate', 'do not ask the worker whether it would accept the configurations')
    .action(async (options: FilesOptions) => {
      const { plan } = await import('./commands/apply.ts')
      await plan(options)
    })

  withWait(
    files(
      'apply',
      'create and update connectors as files say',
      '\nNothing is done when any configuration has errors: exit code 4.',
    ),
    'until they are as they should be',
  )
    .option('--plan <id>', 'only if this is still the plan, as millrace plan has shown it')
    .option('--dry-run', 'the same as millrace plan')
    .option('--no-validate', 'do not ask the worker first whether it would accept the configurations')
    .action(async (options: ApplyOptions) => {
      const { apply } = await import('./commands/apply.ts')
      await apply(options)
    })
}

function registerChanging(program: Command): void {
  const states: readonly (readonly [string, State, string])[] = [
    ['pause', 'PAUSED', 'pause connectors: tasks stay and wait'],
    ['resume', 'RUNNING', 'let paused and stopped connectors run'],
    ['stop', 'STOPPED', 'stop connectors: tasks go, configuration and offsets stay'],
  ]
  for (const [name, state, about] of states) {
    withWait(client(program, name, about), `until they are ${state}`)
      .argument('[connectors...]', "names; * stands for anything: 'orders-*'")
      .option('--all', 'all connectors')
      .action(async (connectors: string[], options: ActionOptions) => {
        const { setState } = await import('./commands/actions.ts')
        await setState(state, connectors, options)
      })
  }

  withWait(client(program, 'restart', 'restart connectors with their tasks'), 'until they run')
    .argument('[connectors...]', "names; * stands for anything: 'orders-*'")
    .option('--all', 'all connectors')
    .option('--only-failed', 'only what has failed')
    .option('--connector-only', 'not the tasks')
    .option('-t, --task <number>', 'only this task')
    .action(async (connectors: string[], options: RestartOptions) => {
      const { restart } = await import('./commands/actions.ts')
      await restart(connectors, options)
    })

  client(program, 'delete', 'delete connectors; their offsets stay')
    .argument('[connectors...]', "names; * stands for anything: 'orders-*'")
    .option('-f, --filename <path>', 'connectors of this file or folder; may be repeated', collect)
    .option('-R, --recursive', 'folders within folders, too')
    .option('--all', 'all connectors')
    .option('--ignore-not-found', 'a connector that is not there is no failure')
    .action(async (connectors: string[], options: DeleteOptions) => {
      const { remove } = await import('./commands/actions.ts')
      await remove(connectors, options)
    })
}

function registerOffsets(program: Command): void {
  const offsets = program
    .command('offsets')
    .description("look at and change connectors' offsets, with a dry run, a history and an undo")
    .helpGroup(GROUP)
  const reading = (name: string, about: string, help?: string) =>
    client(offsets, name, about, help)
      .option('--bootstrap-servers <list>', 'brokers, to be asked where topics begin and end')
      .option('--command-config <file>', 'client settings for the brokers (security), .properties')
  const changing = (name: string, about: string, help?: string) =>
    reading(name, about, help)
      .argument('<connector>')
      .option('--dry-run', 'only tell how many records would come again')
      .option('--stop', 'stop the connector for the change, and let it go on as before')

  reading('get', 'the offsets of a connector; with brokers also end and lag')
    .argument('<connector>')
    .action(async (connector: string, options: OffsetsOptions) => {
      const { getOffsets } = await import('./commands/offsets.ts')
      await getOffsets(connector, options)
    })
  changing(
    'set',
    'set offsets of a connector',
    `
Examples:
  millrace offsets set orders-sink --to -1000 --dry-run
  millrace offsets set orders-sink --topic orders --partition 0,1 --to 250 --stop
  millrace offsets set orders-sink --to 2026-01-31T12:00:00Z --bootstrap-servers localhost:9092 --stop
  millrace offsets set file-source --source-offset '{"position": 0}' --stop
  millrace offsets set orders-sink -f offsets.json --stop
`,
  )
    .option('-f, --filename <path>', 'offsets as get --json prints them, or as the REST API takes them')
    .option('--to <place>', 'of a sink: an offset, +n, -n, earliest, latest, or a time (2026-01-31T12:00:00Z; 12h ago)')
    .option('--topic <topic>', 'of a sink: only this topic (all that have offsets)')
    .option('--partition <numbers>', 'of a sink: only these partitions of the topic')
    .option('--source-partition <json>', 'of a source: which partition (the only one)')
    .option('--source-offset <json>', 'of a source: its offset; null for none')
    .action(async (connector: string, options: SetOptions) => {
      const { setOffsets } = await import('./commands/offsets.ts')
      await setOffsets(connector, options)
    })
  changing('reset', 'forget the offsets of a connector: it begins anew').action(
    async (connector: string, options: ChangeOptions) => {
      const { resetOffsets } = await import('./commands/offsets.ts')
      await resetOffsets(connector, options)
    },
  )
  changing('undo', 'take back the last change, or another of the history')
    .option('--entry <id>', 'which change')
    .option('--force', 'even if the offsets have moved since')
    .action(async (connector: string, options: UndoOptions) => {
      const { undoOffsets } = await import('./commands/offsets.ts')
      await undoOffsets(connector, options)
    })
  client(offsets, 'history', 'what was changed with this command, from this place (MILLRACE_HISTORY)')
    .argument('[connector]')
    .action(async (connector: string | undefined, options: OffsetsOptions) => {
      const { showHistory } = await import('./commands/offsets.ts')
      await showHistory(connector, options)
    })
}

function registerWatching(program: Command): void {
  client(
    program,
    'logs',
    'what workers write of connectors, from their log files; without --file, states and traces from the REST API',
    `
Examples:
  millrace logs orders --file worker-1.log --file worker-2.log --follow
  kubectl logs -f connect-0 | millrace logs orders --task 0 --level warn --file -
  millrace logs --follow
`,
  )
    .argument('[connectors...]', "names; * stands for anything: 'orders-*'")
    .option('--file <path>', "log of a worker, ours or a JVM's; - is standard input; may be repeated", collect)
    .option('-f, --follow', 'go on with what comes')
    .option('--level <level>', 'this level and worse')
    .option('-t, --task <number>', 'only lines of this task')
    .option('-n, --tail <lines>', 'only the last lines of what is there')
    .option('--exit-after <seconds>', 'stop by itself after this long (for scripts)')
    .action(async (connectors: string[], options: LogsOptions) => {
      const { logs } = await import('./commands/logs.ts')
      await logs(connectors, options)
    })

  client(program, 'top', 'what all connectors do: states, records per second, lag; again and again')
    .option('-i, --interval <seconds>', 'time between looks', '2')
    .option('-n, --count <looks>', 'stop after so many looks')
    .option('--metrics-url <url>', 'Prometheus text of a JMX exporter, for a JVM worker; may be repeated', collect)
    .action(async (options: TopOptions) => {
      const { top } = await import('./commands/top.ts')
      await top(options)
    })
}

function registerShell(program: Command): void {
  const contexts = program
    .command('context')
    .description('names for clusters, with address and credentials, in a file of yours (MILLRACE_CONTEXTS)')
    .helpGroup(GROUP)
  const load = () => import('./commands/context.ts')
  contexts
    .command('list', { isDefault: true })
    .description('what there is')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => (await load()).listContexts(options))
  client(contexts, 'set', 'store the connection options under a name; the first is used from then on')
    .argument('<context>')
    .option('--bootstrap-servers <list>', 'brokers of the cluster, for what REST cannot tell')
    .action(async (name: string, options: ConnectionOptions) => (await load()).setContext(name, options))
  contexts
    .command('use')
    .description('use one where none is named')
    .argument('<context>')
    .action(async (name: string) => (await load()).useContext(name))
  contexts
    .command('delete')
    .description('forget one')
    .argument('<context>')
    .action(async (name: string) => (await load()).deleteContext(name))

  program
    .command('completion')
    .description('print the completion script of a shell')
    .helpGroup(GROUP)
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText(
      'after',
      `
bash: source <(millrace completion bash)
zsh:  source <(millrace completion zsh)
fish: millrace completion fish | source`,
    )
    .action(async (shell: string) => {
      const { completion } = await import('./commands/completion.ts')
      completion(shell)
    })
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => {
      const { complete } = await import('./commands/completion.ts')
      await complete(program, words)
    })
}

function withWait(command: Command, until: string): Command {
  return command.option('--wait [seconds]', `wait ${until}, at most so long (60)`)
}
