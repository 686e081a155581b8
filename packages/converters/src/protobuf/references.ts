// The files that a schema imports, as schemas of their own in the registry. Only asked for with skip.known.types=false:
// what Connect schemas import are well-known files, which every registry has without being told.
import { ConfigException } from '@millrace/api'
import type { SchemaReference } from '@millrace/schemas'
import { type ProtoFile, protoSchema, wellKnownFile } from '@millrace/schemas/protobuf'
import type { SchemaRegistryClient } from '../registry/client.ts'
import type { SchemaText } from '../registry/entities.ts'

const KEY = 'reference.subject.name.strategy'
const PACKAGE = 'io.confluent.kafka.serializers.subject.'
const STRATEGIES: Readonly<Record<string, (path: string) => string>> = {
  [`${PACKAGE}DefaultReferenceSubjectNameStrategy`]: (path) => path,
  [`${PACKAGE}QualifiedReferenceSubjectNameStrategy`]: (path) => path.replaceAll('.proto', '').replaceAll('/', '.'),
}

/** What names the subject of an imported file. @throws ConfigException for a strategy that is not known */
export function referenceSubjects(className: string): (path: string) => string {
  const found = STRATEGIES[className]
  if (found !== undefined) return found
  const allowed = Object.keys(STRATEGIES).join(', ')
  throw ConfigException.invalidValue(KEY, className, `Classes of the JVM cannot be loaded here; known are ${allowed}`)
}

/** How the files that a schema imports come by their versions. */
export interface ReferenceRules {
  readonly subjectOf: (path: string) => string
  readonly register: boolean
  readonly latest: boolean
  readonly normalize: boolean
}

/** The references of a file, those of its imports found or registered first. */
export async function referencesOf(
  file: ProtoFile,
  client: SchemaRegistryClient,
  rules: ReferenceRules,
): Promise<readonly SchemaReference[]> {
  const references: SchemaReference[] = []
  for (const { path } of file.imports) {
    const imported = wellKnownFile(path)
    if (imported === undefined) continue
    const subject = rules.subjectOf(path)
    const text: SchemaText = {
      schemaType: 'PROTOBUF',
      schema: protoSchema(imported).canonicalText,
      references: await referencesOf(imported, client, rules),
    }
    references.push({ name: path, subject, version: await versionOf(subject, text, client, rules) })
  }
  return references
}

async function versionOf(
  subject: string,
  text: SchemaText,
  client: SchemaRegistryClient,
  { register, latest, normalize }: ReferenceRules,
): Promise<number> {
  if (latest && !register) return (await client.latest(subject)).version ?? 1
  const found = register ? await client.register(subject, text, { normalize }) : null
  return found?.version ?? (await client.lookup(subject, text, { normalize })).version ?? 1
}
