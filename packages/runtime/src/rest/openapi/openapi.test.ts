// The table of operations against the routes of a worker: none without a description, no description without a route.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectorRoutes } from '../connector-routes.ts'
import { adminRoutes, openApiRoute, workerRoutes } from '../worker-routes.ts'
import { openApiDocument, pathTemplate } from './document.ts'
import { OPERATIONS } from './operations.ts'

// Handlers are not called here.
const never = undefined as never
const routes = [
  openApiRoute(() => []),
  ...workerRoutes(never, never),
  ...connectorRoutes(never, { enabled: true, resettable: true }),
  ...adminRoutes(never, never),
]

test('routes and operations are the same', () => {
  const served = routes.map(({ method, path }) => `${method} ${path}`).sort()
  assert.deepEqual(Object.keys(OPERATIONS).sort(), served)
})

test('every parameter of a path is described, and a route of an extension is named', () => {
  const extension = { method: 'GET', path: '/extra/:thing', handler: () => ({ status: 200 }) }
  const { paths } = openApiDocument([...routes, extension])
  for (const [path, item] of Object.entries(paths)) {
    const wanted = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
    for (const operation of Object.values(item) as { parameters?: { name: string; in: string }[] }[]) {
      const named = (operation.parameters ?? []).filter((one) => one.in === 'path').map((one) => one.name)
      assert.deepEqual(named, wanted, path)
    }
  }
  assert.deepEqual(paths[pathTemplate('/extra/:thing')]?.get, {
    summary: 'GET /extra/:thing, of a REST extension',
    responses: { default: { description: 'As it says' } },
    parameters: [{ name: 'thing', in: 'path', required: true, schema: { type: 'string' } }],
  })
})
