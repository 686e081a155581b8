// Names of the logical types: apart from their functions, so that validation needs no builder.

/** Names of the logical types, as they stand in a schema's `name`. */
export const LogicalName = {
  DECIMAL: 'org.apache.kafka.connect.data.Decimal',
  DATE: 'org.apache.kafka.connect.data.Date',
  TIME: 'org.apache.kafka.connect.data.Time',
  TIMESTAMP: 'org.apache.kafka.connect.data.Timestamp',
} as const
