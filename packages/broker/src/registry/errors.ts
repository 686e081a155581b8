// Errors of the registry protocol: HTTP status, error code and message, as the reference gives them.
// Source: https://docs.confluent.io/platform/current/schema-registry/develop/api.html (errors)

/** An answer that is an error. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly status: number
  /** Five digits that begin with the status, or the status itself. */
  readonly code: number

  constructor(status: number, code: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.status = status
    this.code = code
  }
}

const notFound = (code: number, message: string) => new RegistryError(404, code, message)
const refused = (code: number, message: string) => new RegistryError(422, code, message)

export const errors = {
  subjectNotFound: (subject: string) => notFound(40401, `Subject '${subject}' not found.`),
  versionNotFound: (version: number) => notFound(40402, `Version ${version} not found.`),
  schemaNotFound: (id?: number | string) =>
    notFound(40403, id === undefined ? 'Schema not found' : `Schema ${id} not found`),
  subjectSoftDeleted: (subject: string) =>
    notFound(40404, `Subject '${subject}' was soft deleted.Set permanent=true to delete permanently`),
  subjectNotSoftDeleted: (subject: string) =>
    notFound(40405, `Subject '${subject}' was not deleted first before being permanently deleted`),
  versionSoftDeleted: (subject: string, version: number) =>
    notFound(
      40406,
      `Subject '${subject}' Version ${version} was soft deleted.Set permanent=true to delete permanently`,
    ),
  versionNotSoftDeleted: (subject: string, version: number) =>
    notFound(40407, `Subject '${subject}' Version ${version} was not deleted first before being permanently deleted`),
  configNotSet: (subject: string) =>
    notFound(40408, `Subject '${subject}' does not have subject-level compatibility configured`),
  modeNotSet: (subject: string) => notFound(40409, `Subject '${subject}' does not have subject-level mode configured`),
  incompatible: (subject: string, details: readonly string[]) =>
    new RegistryError(
      409,
      40901,
      `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${details.join(', ')}]`,
    ),
  invalidSchema: (message: string, options?: ErrorOptions) => new RegistryError(422, 42201, message, options),
  invalidVersion: (version: string) =>
    refused(
      42202,
      `The specified version '${version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
    ),
  invalidLevel: () =>
    refused(
      42203,
      'Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive',
    ),
  invalidMode: (message = 'Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD.') =>
    refused(42204, message),
  notPermitted: (message: string) => refused(42205, message),
  referenceExists: (subject: string, version: number) =>
    refused(
      42206,
      `One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=${subject},version=${version}}.`,
    ),
  invalidSubject: (subject: string) => refused(42208, `The specified subject '${subject}' is not a valid.`),
  schemaTooLarge: () => refused(42209, 'Register operation failed because schema is too large'),
  contextNotEmpty: (context: string) => refused(42211, `The specified context '${context}' is not empty.`),
  invalidRuleSet: (message: string) => refused(42210, message),
  store: (message: string, cause?: unknown) => new RegistryError(500, 50001, message, { cause }),
  timeout: (message: string) => new RegistryError(500, 50002, message),
  forwarding: (message: string, cause?: unknown) => new RegistryError(500, 50003, message, { cause }),
  unknownLeader: () => new RegistryError(500, 50004, 'Leader not known.'),
}
