// Every API this broker answers.
import { apiVersionsRoute } from './handlers/api-versions.ts'
import { configRoutes } from './handlers/configs.ts'
import { fetchRoutes } from './handlers/fetch.ts'
import { groupAdminRoutes } from './handlers/group-admin.ts'
import { groupOffsetRoutes } from './handlers/group-offsets.ts'
import { groupRoutes } from './handlers/groups.ts'
import { inspectionRoutes } from './handlers/inspection.ts'
import { metadataRoutes } from './handlers/metadata.ts'
import { offsetRoutes } from './handlers/offsets.ts'
import { produceRoutes } from './handlers/produce.ts'
import { topicRoutes } from './handlers/topics.ts'
import { transactionRoutes } from './handlers/transactions.ts'
import type { Route } from './route.ts'

/** Routes by API key. */
export function allRoutes(): ReadonlyMap<number, Route> {
  const routes = new Map<number, Route>()
  const groups = [
    produceRoutes,
    fetchRoutes,
    offsetRoutes,
    metadataRoutes,
    topicRoutes,
    configRoutes,
    groupRoutes,
    groupOffsetRoutes,
    groupAdminRoutes,
    transactionRoutes,
    inspectionRoutes,
  ]
  for (const r of groups.flat()) routes.set(r.key, r)
  const versions = apiVersionsRoute(routes)
  routes.set(versions.key, versions)
  return routes
}
