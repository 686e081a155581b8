// The OpenAPI 3.1 document, made of the routes that a worker serves and of what is known of each.
import type { Route } from '../router.ts'
import { COMPATIBLE_VERSION } from '../version.ts'
import { OPERATIONS, type OperationDoc } from './operations.ts'
import { SCHEMAS, type Schema } from './schemas.ts'

const JSON_TYPE = 'application/json'
/** What every call may answer with: no such path or method, a body of another type, a failure. */
const EVERYWHERE = [500]
const REASONS: Readonly<Record<number, string>> = {
  200: 'Done',
  201: 'Created',
  202: 'Accepted: it is done soon after',
  204: 'Done',
  400: 'The request does not fit',
  403: 'Not allowed',
  404: 'There is no such thing',
  409: 'It exists already, or the group is rebalancing: then the same request may succeed a moment later',
  500: 'It failed; also a body that is no JSON or not of the right shape',
  503: 'The worker is still starting',
}

/** An OpenAPI document. */
export type OpenApiDocument = Readonly<Record<string, unknown>> & {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** Describes routes. One that the table does not know, of a REST extension, is named and no more. */
export function openApiDocument(routes: readonly Route[]): OpenApiDocument {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const { method, path } of routes) {
    const operation = OPERATIONS[`${method} ${path}`]
    const item = (paths[pathTemplate(path)] ??= {})
    item[method.toLowerCase()] = {
      ...(operation === undefined ? extension(method, path) : describe(operation)),
      ...(path.includes('/:') && { parameters: [...pathParameters(path), ...queryParameters(operation)] }),
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Kafka Connect REST API',
      version: COMPATIBLE_VERSION,
      description: `The REST API of Apache Kafka Connect ${COMPATIBLE_VERSION} as Millrace serves it.`,
      license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: { schemas: SCHEMAS },
  }
}

/** `/connectors/:name` as OpenAPI writes it. */
export function pathTemplate(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}')
}

function describe(operation: OperationDoc): Record<string, unknown> {
  const { id, tag, summary, body, contentType } = operation
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(operation.query !== undefined && { parameters: queryParameters(operation) }),
    ...(body !== undefined && { requestBody: { required: true, content: { [JSON_TYPE]: { schema: body } } } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.answers).map(([status, schema]) => [
          status,
          response(Number(status), schema, contentType),
        ]),
      ),
      ...errorResponses(operation),
    },
  }
}

function errorResponses({ answers, errors = [] }: OperationDoc): Record<string, unknown> {
  const statuses = [...new Set([...errors, ...EVERYWHERE])].filter((status) => !(status in answers))
  const error: Schema = { $ref: '#/components/schemas/Error' }
  return Object.fromEntries(statuses.map((status) => [status, response(status, error)]))
}

function response(status: number, schema: Schema | null, contentType = JSON_TYPE): Record<string, unknown> {
  return {
    description: REASONS[status] ?? `Status ${status}`,
    ...(schema !== null && { content: { [contentType]: { schema } } }),
  }
}

function pathParameters(path: string): Record<string, unknown>[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'task' ? { type: 'integer', minimum: 0 } : { type: 'string' },
  }))
}

function queryParameters(operation: OperationDoc | undefined): Record<string, unknown>[] {
  return (operation?.query ?? []).map(({ name, schema, about }) => ({ name, in: 'query', description: about, schema }))
}

function extension(method: string, path: string): Record<string, unknown> {
  return { summary: `${method} ${path}, of a REST extension`, responses: { default: { description: 'As it says' } } }
}
