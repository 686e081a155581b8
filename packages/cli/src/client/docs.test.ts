// Runs every example of docs/client.md, in order, against one worker: what the page shows is what is printed.
// In the page `…` stands for anything within a line, a line of `...` for any lines, `[exit code N]` for how the command ended.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { after, before, it } from 'node:test'
import { until } from '@millrace/testkit'
import { inProcess } from './testing/in-process.ts'
import { type ClientWorld, startWorld } from './testing/worker.ts'

interface Example {
  readonly command: string
  readonly wanted: string
  readonly code: number
}

const PAGE = readFileSync(new URL('../../../../docs/client.md', import.meta.url), 'utf8')
/** Commands that only look may be asked again until the work behind them is done. */
const LOOKS = /^millrace (get|describe|top|logs|plan|diff)\b|^millrace (offsets get|dlq (queues|stats|list))|--dry-run/

let world: ClientWorld
const home = process.cwd()
before(async () => {
  world = await startWorld()
  process.chdir(world.folder.path)
})
after(async () => {
  process.chdir(home)
  await world[Symbol.asyncDispose]()
})

it('prints what the page shows', async () => {
  let examples = 0
  for (const { language, file, text } of blocks(PAGE)) {
    if (file !== undefined) await writeFile(world.folder.file(file), text)
    if (language !== 'console') continue
    for (const example of examplesOf(text)) {
      await check(example)
      examples++
    }
  }
  assert.ok(examples > 30, `only ${examples} examples were found`)
})

async function check({ command, wanted, code }: Example): Promise<void> {
  const pattern = patternOf(wanted)
  const env = {
    MILLRACE_CONTEXTS: world.folder.file('contexts.json'),
    MILLRACE_HISTORY: world.folder.file('history.jsonl'),
  }
  let printed = ''
  const runs = async () => {
    const args = command.replaceAll('http://localhost:8083', world.url).replaceAll('localhost:9092', world.bootstrap)
    const outcome = await inProcess(args.split(' ').slice(1), env)
    // Columns are as wide as their widest cell, which may be an address.
    printed = normal(
      (outcome.out + outcome.err)
        .replaceAll(world.url, 'http://localhost:8083')
        .replaceAll(world.bootstrap, 'localhost:9092'),
    )
    return outcome.code === code && pattern.test(printed)
  }
  if (!LOOKS.test(command))
    return assert.ok(await runs(), `${command}\nprinted:\n${printed}\nwanted:\n${normal(wanted)}`)
  await until(command, runs, { timeoutMs: 15_000, everyMs: 100 }).catch(() => {
    assert.fail(`${command}\nprinted:\n${printed}\nwanted:\n${normal(wanted)}`)
  })
}

function* blocks(
  page: string,
): Generator<{ readonly language: string; readonly file: string | undefined; readonly text: string }> {
  for (const [, language, file, text] of page.matchAll(/^```(\w+)(?: file=(\S+))?\n([\s\S]*?)^```$/gm)) {
    yield { language: language!, file, text: text! }
  }
}

function examplesOf(text: string): Example[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command, ...lines] = part.trimEnd().split('\n') as [string, ...string[]]
      const ending = /^\[exit code (\d)\]$/.exec(lines.at(-1) ?? '')
      return {
        command,
        wanted: (ending === null ? lines : lines.slice(0, -1)).join('\n'),
        code: Number(ending?.[1] ?? 0),
      }
    })
}

function patternOf(wanted: string): RegExp {
  const lines = normal(wanted)
    .split('\n')
    .map((line) => (line.trim() === '...' ? '[\\s\\S]*' : line.split('…').map(escaped).join('.*')))
  return new RegExp(`^${lines.join('\n')}$`)
}

function normal(text: string): string {
  return text
    .trimEnd()
    .replace(/(?<=\S) +/g, ' ')
    .replace(/ +$/gm, '')
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
