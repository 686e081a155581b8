// Writes docs/errors.md from the error classes: code and class from the classes themselves, when from their comments.
// `node scripts/error-docs.ts` writes; with `--check` it compares, and fails when the page is out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConnectException } from '@millrace/api'
import { errorCodeInfo } from '../packages/kafka/src/protocol/error-codes.ts'

const PAGE = 'docs/errors.md'
const SOURCES = [
  'packages/api/src/errors.ts',
  'packages/runtime/src/control/errors.ts',
  'packages/runtime/src/rest/http-error.ts',
  'packages/kafka/src/errors.ts',
  'packages/kafka/src/records/errors.ts',
]
const CLASS = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport class (\w+) extends/g
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
}

const cell = (text: string) =>
  text
    .replace(/\s*\n\s*\*\s?/g, ' ')
    .replaceAll('|', '\\|')
    .trim()

async function classRows(): Promise<string[]> {
  const rows: string[] = []
  const left = new Set(Object.keys(ACTIONS))
  for (const source of SOURCES) {
    const module = (await import(pathToFileURL(resolve(source)).href)) as Record<string, typeof ConnectException>
    for (const [, comment, name] of readFileSync(source, 'utf8').matchAll(CLASS)) {
      const type = module[name as string]
      if (type?.className === undefined) continue
      const action = ACTIONS[name as string]
      if (action === undefined)
        throw new Error(`scripts/error-docs.ts does not say what to do about ${name} of ${source}`)
      left.delete(name as string)
      rows.push(`| \`${codeOf(type.className)}\` | \`${type.className}\` | ${cell(comment as string)} | ${action} |`)
    }
  }
  if (left.size > 0)
    throw new Error(`scripts/error-docs.ts speaks of classes that are not there: ${[...left].join(', ')}`)
  return rows
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

| code | class | when | what to do |
|---|---|---|---|
${(await classRows()).join('\n')}

## Exit codes of the command

| | |
|---|---|
| 0 | done, or stopped on request |
| 1 | wrong usage: unknown command or option, missing argument |
| 2 | could not start: unreadable or invalid configuration, port in use, no such plugin |
| 3 | failed later, or no Node.js that is new enough |
| 4 | \`validate\` found errors; \`quickstart --once\` found records missing |

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
