// Writes growing offsets to a file without end and prints each one once it is durable. Made to be killed.
import { writeSync } from 'node:fs'
import { silentLogger } from '@millrace/api'
import { FileOffsetStore } from '../control/offset-store-file.ts'

const store = new FileOffsetStore(process.argv[2] as string, silentLogger)
await store.start()
const [last] = await store.read('c', [{ p: 0 }])
for (let at = Number(last?.at ?? 0) + 1; ; at++) {
  const changes = [0, 1, 2].map((p) => ({ partition: { p }, offset: { at, text: 'x'.repeat(at % 3000) } }))
  await store.write('c', changes)
  writeSync(1, `${at}\n`)
}
