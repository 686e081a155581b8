// Files and folders of connectors: JSON, YAML of several documents, properties.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { errorMessage } from '@millrace/api'
import { ExitCode } from '../../exit-codes.ts'
import { ClientError } from '../client-error.ts'
import { parseExact } from '../exact-json.ts'
import { type ConnectorDocument, documentsOf } from './document.ts'

const KNOWN = new Set(['.json', '.yaml', '.yml', '.properties'])

/**
 * All connectors of the files, in the order of the arguments and, in a folder, of the names. `-` is standard input.
 * @throws ClientError for a file that cannot be read or makes no sense, and for a connector that is described twice
 */
export async function loadDocuments(
  paths: readonly string[],
  options: { readonly recursive?: boolean } = {},
): Promise<ConnectorDocument[]> {
  const files = paths.flatMap((path) => (path === '-' ? ['-'] : filesOf(path, options.recursive === true)))
  const documents: ConnectorDocument[] = []
  for (const file of files) documents.push(...(await documentsOfFile(file)))
  const first = new Map<string, ConnectorDocument>()
  for (const one of documents) {
    const other = first.get(one.name)
    if (other !== undefined)
      throw failure(`Connector ${one.name} is described twice: in ${other.source} and in ${one.source}.`)
    first.set(one.name, one)
  }
  if (documents.length === 0) throw failure(`There is no connector in ${paths.join(', ')}.`)
  return documents
}

function filesOf(path: string, recursive: boolean): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path]
    return readdirSync(path, { recursive, withFileTypes: true })
      .filter((entry) => entry.isFile() && KNOWN.has(extname(entry.name).toLowerCase()))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
  } catch (error) {
    throw unreadable(path, error)
  }
}

async function documentsOfFile(file: string): Promise<ConnectorDocument[]> {
  let text: string
  try {
    text = decode(readFileSync(file === '-' ? 0 : file))
  } catch (error) {
    throw unreadable(file, error)
  }
  const source = file === '-' ? 'standard input' : file
  const kind = file === '-' ? '' : extname(file).toLowerCase()
  if (kind === '.json' || (kind === '' && /^\s*[{[]/.test(text))) return documentsOf(parseJson(text, source), source)
  if (kind === '.yaml' || kind === '.yml' || kind === '') {
    const { parseYaml } = await import('./yaml.ts')
    const all = parseYaml(text, source)
    return all.flatMap((one, at) => documentsOf(one, all.length === 1 ? source : `${source}, document ${at + 1}`))
  }
  if (kind === '.properties') {
    const { getProperties } = await import('properties-file')
    return documentsOf({ ...getProperties(text) }, source)
  }
  throw failure(`${source} is no file of connectors: it may be .json, .yaml, .yml or .properties.`)
}

function parseJson(text: string, source: string): unknown {
  try {
    return parseExact(text)
  } catch (error) {
    throw failure(`${source} is not valid JSON: ${errorMessage(error)}`, error)
  }
}

/** UTF-8, or else ISO-8859-1, which properties files were once written in. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

function unreadable(path: string, error: unknown): ClientError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const why = code === 'ENOENT' ? 'there is no such file' : errorMessage(error)
  return failure(`Cannot read ${path}: ${why}.`, error)
}

function failure(message: string, cause?: unknown): ClientError {
  return new ClientError(ExitCode.START, message, cause === undefined ? {} : { cause })
}
