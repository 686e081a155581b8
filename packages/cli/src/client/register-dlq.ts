// The commands about dead letter queues in the words of their help.
import type { Command } from 'commander'
import type { DlqOptions, ExportOptions, LettersOptions, StatsOptions } from './commands/dlq.ts'
import type { FixCommandOptions, ReplayOptions } from './commands/dlq-replay.ts'

/** Makes a command with the options that all client commands have. */
export type MakeCommand = (program: Command, usage: string, description: string, help?: string) => Command
/** Collects an option that may be repeated. */
export type Collect = (value: string, all: readonly string[] | undefined) => readonly string[]

const FIXES = `
A file for --with has a default export, a function of a letter: its key and value as bytes, text, json, headers, context, timestamp.
It returns what is to be different (key, value, headers, topic; anything that is neither text nor bytes becomes JSON), or null for a
letter that is to stay:
  export default ({ json }) => ({ value: { ...json, amount: Number(json.amount) } })
`

/** Adds `dlq` and what is under it. */
export function registerDlq(program: Command, client: MakeCommand, collect: Collect, group: string): void {
  const dlq = program
    .command('dlq')
    .description('look into dead letter queues, change letters, and replay them, each once')
    .helpGroup(group)
  const reading = (name: string, about: string, help?: string) =>
    client(dlq, name, about, help)
      .option('--bootstrap-servers <list>', 'brokers (else those of the context)')
      .option('--command-config <file>', 'client settings for the brokers (security), .properties')
  const letters = (name: string, about: string, help?: string) =>
    reading(name, about, help)
      .argument('<queue>', 'topic of the queue, or a connector that has one')
      .option('--connector <name>', "only of this connector; * stands for anything: 'orders-*'")
      .option('--error <class>', 'only with this class of error, full or simple name')
      .option('--stage <stage>', 'only of this stage: VALUE_CONVERTER, TRANSFORMATION, TASK_PUT ...')
      .option('--topic <topic>', 'only records of this topic')
      .option('--since <time>', 'only letters of then and later: 2026-01-31T12:00:00Z, or 30m, 12h, 7d ago')
      .option('--until <time>', 'only letters of then and before')
      .option('--at <place>', 'only this letter: partition:offset in the queue; may be repeated', collect)
      .option('--group <id>', 'where it is kept what was replayed (millrace-dlq-QUEUE)')
      .option('--limit <count>', 'at most so many letters')
  const fixing = (command: Command) =>
    command
      .option('--with <file>', 'a .ts or .js file with a function that changes letters')
      .option('--set <path=json>', "change the JSON of values: 'payload.amount=5'; may be repeated", collect)
      .option('--remove <path>', 'take a field out of the JSON of values; may be repeated', collect)
      .option('--from <file>', 'letters as export has printed them, edited; - is standard input')

  reading('queues', 'the queues of all connectors').action(async (options: DlqOptions) => {
    const { listQueues } = await import('./commands/dlq.ts')
    await listQueues(options)
  })
  letters('list', 'the newest letters of a queue')
    .option('--pending', 'only letters that have not been replayed')
    .action(async (queue: string, options: LettersOptions) => {
      const { listLetters } = await import('./commands/dlq.ts')
      await listLetters(queue, options)
    })
  reading('show', 'one letter whole: headers, key, value, trace')
    .argument('<queue>', 'topic of the queue, or a connector that has one')
    .argument('<place>', 'partition:offset in the queue, as list prints it')
    .action(async (queue: string, place: string, options: LettersOptions) => {
      const { showLetter } = await import('./commands/dlq.ts')
      await showLetter(queue, place, options)
    })
  letters('stats', 'how many letters there are of each kind')
    .option('--by <fields>', 'connector, stage, error, class, topic, message, day (connector,stage,error)')
    .option('--pending', 'only letters that have not been replayed')
    .action(async (queue: string, options: StatsOptions) => {
      const { showStats } = await import('./commands/dlq.ts')
      await showStats(queue, options)
    })
  letters('export', 'letters as JSON, one a line')
    .option('-o, --output <file>', 'a file; without it, standard output')
    .option('--pending', 'only letters that have not been replayed')
    .action(async (queue: string, options: ExportOptions) => {
      const { exportLetters } = await import('./commands/dlq.ts')
      await exportLetters(queue, options)
    })
  fixing(letters('fix', 'show what a change makes of letters; nothing is written', FIXES)).action(
    async (queue: string, options: FixCommandOptions) => {
      const { previewFix } = await import('./commands/dlq-replay.ts')
      await previewFix(queue, options)
    },
  )
  fixing(
    letters(
      'replay',
      'write letters to the topics where they came from, each once',
      `${FIXES}
Examples:
  millrace dlq replay orders-dead --dry-run
  millrace dlq replay orders-dead --error DataException --with fix.ts --limit 1
  millrace dlq replay orders-dead --to orders-retry
`,
    ),
  )
    .option('--to <topic>', 'write to this topic instead')
    .option('--again', 'also letters that have been replayed before')
    .option('--dry-run', 'only tell what would be written')
    .action(async (queue: string, options: ReplayOptions) => {
      const { replay } = await import('./commands/dlq-replay.ts')
      await replay(queue, options)
    })
}
