// Writes docs/errors.md from the error classes: code and class from the classes themselves, when from their comments.
// `node scripts/error-docs.ts` writes; with `--check` it compares, and fails when the page is out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { ConnectException } from '@millrace/api'
import { errorCodeInfo } from '../packages/kafka/src/protocol/error-codes.ts'
import { isTest, sourcesOf, workspaces } from './sources.ts'

const PAGE = 'docs/errors.md'
/** Where the reader begins; all other sources follow by their names. */
const FIRST = [
  'packages/api/src/errors.ts',
  'packages/runtime/src/control/errors.ts',
  'packages/runtime/src/rest/http-error.ts',
  'packages/kafka/src/errors.ts',
  'packages/kafka/src/records/errors.ts',
]
/** An error class with the comment before it, and the name that it has in traces. */
const CLASS =
  /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?(?:export )?class (\w*(?:Exception|Error)) extends \w+ \{\s+static (?:override )?readonly className(?:: string)? =\s+(?:'([^']+)'|`\$\{PREFIX\}([^`]+)`)/g
const HIGHEST_BROKER_CODE = 200

/** What a user can do. Every class needs an entry, and every entry a class. */
const ACTIONS: Readonly<Record<string, string>> = {
  ConnectException: 'Read the message and its causes; mend what it names, then restart the task.',
  DataException:
    'Check the converter against the bytes in the topic. To go on without such records: `errors.tolerance=all`, with a dead letter queue.',
  SchemaBuilderException: 'A fault of the connector or converter that built the schema: report it to its author.',
  SchemaProjectorException:
    'Check the schema changes of the data: a field without a default was added, or a type changed.',
  RetriableException:
    'Nothing at first. When it lasts: `errors.retry.timeout` says how long is tried, the message what is missing.',
  NotFoundException: 'Check the name; `GET /connectors` and `GET /connector-plugins` list what is there.',
  AlreadyExistsException: 'Choose another name, or change the one that is there with `PUT /connectors/{name}/config`.',
  IllegalWorkerStateException: 'Ask again when the worker or task has got there.',
  TooManyTasksException: 'Raise `tasks.max`, or mend the connector. `tasks.max.enforce=false` lets it pass for now.',
  ConfigException: 'Mend the key that the message names; `millrace validate` checks the file without starting it.',
  UnsupportedOperationException: 'Use another plugin, or do without the feature.',
  RestException: 'The answer says what of the request cannot be done.',
  BadRequestException: 'Mend the request: the answer names what does not fit.',
  RequestTargetException: 'Nothing: workers forward such requests. A 409 tells that the group is changing: ask again.',
  NotLeaderException: 'Nothing: the request is forwarded to the leader.',
  NotAssignedException: 'Nothing: the request is forwarded to the worker that runs the connector or task.',
  RebalanceNeededException: 'Ask again in a moment, when the group has met.',
  HttpError: 'Check path, method and body against the REST API of Kafka Connect.',
  KafkaException: 'Look up the name of the broker’s error below; check broker, addresses and credentials.',
  CorruptRecordException:
    'Check the disks of the brokers. If no replica has the batch whole, seek past it: its records are lost.',
  UnsupportedCompressionTypeException:
    'Install what the message names, or write the topic with another `compression.type`.',
  UnsupportedForMessageFormatException: 'Let Kafka 3 rewrite the topic in message format 2.',
  PrivilegedWriteException: 'Nothing: the worker joins its group again and finds out who leads.',
  IllegalStateException: 'Mend the connector or the data that the message names.',
  IllegalArgumentException: 'Mend the setting of the transformation that the message names, or the data.',
  IndexOutOfBoundsException: 'Mend the regular expression or the replacement of the transformation.',
  NullPointerException: 'Look at the record: what the transformation needs is not in it. A predicate can pass it by.',
  DebeziumException: 'Mend the setting of the transformation, or the record that the message names.',
  ClassCastException: 'Look at the record: a field has another type than the transformation expects.',
  DateTimeParseException: 'Look at the record: the text is no time of the format that is set.',
  NumberFormatException: 'Look at the record: the text is no number.',
  RegistryException: 'Check address and credentials of the schema registry; the message has its answer.',
}

const cell = (text: string) =>
  text
    .replace(/\s*\n\s*\*\s?/g, ' ')
    .replaceAll('|', '\\|')
    .trim()

