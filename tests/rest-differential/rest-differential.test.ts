// Answers of our workers against those recorded from the reference 4.3.1: only known differences are allowed.
import { startStandalone } from '@millrace/runtime'
import { startDistributed } from '@millrace/runtime/distributed'
import { restDifferential } from './suite.ts'

restDifferential('standalone', ({ workerProps, folder, ...rest }) =>
  startStandalone({
    workerProps: { ...workerProps, 'offset.storage.file.filename': folder.file('offsets') },
    logging: { format: 'json', levels: { 'org.apache': 'OFF' } },
    ...rest,
  }),
)

restDifferential('distributed', async ({ workerProps, folder: _, ...rest }) => {
  const worker = await startDistributed({
    workerProps: {
      ...workerProps,
      'group.id': 'connect-cluster',
      'config.storage.topic': 'connect-configs',
      'offset.storage.topic': 'connect-offsets',
      'status.storage.topic': 'connect-status',
      ...Object.fromEntries(['config', 'offset', 'status'].map((kind) => [`${kind}.storage.replication.factor`, '1'])),
    },
    logging: { format: 'json', levels: { 'org.apache': 'OFF' } },
    ...rest,
  })
  await worker.joined
  return worker
})
