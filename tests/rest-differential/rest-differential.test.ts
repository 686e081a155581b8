// Answers of our workers against those recorded from the reference 4.3.1: only known differences are allowed.
import { startStandalone } from '@millrace/runtime'
import { restDifferential } from './suite.ts'

restDifferential('standalone', ({ workerProps, folder, ...rest }) =>
  startStandalone({
    workerProps: { ...workerProps, 'offset.storage.file.filename': folder.file('offsets') },
    logging: { format: 'json', levels: { 'org.apache': 'OFF' } },
    ...rest,
  }),
)
