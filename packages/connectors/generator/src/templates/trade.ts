// Trade, vehicles, payroll, games, logs: the other kinds of events.
import { dateBuilder, Schemas, timestampBuilder } from '@millrace/api'
import { FIRST_NAMES, LAST_NAMES } from './people.ts'
import { int32, struct, type Template } from './template.ts'

const { FLOAT64, INT32, INT64, STRING } = Schemas
const DAY_MS = 86_400_000

// Symbols that exchanges keep for tests.
const SYMBOLS = ['ZBZX', 'ZJZZT', 'ZTEST', 'ZVV', 'ZVZZT', 'ZWZZT', 'ZXZZT'] as const
const SIDES = ['BUY', 'SELL'] as const
const ACCOUNTS = ['ABC123', 'LMN456', 'XYZ789'] as const

export const stock_trades: Template = {
  schema: struct('ksql.StockTrade', {
    side: STRING,
    quantity: INT32,
    symbol: STRING,
    price: INT32,
    account: STRING,
    userid: STRING,
  }),
  keyField: 'symbol',
  make: (random) => ({
    side: random.pick(SIDES),
    quantity: random.int(1, 5_000),
    symbol: random.pick(SYMBOLS),
    price: random.int(5, 1_000),
    account: random.pick(ACCOUNTS),
    userid: `User_${random.int(1, 9)}`,
  }),
}

const PARTIES = ['REP', 'DEM', 'IND'] as const

export const campaign_finance: Template = {
  schema: struct('datagen.campaign_finance', {
    time: INT64,
    candidate_id: STRING,
    party_affiliation: STRING,
    contribution: INT32,
  }),
  keyField: 'candidate_id',
  make: (random) => ({
    time: random.long(1_587_715_775_521, 1_619_273_364_600),
    candidate_id: String.fromCharCode(65 + random.int(0, 25)) + random.int(10_000_000, 99_999_999),
    party_affiliation: random.pick(PARTIES),
    contribution: random.int(20, 3_500),
  }),
}

export const fleet_mgmt_description: Template = {
  schema: struct('fleet_mgmt.fleet_mgmt_description', {
    vehicle_id: INT32,
    driver_name: STRING,
    license_plate: STRING,
  }),
  keyField: 'vehicle_id',
  make: (random) => ({
    vehicle_id: random.int(1_000, 9_999),
    driver_name: `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`,
    license_plate: random.text('@@-####').toUpperCase(),
  }),
}

const LOCATION = struct('fleet_mgmt.location', { latitude: FLOAT64, longitude: FLOAT64 })

export const fleet_mgmt_location: Template = {
  schema: struct('fleet_mgmt.fleet_mgmt_location', {
    vehicle_id: INT32,
    location: LOCATION,
    ts: timestampBuilder().build(),
  }),
  keyField: 'vehicle_id',
  make: (random, index) => ({
    vehicle_id: random.int(1_000, 9_999),
    location: { latitude: random.double(37, 41, 6), longitude: random.double(-122, -117, 6) },
    ts: new Date(1_609_459_200_000 + (index % 2 ** 31) * 100),
  }),
}

export const fleet_mgmt_sensors: Template = {
  schema: struct('fleet_mgmt.fleet_mgmt_sensors', { vehicle_id: INT32, engine_temperature: INT32, average_rpm: INT32 }),
  keyField: 'vehicle_id',
  make: (random) => ({
    vehicle_id: random.int(1_000, 9_999),
    engine_temperature: random.int(150, 250),
    average_rpm: random.int(1_800, 5_000),
  }),
}

const date = dateBuilder().build()
const someDay = (days: number) => new Date(days * DAY_MS)

export const pizza_orders_completed: Template = {
  schema: struct('pizza_orders.pizza_orders_completed', {
    store_id: INT32,
    store_order_id: INT32,
    date,
    status: STRING,
    rack_time_secs: INT32,
    order_delivery_time_secs: INT32,
  }),
  keyField: 'store_id',
  make: (random, index) => ({
    store_id: random.int(1, 10),
    store_order_id: int32(1_000 + index * 2),
    date: someDay(random.int(18_000, 19_000)),
    status: 'completed',
    rack_time_secs: random.int(130, 230),
    order_delivery_time_secs: random.int(1_100, 2_000),
  }),
}

export const pizza_orders_cancelled: Template = {
  schema: struct('pizza_orders.pizza_orders_cancelled', {
    store_id: INT32,
    store_order_id: INT32,
    date,
    status: STRING,
  }),
  keyField: 'store_id',
  make: (random, index) => ({
    store_id: random.int(1, 10),
    store_order_id: int32(1_001 + index * 2),
    date: someDay(random.int(18_000, 19_000)),
    status: 'cancelled',
  }),
}

export const payroll_employee_location: Template = {
  schema: struct('payroll.payroll_employee_location', {
    employee_id: INT32,
    lab: STRING,
    department_id: INT32,
    arrival_date: date,
  }),
  keyField: 'employee_id',
  make: (random) => ({
    employee_id: random.int(1_000, 1_100),
    lab: `lab-${random.int(0, 9)}`,
    department_id: random.int(1, 10),
    arrival_date: someDay(random.int(18_000, 19_000)),
  }),
}

export const payroll_bonus: Template = {
  schema: struct('payroll.payroll_bonus', { employee_id: INT32, bonus: INT32, ts: timestampBuilder().build() }),
  keyField: 'employee_id',
  make: (random) => ({
    employee_id: random.int(1_000, 1_100),
    bonus: random.int(10, 50),
    ts: new Date(random.long(1_609_459_200_000, 1_640_995_199_000)),
  }),
}

const ROOMS = ['Arena', 'Classic', 'Survival'] as const
const SKILLS = ['Rookie', 'Skilled', 'Expert'] as const

export const gaming_games: Template = {
  schema: struct('gaming.gaming_games', { id: INT32, room_name: STRING, created_date: timestampBuilder().build() }),
  keyField: 'id',
  make: (random, index) => ({
    id: random.int(1_000, 5_000),
    room_name: `${random.pick(ROOMS)} -- ${random.pick(SKILLS)}`,
    created_date: new Date(1_609_459_200_000 + (index % 2 ** 26) * 100_000),
  }),
}

export const gaming_players: Template = {
  schema: struct('gaming.gaming_players', { player_id: INT32, player_name: STRING, ip: STRING }),
  keyField: 'player_id',
  make: (random) => {
    const player_id = random.int(1_001, 1_101)
    return {
      player_id,
      player_name: `${FIRST_NAMES[player_id % FIRST_NAMES.length]} ${LAST_NAMES[player_id % LAST_NAMES.length]}`,
      ip: `203.0.113.${player_id - 1_000}`,
    }
  },
}

export const gaming_player_activity: Template = {
  schema: struct('gaming.gaming_player_activity', {
    player_id: INT32,
    game_room_id: INT32,
    points: INT32,
    coordinates: STRING,
  }),
  keyField: 'player_id',
  make: (random) => ({
    player_id: random.int(1_001, 1_101),
    game_room_id: random.int(1_000, 5_000),
    points: random.int(10, 500),
    coordinates: random.text('[##,##]'),
  }),
}
