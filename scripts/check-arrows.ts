// Holds the import arrows of the house: a package may import only packages of lower floors, and only through their entries.
import { readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { isTest, sourcesOf, type Workspace, workspaces } from './sources.ts'

/** What each package may import, beside itself, Node and its own dependencies. Connectors share one row. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  '@millrace/api': [],
  '@millrace/kafka': ['@millrace/api'],
  '@millrace/schemas': ['@millrace/api'],
  '@millrace/transforms': ['@millrace/api'],
  '@millrace/converters': ['@millrace/api', '@millrace/schemas', '@millrace/kafka/security'],
  '@millrace/broker': ['@millrace/api', '@millrace/schemas', '@millrace/kafka/protocol', '@millrace/kafka/records'],
  '@millrace/kit-sql': ['@millrace/api'],
  '@millrace/kit-cdc': ['@millrace/api'],
  '@millrace/testkit': ['@millrace/api', '@millrace/kafka', '@millrace/broker'],
  '@millrace/runtime': ['@millrace/api', '@millrace/kafka'],
  millrace: ['@millrace/'],
}
const CONNECTOR_MAY_IMPORT = ['@millrace/api', '@millrace/kit-sql', '@millrace/kit-cdc']

/** Rooms that may import more than their package: the registry is a client of any Kafka, the broker
 * beside it is of none; schema histories and signals of CDC are topics of any Kafka, too, not of the one that the task writes to. */
const ROOM_MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'packages/broker/src/registry/': ['@millrace/kafka'],
  'packages/kits/cdc/src/kafka/': ['@millrace/kafka'],
}

const IMPORT = /(?:^|[\s;])(?:import|export)\s(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/gm

/** One line for each import that points the wrong way. */
export function checkArrows(): string[] {
  return workspaces().flatMap((workspace) => sourcesOf(workspace).flatMap((file) => checkFile(workspace, file)))
}

function checkFile(workspace: Workspace, file: string): string[] {
  const findings: string[] = []
  for (const match of readFileSync(file, 'utf8').matchAll(IMPORT)) {
    const specifier = match[1] ?? match[2] ?? ''
    const problem = specifier.startsWith('.') ? leaves(workspace, file, specifier) : climbs(workspace, file, specifier)
    if (problem !== undefined) findings.push(`${file}: ${problem}`)
  }
  return findings
}

function leaves(workspace: Workspace, file: string, specifier: string): string | undefined {
  const outside = relative(workspace.folder, resolve(dirname(file), specifier)).startsWith('..')
  return outside ? `imports ${specifier} from outside its package; import the other package by name` : undefined
}

function climbs(workspace: Workspace, file: string, specifier: string): string | undefined {
  if (!specifier.startsWith('@millrace/') || isTest(file)) return undefined
  const room = Object.keys(ROOM_MAY_IMPORT).find((one) => file.startsWith(one)) ?? ''
  const allowed = [...(MAY_IMPORT[workspace.name] ?? CONNECTOR_MAY_IMPORT), ...(ROOM_MAY_IMPORT[room] ?? [])]
  const fits = allowed.some((one) => specifier === one || specifier.startsWith(one.endsWith('/') ? one : `${one}/`))
  if (fits || specifier.startsWith(workspace.name)) return undefined
  return `${workspace.name} may not import ${specifier}; it may import ${allowed.join(', ') || 'nothing'}`
}
