// The plugins that come with the command: modules that list them, each light to import.

/** Import specifiers of modules that export `plugins`, resolved to URLs so that pool threads find them too. */
export const BUILTIN_PLUGIN_MODULES: readonly string[] = [
  '@millrace/converters',
  '@millrace/transforms',
  '@millrace/connector-file',
  '@millrace/connector-generator',
  '@millrace/connector-jdbc',
  '@millrace/connector-mysql',
  '@millrace/connector-postgres',
  '@millrace/connector-verifiable',
].map((specifier) => import.meta.resolve(specifier))
