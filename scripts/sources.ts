// The TypeScript sources of the workspaces, and which package each belongs to.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A workspace package: its folder and name. */
export interface Workspace {
  readonly folder: string
  readonly name: string
}

/** All workspace packages. */
export function workspaces(): Workspace[] {
  return globSync(['packages/*/package.json', 'packages/connectors/*/package.json', 'packages/kits/*/package.json'])
    .map((file) => ({ folder: dirname(file), name: (JSON.parse(readFileSync(file, 'utf8')) as { name: string }).name }))
    .sort((a, b) => (a.folder < b.folder ? -1 : 1))
}

/** TypeScript files of a package, tests included. */
export function sourcesOf(workspace: Workspace): string[] {
  return globSync(join(workspace.folder, '**/*.ts'), { exclude: ['**/node_modules/**', '**/dist/**'] }).sort()
}

/** True for files that are not part of what users run. */
export function isTest(file: string): boolean {
  return file.endsWith('.test.ts') || /\/(test|testing|bench|golden)\//.test(file)
}