/** One row for each class of error, wherever in the packages it is: one that stands in two places is told once. */
function classRows(): string[] {
  const rows = new Map<string, string>()
  const codes = new Map<string, string>()
  const left = new Set(Object.keys(ACTIONS))
  const others = workspaces()
    .flatMap((one) => [...sourcesOf(one)])
    .filter((file) => !isTest(file) && !FIRST.includes(file))
    .sort()
  for (const source of [...FIRST, ...others]) {
    for (const [, comment, name, whole, rest] of readFileSync(source, 'utf8').matchAll(CLASS)) {
      const className = whole ?? `org.apache.kafka.${rest}`
      const action = ACTIONS[name as string]
      if (action === undefined)
        throw new Error(`scripts/error-docs.ts does not say what to do about ${name} of ${source}`)
      if (comment === undefined) throw new Error(`${name} of ${source} does not say when it is raised`)
      left.delete(name as string)
      if (rows.has(className)) continue
      const code = codeOf(className)
      const other = codes.get(code)
      if (other !== undefined) throw new Error(`${className} and ${other} have one code, ${code}`)
      codes.set(code, className)
      rows.set(className, `| \`${code}\` | \`${className}\` | ${cell(comment)} | ${action} |`)
    }
  }
  if (left.size > 0)
    throw new Error(`scripts/error-docs.ts speaks of classes that are not there: ${[...left].join(', ')}`)
  return [
    ...rows.values(),
    '| `MILLRACE_UNEXPECTED` | any other | An error that nobody raised on purpose. | A fault of a plugin or of the framework: report it, with its trace. |',
  ]
}

/** As an error of that class name gets it. */
function codeOf(className: string): string {
  class Sample extends ConnectException {
    static override readonly className = className
  }
  return new Sample('').code
}

function brokerRows(): string[] {
  const rows: string[] = []
  for (let code = -1; code <= HIGHEST_BROKER_CODE; code++) {
    const { name, exception, retriable } = errorCodeInfo(code)
    if (code === 0 || name.startsWith('UNKNOWN_ERROR_CODE')) continue
    rows.push(`| ${code} | ${name} | ${exception} | ${retriable ? 'yes' : 'no'} |`)
  }
  return rows
}

const page = `<!-- Written by scripts/error-docs.ts: change that, or the comments of the classes. -->
# Errors

Every error that the framework raises on purpose has a class with the name that Apache Kafka gives it, which appears in traces
and in the headers of dead letter queues, and a stable code, \`error.code\`. The command prints the message alone;
\`MILLRACE_TRACE=1\` adds the trace.

Where several errors are one another's causes, the code is that of the first that says more than \`MILLRACE_CONNECT\`: a task that
fails with "Tolerance exceeded in error handler" because of a DataException has \`MILLRACE_DATA\`. It is

- in the log: \`error.code\` of JSON lines, in parentheses at the end of readable ones unless it is \`MILLRACE_UNEXPECTED\`;
- in the state of a connector or task that failed: the last line behind the trace, \`Code: MILLRACE_DATA\`;
- in the header \`millrace-error-code\` of REST answers that are errors, also when another worker gave them. The bodies are the reference's.

| code | class | when | what to do |
|---|---|---|---|
${classRows().join('\n')}

## Exit codes of the command

| | |
|---|---|
| 0 | done, or stopped on request |
| 1 | wrong usage: unknown command or option, missing argument |
| 2 | could not start: unreadable or invalid configuration, port in use, no such plugin |
| 3 | failed later, or no Node.js that is new enough |
| 4 | \`validate\` found errors; \`quickstart --once\` found records missing; findings of a client command |
| 5, 6, 7 | of client commands: no answer, refused, not found ([client](client.md#for-scripts)) |

## Errors that brokers send

As \`KafkaException\` with \`errorCode\`, under the class name \`org.apache.kafka.common.errors.\` and the exception here. Those that can be
retried are, within the time limits of the client (\`delivery.timeout.ms\`, \`default.api.timeout.ms\`), before anyone sees them.

| code | name | exception | retried |
|---|---|---|---|
${brokerRows().join('\n')}
`
const current = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : ''
if (!process.argv.includes('--check')) writeFileSync(PAGE, page)
else if (current !== page) {
  console.error(`${PAGE}: run node scripts/error-docs.ts, it is out of date`)
  process.exitCode = 1
}
