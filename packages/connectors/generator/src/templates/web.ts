// A web site: users, page views, clicks, ratings.
import { SchemaBuilder, Schemas } from '@millrace/api'
import { CITIES, FIRST_NAMES, LAST_NAMES } from './people.ts'
import { int32, struct, type Template } from './template.ts'

const { INT32, INT64, STRING } = Schemas
const REGISTRATION = { from: 1_487_715_775_521, to: 1_519_273_364_600 }
const GENDERS = ['MALE', 'FEMALE', 'OTHER'] as const

export const users: Template = {
  schema: struct('ksql.users', { registertime: INT64, userid: STRING, regionid: STRING, gender: STRING }),
  keyField: 'userid',
  make: (random) => ({
    registertime: random.long(REGISTRATION.from, REGISTRATION.to),
    userid: `User_${random.int(1, 9)}`,
    regionid: `Region_${random.int(1, 9)}`,
    gender: random.pick(GENDERS),
  }),
}

const INTERESTS = ['Books', 'Games', 'Movies', 'Music', 'News', 'Sport', 'Travel'] as const

/** Users with an array and a map. */
export const users_: Template = {
  schema: struct('ksql.users', {
    registertime: INT64,
    userid: STRING,
    regionid: STRING,
    gender: STRING,
    interests: SchemaBuilder.array(STRING).build(),
    contactinfo: SchemaBuilder.map(STRING, STRING).build(),
  }),
  keyField: 'userid',
  make: (random) => ({
    registertime: random.long(REGISTRATION.from, REGISTRATION.to),
    userid: `User_${random.int(1, 9)}`,
    regionid: `Region_${random.int(1, 9)}`,
    gender: random.pick(GENDERS),
    interests: [random.pick(INTERESTS), random.pick(INTERESTS)],
    contactinfo: new Map([
      ['phone', random.text('555##-####')],
      ['city', random.pick(CITIES)],
      ['state', random.text('S#')],
      ['zipcode', random.text('#####')],
    ]),
  }),
}

export const pageviews: Template = {
  schema: struct('ksql.pageviews', { viewtime: INT64, userid: STRING, pageid: STRING }),
  keyField: 'viewtime',
  make: (random, index) => ({
    viewtime: 1 + index * 10,
    userid: `User_${random.int(1, 9)}`,
    pageid: `Page_${random.int(10, 99)}`,
  }),
}

const REQUESTS = [
  'GET /index.html HTTP/1.1',
  'GET /products/list.html HTTP/1.1',
  'GET /products/detail.html HTTP/1.1',
  'GET /account/login.html HTTP/1.1',
  'POST /cart HTTP/1.1',
  'GET /images/logo.png HTTP/1.1',
] as const
const STATUSES = ['200', '200', '200', '302', '404', '405', '406', '407'] as const
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0',
] as const
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

export const clickstream: Template = {
  schema: struct('clickstream.events', {
    ip: STRING,
    userid: INT32,
    remote_user: STRING,
    time: STRING,
    _time: INT64,
    request: STRING,
    status: STRING,
    bytes: STRING,
    referrer: STRING,
    agent: STRING,
  }),
  keyField: 'ip',
  make: (random, index) => {
    const _time = 1 + index * 10
    // A visitor keeps the same address: 40 of them, in the block that is reserved for documentation.
    const userid = random.int(-1, 38)
    return {
      ip: `198.51.100.${userid + 2}`,
      userid,
      remote_user: '-',
      time: logTime(_time),
      _time,
      request: random.pick(REQUESTS),
      status: random.pick(STATUSES),
      bytes: String(random.int(278, 14_096)),
      referrer: '-',
      agent: random.pick(AGENTS),
    }
  },
}

/** A time as web servers log it, in UTC. */
function logTime(ms: number): string {
  const at = new Date(ms)
  const two = (number: number) => String(number).padStart(2, '0')
  const day = `${two(at.getUTCDate())}/${MONTHS[at.getUTCMonth()]}/${at.getUTCFullYear()}`
  return `${day}:${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`
}

const CODES = [
  { code: 200, definition: 'OK' },
  { code: 302, definition: 'Found' },
  { code: 404, definition: 'Not Found' },
  { code: 405, definition: 'Method Not Allowed' },
  { code: 406, definition: 'Not Acceptable' },
  { code: 407, definition: 'Proxy Authentication Required' },
] as const

export const clickstream_codes: Template = {
  schema: struct('clickstream.codes', { code: INT32, definition: STRING }),
  keyField: 'code',
  make: (random) => ({ ...random.pick(CODES) }),
}

const LEVELS = ['Gold', 'Silver', 'Platinum'] as const

export const clickstream_users: Template = {
  schema: struct('clickstream.users', {
    user_id: INT32,
    username: STRING,
    registered_at: INT64,
    first_name: STRING,
    last_name: STRING,
    city: STRING,
    level: STRING,
  }),
  keyField: 'user_id',
  make: (random, index) => {
    const first_name = random.pick(FIRST_NAMES)
    return {
      user_id: int32(index + 1),
      username: `${first_name.toLowerCase()}_${random.int(10, 99)}`,
      registered_at: random.long(1_407_645_330_000, 1_502_339_792_000),
      first_name,
      last_name: random.pick(LAST_NAMES),
      city: random.pick(CITIES),
      level: random.pick(LEVELS),
    }
  },
}

const CHANNELS = ['web', 'ios', 'android'] as const
const MESSAGES = [
  'All on time, and the crew was kind.',
  'Two hours late and nobody told us why.',
  'Would fly with you again.',
  'The seat was fine, the coffee was not.',
  'Lost my bag for a day.',
  'Better than I had expected.',
  'Fast check-in, thank you!',
  'meh',
] as const

export const ratings: Template = {
  schema: struct('ksql.ratings', {
    rating_id: INT64,
    user_id: INT32,
    stars: INT32,
    route_id: INT32,
    rating_time: INT64,
    channel: STRING,
    message: STRING,
  }),
  keyField: 'rating_id',
  make: (random, index) => ({
    rating_id: index + 1,
    user_id: random.int(-1, 20),
    stars: random.int(1, 5),
    route_id: random.int(1, 9_999),
    rating_time: 1 + index * 12,
    channel: random.pick(CHANNELS),
    message: random.pick(MESSAGES),
  }),
}
