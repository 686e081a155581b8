// The files that every schema may import without naming a reference. Their texts are parsed when one is asked for.
import type { ProtoFile } from '../model.ts'
import { parseProtoText } from '../parse.ts'
import { CONFLUENT } from './confluent.ts'
import { DESCRIPTOR } from './descriptor.ts'
import { GOOGLE_PROTOBUF } from './google-protobuf.ts'
import { GOOGLE_TYPE } from './google-type.ts'

const TEXTS: ReadonlyMap<string, string> = new Map(
  [GOOGLE_PROTOBUF, DESCRIPTOR, GOOGLE_TYPE, CONFLUENT].flatMap((texts) => Object.entries(texts)),
)
const parsed = new Map<string, ProtoFile>()

/** The paths of all well-known files. */
export const WELL_KNOWN_PATHS: readonly string[] = [...TEXTS.keys()]

/** A well-known file, by the path it is imported with. */
export function wellKnownFile(path: string): ProtoFile | undefined {
  const known = parsed.get(path)
  if (known !== undefined) return known
  const text = TEXTS.get(path)
  if (text === undefined) return undefined
  const file = parseProtoText(text)
  parsed.set(path, file)
  return file
}
