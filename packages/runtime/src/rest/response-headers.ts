// `response.http.headers.config`: headers that every answer of the main listeners gets.
import type { ServerResponse } from 'node:http'
import { ConfigException } from '@millrace/api'

const KEY = 'response.http.headers.config'
const ACTIONS = ['set', 'add', 'setDate', 'addDate'] as const

/** One rule: `[action] name: value`. */
export interface HeaderRule {
  readonly action: (typeof ACTIONS)[number]
  readonly name: string
  readonly value: string
}

/** Parses rules; a rule with a comma in it stands in double quotes. @throws ConfigException */
export function parseHeaderRules(text: string): HeaderRule[] {
  return splitQuoted(text).map(parseRule)
}

/** Adds the headers. A date rule's value is an offset from now in milliseconds. */
export function applyHeaderRules(rules: readonly HeaderRule[], response: ServerResponse): void {
  for (const { action, name, value } of rules) {
    const text = action.endsWith('Date') ? new Date(Date.now() + Number(value)).toUTCString() : value
    if (action.startsWith('add')) response.appendHeader(name, text)
    else response.setHeader(name, text)
  }
}

function parseRule(text: string): HeaderRule {
  const match = /^\s*(\S+)\s+([^:]+?)\s*:\s*(.*?)\s*$/.exec(text)
  const action = ACTIONS.find((one) => one === match?.[1])
  if (match === null || action === undefined) {
    throw ConfigException.invalidValue(
      KEY,
      text,
      `Invalid header config: it must be one of ${ACTIONS.join(', ')}, then a header name, a colon and a value`,
    )
  }
  const [, , name = '', value = ''] = match
  if (action.endsWith('Date') && !/^-?\d+$/.test(value)) {
    throw ConfigException.invalidValue(KEY, text, 'A date rule needs a number of milliseconds')
  }
  return { action, name, value }
}

function splitQuoted(text: string): string[] {
  const parts = text.match(/"[^"]*"|[^,"]+/g) ?? []
  return parts.map((part) => part.trim().replace(/^"|"$/g, '')).filter((part) => part.trim() !== '')
}
