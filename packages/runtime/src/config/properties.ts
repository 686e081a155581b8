// Java .properties files.
import { readFile } from 'node:fs/promises'
import { ConnectException, errorMessage } from '@millrace/api'
import { getProperties } from 'properties-file'

/** Parses the text of a .properties file: escapes, continued lines, `=`, `:` or blank as separators, the last of equal keys wins. */
export function parseProperties(text: string): Record<string, string> {
  return { ...getProperties(text) }
}

/**
 * Text of a properties file. The format is ISO-8859-1 by definition, yet most files of today are UTF-8: what is valid
 * UTF-8 is read as such, all else as ISO-8859-1.
 */
export function decodeProperties(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

/** Reads a file. @param what what it is to the user, for the message: `worker configuration` @throws ConnectException */
export async function readTextFile(path: string, what: string): Promise<string> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    throw new ConnectException(`Cannot read the ${what} ${path}: ${reason(error)}`, { cause: error })
  }
  return decodeProperties(bytes)
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'there is no such file.'
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied.'
  if (code === 'EISDIR') return 'it is a folder, not a file.'
  return errorMessage(error)
}
