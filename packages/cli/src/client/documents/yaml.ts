// YAML whose scalars stay as they were written: `1.0`, `010` and `yes` are what a worker is to get.
import { parseAllDocuments } from 'yaml'
import { ExitCode } from '../../exit-codes.ts'
import { ClientError } from '../client-error.ts'

/**
 * Parses all documents of a text; empty ones are left out. All scalars are texts but for null.
 * @throws ClientError with the line
 */
export function parseYaml(text: string, source: string): unknown[] {
  const options = { schema: 'failsafe', customTags: ['null', 'merge'], merge: true, prettyErrors: true } as const
  const documents = parseAllDocuments(text, { ...options, customTags: [...options.customTags] })
  if (!Array.isArray(documents)) return []
  return documents.flatMap((document) => {
    const [error] = document.errors
    if (error !== undefined) {
      const where = error.linePos === undefined ? '' : `, line ${error.linePos[0].line}`
      throw new ClientError(ExitCode.START, `${source}${where} is not valid YAML: ${error.message.split('\n')[0]}`)
    }
    const value: unknown = document.toJS()
    return value === null || value === undefined || value === '' ? [] : [value]
  })
}
