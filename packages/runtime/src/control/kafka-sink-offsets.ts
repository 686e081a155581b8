// Offsets of sinks' consumer groups, through the admin client.
import type { ConnectorProps, Logger, TopicPartitionOffset } from '@millrace/api'
import { Admin } from '@millrace/kafka'
import type { SinkOffsetAdmin } from './sink-offset-admin.ts'

const GROUP_ID_NOT_FOUND = 69

/** An admin client for one request. @throws ConfigException for settings that do not fit */
export function createSinkOffsetAdmin(props: ConnectorProps, log: Logger): SinkOffsetAdmin {
  const admin = Admin.create(props, { log })
  return {
    committed: (group) => admin.groupOffsets(group),
    alter: (group, offsets) => alter(admin, group, offsets),
    deleteGroup: async (group) => {
      const [outcome] = await admin.deleteGroups([group])
      if (outcome?.error != null && outcome.error.errorCode !== GROUP_ID_NOT_FOUND) throw outcome.error
    },
    close: () => admin.close(),
  }
}

async function alter(admin: Admin, group: string, offsets: readonly TopicPartitionOffset[]): Promise<void> {
  const wanted = offsets.flatMap(({ topic, partition, offset }) =>
    offset === null ? [] : [{ topic, partition, offset }],
  )
  const unwanted = offsets.filter((one) => one.offset === null)
  const outcomes = [
    ...(wanted.length === 0 ? [] : await admin.alterGroupOffsets(group, wanted)),
    ...(unwanted.length === 0 ? [] : await admin.deleteGroupOffsets(group, unwanted)),
  ]
  const failed = outcomes.find((one) => one.error !== null && one.error.errorCode !== GROUP_ID_NOT_FOUND)
  if (failed?.error != null) throw failed.error
}
