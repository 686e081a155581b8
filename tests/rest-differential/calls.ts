// REST calls to be sent, in this order, to a standalone worker of the reference and to one of ours: what each answers is compared.
// Both workers need the file connectors, a broker, and the worker configuration that `README` of this folder's runner prints.

/** One call; `wait` polls until the answer to a GET contains a text, because work goes on after the answer to the call before. */
export interface Call {
  readonly name: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'
  readonly path: string
  /** Sent as JSON, or as it is when a string. */
  readonly body?: unknown
  readonly contentType?: string
  readonly wait?: string
  /** And does not contain this one. */
  readonly gone?: string
  /** Keep of the answer to a validation only what the values are and what is wrong: definitions are compared elsewhere. */
  readonly valuesOnly?: boolean
}

/** Folder with `in.txt`, where files of connectors are; topics are made by the broker on first use. */
export function calls(folder: string): readonly Call[] {
  const source = {
    'connector.class': 'FileStreamSource',
    'tasks.max': '1',
    file: `${folder}/in.txt`,
    topic: 'diff-topic',
  }
  const sink = {
    'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
    topics: 'diff-topic',
    file: `${folder}/out.txt`,
  }
  const get = (name: string, path: string, wait?: string): Call =>
    wait === undefined ? { name, method: 'GET', path } : { name, method: 'GET', path, wait }
  const send = (name: string, method: Call['method'], path: string, body?: unknown): Call => ({
    name,
    method,
    path,
    body,
  })
  return [
    get('root', '/'),
    get('health', '/health', 'healthy'),
    get('no connectors', '/connectors'),
    get('unknown path', '/nowhere'),
    send('wrong method', 'DELETE', '/connectors'),
    send('put on root', 'PUT', '/', {}),
    get('connector plugins', '/connector-plugins'),
    get('config of a connector plugin', '/connector-plugins/FileStreamSource/config'),
    get('config of a converter', '/connector-plugins/org.apache.kafka.connect.json.JsonConverter/config'),
    get('config of an unknown plugin', '/connector-plugins/Nothing/config'),
    send('validate a source', 'PUT', '/connector-plugins/FileStreamSource/config/validate', { name: 's', ...source }),
    send('validate with errors', 'PUT', '/connector-plugins/FileStreamSource/config/validate', {
      'connector.class': 'FileStreamSource',
      'tasks.max': '0',
      'errors.tolerance': 'some',
      'key.converter': 'NoSuchConverter',
      nothing: null,
      'batch.size': 'many',
    }),
    send('validate another class', 'PUT', '/connector-plugins/FileStreamSource/config/validate', {
      name: 's',
      ...sink,
    }),
    send('validate without class', 'PUT', '/connector-plugins/FileStreamSource/config/validate', { name: 's' }),
    send('validate a sink without topics', 'PUT', '/connector-plugins/FileStreamSink/config/validate', {
      'connector.class': 'FileStreamSink',
      name: 'k',
    }),
    send('validate a sink with both', 'PUT', '/connector-plugins/FileStreamSinkConnector/config/validate', {
      'connector.class': 'FileStreamSink',
      name: 'k',
      topics: 'a,dlq',
      'topics.regex': 'a.*',
      'errors.deadletterqueue.topic.name': 'dlq',
      'consumer.override.max.poll.records': '10',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    }),
    send('validate transformations', 'PUT', '/connector-plugins/FileStreamSource/config/validate', {
      name: 's',
      ...source,
      transforms: 'a,b',
      'transforms.b.type': 'NoSuchTransformation',
      'transforms.b.negate': 'true',
      predicates: 'p,p',
    }),
    send('create without body', 'POST', '/connectors'),
    send('create with malformed JSON', 'POST', '/connectors', '{"name": "x", '),
    send('create with a list', 'POST', '/connectors', []),
    send('create with an unknown property', 'POST', '/connectors', { name: 'x', config: {}, extra: 1 }),
    send('create with a nested value', 'POST', '/connectors', { name: 'x', config: { ...source, a: { b: 1 } } }),
    send('create with a bad initial state', 'POST', '/connectors', {
      name: 'x',
      config: source,
      initial_state: 'ASLEEP',
    }),
    send('create without config', 'POST', '/connectors', { name: 'x' }),
    send('create without class', 'POST', '/connectors', { name: 'x', config: { topic: 't' } }),
    send('create with an unknown class', 'POST', '/connectors', {
      name: 'x',
      config: { 'connector.class': 'FileStreamSorce' },
    }),
    send('create without name', 'POST', '/connectors', { config: source }),
    send('create with another name', 'POST', '/connectors', { name: 'x', config: { ...source, name: 'y' } }),
    send('create with errors', 'POST', '/connectors', {
      name: 'x',
      config: { 'connector.class': 'FileStreamSource', 'tasks.max': 'a' },
    }),
    { name: 'create as text', method: 'POST', path: '/connectors', body: '{}', contentType: 'text/plain' },
    send('create a source', 'POST', '/connectors', { name: 'src', config: { ...source, 'tasks.max': 1 } }),
    get('status of the source', '/connectors/src/status', '"id":0,"state":"RUNNING"'),
    get('tasks of the source', '/connectors/src/tasks', 'task.class'),
    get('status of its task', '/connectors/src/tasks/0/status', 'RUNNING'),
    get('status of a task it does not have', '/connectors/src/tasks/7/status'),
    get('status of no number', '/connectors/src/tasks/x/status'),
    get('connectors', '/connectors'),
    get('source', '/connectors/src'),
    get('config', '/connectors/src/config'),
    get('expand info', '/connectors?expand=info'),
    get('expand both', '/connectors?expand=info&expand=status', 'RUNNING'),
    get('expand unknown', '/connectors?expand=nothing'),
    send('create it again', 'POST', '/connectors', { name: 'src', config: source }),
    get('topics of the source', '/connectors/src/topics', 'diff-topic'),
    get('topics of an unknown connector', '/connectors/none/topics'),
    send('reset topics', 'PUT', '/connectors/src/topics/reset'),
    get('offsets of the source', '/connectors/src/offsets', 'position'),
    send('alter offsets while running', 'PATCH', '/connectors/src/offsets', {
      offsets: [{ partition: { filename: `${folder}/in.txt` }, offset: { position: 2 } }],
    }),
    send('patch the config', 'PATCH', '/connectors/src/config', { 'batch.size': '10', 'tasks.max': null }),
    get('config after the patch', '/connectors/src/config'),
    send('put the config', 'PUT', '/connectors/src/config', { ...source, 'batch.size': '20' }),
    send('put a config with another name', 'PUT', '/connectors/src/config', { ...source, name: 'other' }),
    send('put null', 'PUT', '/connectors/src/config', 'null'),
    send('patch an unknown connector', 'PATCH', '/connectors/none/config', { a: 'b' }),
    send('pause', 'PUT', '/connectors/src/pause'),
    get('status paused', '/connectors/src/tasks/0/status', 'PAUSED'),
    send('resume', 'PUT', '/connectors/src/resume'),
    get('status resumed', '/connectors/src/tasks/0/status', 'RUNNING'),
    send('pause an unknown connector', 'PUT', '/connectors/none/pause'),
    send('stop an unknown connector', 'PUT', '/connectors/none/stop'),
    send('restart the connector', 'POST', '/connectors/src/restart'),
    send('restart an unknown connector', 'POST', '/connectors/none/restart'),
    send('restart with tasks', 'POST', '/connectors/src/restart?includeTasks=true'),
    get('status after the restart', '/connectors/src/tasks/0/status', 'RUNNING'),
    send('restart failed only', 'POST', '/connectors/src/restart?includeTasks=true&onlyFailed=true'),
    send('restart an unknown connector with tasks', 'POST', '/connectors/none/restart?includeTasks=true'),
    send('restart with a bad flag', 'POST', '/connectors/src/restart?includeTasks=maybe'),
    send('restart a task', 'POST', '/connectors/src/tasks/0/restart'),
    send('restart an unknown task', 'POST', '/connectors/src/tasks/9/restart'),
    get('status after the restart of the task', '/connectors/src/tasks/0/status', 'RUNNING'),
    send('create a sink', 'POST', '/connectors', { name: 'snk', config: sink }),
    get('offsets of the sink', '/connectors/snk/offsets', 'kafka_offset'),
    get('topics of the sink', '/connectors/snk/topics', 'diff-topic'),
    send('stop the source', 'PUT', '/connectors/src/stop'),
    { ...get('status stopped', '/connectors/src/status', 'STOPPED'), gone: '"id":0' },
    get('tasks stopped', '/connectors/src/tasks'),
    send('stop the sink', 'PUT', '/connectors/snk/stop'),
    { ...get('status of the sink stopped', '/connectors/snk/status', 'STOPPED'), gone: '"id":0' },
    send('alter with nothing', 'PATCH', '/connectors/src/offsets', {}),
    send('alter with an empty list', 'PATCH', '/connectors/src/offsets', { offsets: [] }),
    send('alter an unknown connector', 'PATCH', '/connectors/none/offsets', {
      offsets: [{ partition: {}, offset: {} }],
    }),
    send('alter with a partition the connector does not know', 'PATCH', '/connectors/src/offsets', {
      offsets: [{ partition: { path: 'x' }, offset: { position: 1 } }],
    }),
    send('alter with a bad position', 'PATCH', '/connectors/src/offsets', {
      offsets: [{ partition: { filename: `${folder}/in.txt` }, offset: { position: 'x' } }],
    }),
    send('alter the source', 'PATCH', '/connectors/src/offsets', {
      offsets: [{ partition: { filename: `${folder}/in.txt` }, offset: { position: 4 } }],
    }),
    get('offsets altered', '/connectors/src/offsets', 'position'),
    send('reset the source', 'DELETE', '/connectors/src/offsets'),
    get('offsets reset', '/connectors/src/offsets'),
    send('alter the sink without partition', 'PATCH', '/connectors/snk/offsets', {
      offsets: [{ offset: { kafka_offset: 1 } }],
    }),
    send('alter the sink with a bad partition', 'PATCH', '/connectors/snk/offsets', {
      offsets: [{ partition: { kafka_topic: 'diff-topic', kafka_partition: 'x' }, offset: { kafka_offset: 1 } }],
    }),
    send('alter the sink with a bad offset', 'PATCH', '/connectors/snk/offsets', {
      offsets: [{ partition: { kafka_topic: 'diff-topic', kafka_partition: 0 }, offset: { position: 1 } }],
    }),
    send('alter the sink', 'PATCH', '/connectors/snk/offsets', {
      offsets: [{ partition: { kafka_topic: 'diff-topic', kafka_partition: '0' }, offset: { kafka_offset: 1 } }],
    }),
    get('offsets of the sink altered', '/connectors/snk/offsets', 'kafka_offset'),
    send('reset the sink', 'DELETE', '/connectors/snk/offsets'),
    get('offsets of the sink reset', '/connectors/snk/offsets'),
    send('create stopped', 'POST', '/connectors', { name: 'later', config: source, initial_state: 'stopped' }),
    get('status of the stopped one', '/connectors/later/status', 'STOPPED'),
    send('create paused', 'POST', '/connectors', { name: 'paused', config: source, initial_state: 'PAUSED' }),
    get('status of the paused one', '/connectors/paused/status', 'PAUSED'),
    send('put task configs', 'POST', '/connectors/src/tasks', []),
    send('fence', 'PUT', '/connectors/src/fence'),
    send('delete', 'DELETE', '/connectors/later'),
    send('delete again', 'DELETE', '/connectors/later'),
    get('deleted', '/connectors/later'),
    get('config of the deleted', '/connectors/later/config'),
    get('status of the deleted', '/connectors/later/status'),
    get('tasks of the deleted', '/connectors/later/tasks'),
    get('offsets of the deleted', '/connectors/later/offsets'),
    send('set a level', 'PUT', '/admin/loggers/org.apache.kafka.connect.file', { level: 'debug' }),
    get('its level', '/admin/loggers/org.apache.kafka.connect.file'),
    send('set no level', 'PUT', '/admin/loggers/org.apache.kafka.connect.file', {}),
    send('set a bad level', 'PUT', '/admin/loggers/org.apache.kafka.connect.file', { level: 'LOUD' }),
    send('set a level in the cluster', 'PUT', '/admin/loggers/org.apache.kafka.connect.file?scope=cluster', {
      level: 'INFO',
    }),
    get('an unknown logger', '/admin/loggers/no.such.logger'),
    get('the root logger', '/admin/loggers/root'),
    send('delete paused', 'DELETE', '/connectors/paused'),
    send('delete sink', 'DELETE', '/connectors/snk'),
    send('delete source', 'DELETE', '/connectors/src'),
    get('nothing left', '/connectors'),
  ]
}
