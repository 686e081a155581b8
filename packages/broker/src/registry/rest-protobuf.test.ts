// Protobuf schemas over the REST API: texts, references by import, what is refused.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Ask, freshRegistry } from './testing/harness.ts'

const proto = (schema: string, more: object = {}) => ({ schemaType: 'PROTOBUF', schema, ...more })
const ORDER = 'syntax = "proto3"; package shop; message Order { int32 a = 1; /* more */ string b = 2; }'
const ORDER_TEXT = 'syntax = "proto3";\npackage shop;\n\nmessage Order {\n  int32 a = 1;\n  string b = 2;\n}\n'

async function answered(ask: Ask, status: number, method: string, path: string, body?: unknown) {
  const answer = await ask(method, path, body)
  assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`)
  return answer.body
}
const message = ({ message: text }: { readonly message: string }) => text

test('schemas that say the same have one id', async (t) => {
  const { ask } = await freshRegistry(t)
  const first = await answered(ask, 200, 'POST', '/subjects/order/versions', proto(ORDER))
  assert.deepEqual([first.id, first.version, first.schemaType, first.schema], [1, 1, 'PROTOBUF', ORDER_TEXT])
  assert.equal((await answered(ask, 200, 'POST', '/subjects/order/versions', proto(`// Other\n${ORDER}`))).id, 1)
  assert.equal((await answered(ask, 200, 'POST', '/subjects/order', proto(ORDER.replace('/* more */', '')))).version, 1)
  // Only the normal form orders fields.
  const swapped = proto('syntax = "proto3"; package shop; message Order { string b = 2; int32 a = 1; }')
  await answered(ask, 404, 'POST', '/subjects/order', swapped)
  assert.equal((await answered(ask, 200, 'POST', '/subjects/order?normalize=true', swapped)).id, 1)
  assert.equal((await answered(ask, 200, 'GET', '/schemas/ids/1')).schema, ORDER_TEXT)
  assert.deepEqual(await answered(ask, 200, 'GET', '/schemas/types'), ['JSON', 'PROTOBUF', 'AVRO'])
})

test('a schema that cannot read the earlier one is refused with its reason', async (t) => {
  const { ask } = await freshRegistry(t)
  await answered(ask, 200, 'POST', '/subjects/order/versions', proto(ORDER))
  const changed = proto(ORDER.replace('int32 a', 'string a'))
  const refusal = await answered(ask, 409, 'POST', '/subjects/order/versions', changed)
  assert.match(
    message(refusal),
    /errorType:"FIELD_SCALAR_KIND_CHANGED", description:"The kind of a SCALAR field at path '#\/Order\/1' in the new schema does not match its kind in the old schema"/,
  )
  const more = proto(ORDER.replace('string b = 2;', 'string b = 2; Item c = 3; message Item {}'))
  assert.equal((await answered(ask, 200, 'POST', '/subjects/order/versions', more)).version, 2)
  const path = '/compatibility/subjects/order/versions/latest'
  assert.deepEqual(await answered(ask, 200, 'POST', path, changed), { is_compatible: false })
  assert.deepEqual(await answered(ask, 200, 'POST', path, more), { is_compatible: true })
})

test('imports are references, well-known files need none', async (t) => {
  const { ask } = await freshRegistry(t)
  await answered(ask, 200, 'POST', '/subjects/order/versions', proto(ORDER))
  const cart = `syntax = "proto3"; package cart; import "order.proto"; import "google/protobuf/timestamp.proto";
    message Cart { repeated shop.Order orders = 1; google.protobuf.Timestamp at = 2; }`
  const references = [{ name: 'order.proto', subject: 'order', version: 1 }]
  const refusal = await answered(ask, 422, 'POST', '/subjects/cart/versions', proto(cart))
  assert.match(message(refusal), /shop\.Order/)
  const registered = await answered(ask, 200, 'POST', '/subjects/cart/versions', proto(cart, { references }))
  assert.deepEqual(registered.references, references)
  assert.equal((await answered(ask, 200, 'POST', '/subjects/cart', proto(cart, { references }))).id, registered.id)
  assert.deepEqual(await answered(ask, 200, 'GET', '/subjects/order/versions/1/referencedby'), [registered.id])
})

test('clients may give and ask for serialized descriptors', async (t) => {
  const { ask } = await freshRegistry(t)
  const { id, guid } = await answered(ask, 200, 'POST', '/subjects/order/versions', proto(ORDER))
  const [serialized, ...others] = await Promise.all(
    ['/schemas/ids/1', '/subjects/order/versions/1', `/schemas/guids/${guid}`].map(async (path) => {
      const answer = await answered(ask, 200, 'GET', `${path}?format=serialized`)
      assert.equal(answer.guid, guid)
      return answer.schema as string
    }),
  )
  assert.deepEqual(others, [serialized, serialized])
  assert.match(Buffer.from(serialized as string, 'base64').toString('latin1'), /default.*shop.*Order.*proto3/s)
  const again = await answered(ask, 200, 'POST', '/subjects/order/versions', proto(serialized as string))
  assert.equal(again.id, id)
  assert.equal((await answered(ask, 200, 'GET', '/schemas/ids/1?format=unheard-of')).schema, ORDER_TEXT)
})

test('what is no schema is refused with its place', async (t) => {
  const { ask } = await freshRegistry(t)
  const refusal = await answered(ask, 422, 'POST', '/subjects/x/versions', proto('syntax = "proto3"; message X {'))
  assert.equal(refusal.error_code, 42201)
  assert.match(message(refusal), /line 1, column 31/)
})
