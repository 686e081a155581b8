// millrace completion: scripts for shells, and what they ask while somebody types.
import type { Argument, Command, Option } from 'commander'
import { usage } from '../client-error.ts'
import { ConnectApi } from '../connect-api.ts'
import { readContexts } from '../contexts.ts'
import { HttpClient } from '../http.ts'
import { settingsOf } from '../settings.ts'
import { RESOURCE_NAMES } from './get.ts'

/** Nobody waits longer for a key press. */
const PATIENCE_SECONDS = '1'
/** Tells the shell to complete the name of a file. */
const FILES = ':files'

const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_millrace() {
  local cur=\${COMP_WORDS[COMP_CWORD]} out
  # Bash breaks words at colons and equals signs; the command is given them as it will see them.
  out=$(millrace complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [ "$out" = "${FILES}" ]; then
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$cur"))
  else
    local IFS=$'\\n'
    COMPREPLY=($(compgen -W "$out" -- "$cur"))
  fi
}
complete -F _millrace millrace
`,
  zsh: `#compdef millrace
_millrace() {
  local out
  out=$(millrace complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if [[ "$out" == "${FILES}" ]]; then
    _files
  else
    compadd -- \${(f)out}
  fi
}
if [ "$funcstack[1]" = "_millrace" ]; then _millrace "$@"; else compdef _millrace millrace; fi
`,
  fish: `function __millrace_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l out (millrace complete -- $words[2..-1] 2>/dev/null)
  if test "$out" = "${FILES}"
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $out
  end
end
complete -c millrace -f -a '(__millrace_complete)'
`,
}

/** Prints the script of a shell. */
export function completion(shell: string): void {
  const script = SCRIPTS[shell]
  if (script === undefined)
    throw usage(`There is no completion for '${shell}'; there is for ${Object.keys(SCRIPTS).join(', ')}.`)
  console.log(script.trimEnd())
}

/** Prints what may come next, a line each. `words` are all words after `millrace`; the last is being typed, and may be empty. */
export async function complete(program: Command, words: readonly string[]): Promise<void> {
  const typed = words.at(-1) ?? ''
  // Nothing is offered where nobody can be asked: an error has no place in somebody's prompt.
  const candidates = await candidatesFor(program, words.slice(0, -1), typed).catch(() => [])
  console.log(candidates.filter((one) => one === FILES || one.startsWith(typed)).join('\n'))
}

async function candidatesFor(program: Command, before: readonly string[], typed: string): Promise<readonly string[]> {
  let command = program
  let given = 0
  const options: Record<string, string> = {}
  for (let at = 0; at < before.length; at++) {
    const word = before[at]!
    const option = optionOf(command, word)
    if (option !== undefined) {
      if (!takesValue(option, word)) continue
      // The value of the option before is being typed.
      if (at === before.length - 1) return valuesOf(option)
      options[option.attributeName()] = before[++at]!
      continue
    }
    const sub = command.commands.find((one) => one.name() === word)
    if (given === 0 && sub !== undefined) command = sub
    else given++
  }
  if (typed.startsWith('-')) return command.options.flatMap((one) => (one.long == null ? [] : [one.long]))
  if (command.commands.length > 0)
    return command.commands.map((one) => one.name()).filter((name) => name !== 'complete')
  const all = command.registeredArguments
  const last = all.at(-1)
  const argument = all[given] ?? (last?.variadic === true ? last : undefined)
  return argument === undefined ? [] : argumentValues(argument, command, options)
}

function optionOf(command: Command, word: string): Option | undefined {
  return word.startsWith('-') ? command.options.find((one) => one.long === word || one.short === word) : undefined
}

function takesValue(option: Option, word: string): boolean {
  return (option.required || option.optional) && !word.includes('=')
}

function valuesOf(option: Option): readonly string[] {
  if (option.long === '--context') return Object.keys(readContexts().contexts)
  return /<(file|path|folder)>/.test(option.flags) ? [FILES] : []
}

async function argumentValues(
  argument: Argument,
  command: Command,
  options: Record<string, string>,
): Promise<readonly string[]> {
  const name = argument.name()
  if (name === 'what') return RESOURCE_NAMES
  if (name === 'shell') return Object.keys(SCRIPTS)
  if (name === 'context') return Object.keys(readContexts().contexts)
  const isClient = command.options.some((one) => one.long === '--url')
  if (!isClient) return [FILES]
  const api = new ConnectApi(new HttpClient(settingsOf({ ...options, timeout: PATIENCE_SECONDS })))
  return (await api.names()).sort()
}
